// Changes to the text that the browser can undo.

/** Replaces what is between two places; selects from and to offsets in the new words. */
export const replace = (field, start, end, words, from = words.length, to = from) => {
  field.focus({ preventScroll: true });
  field.setSelectionRange(start, end);
  // setRangeText empties the list of what can be undone.
  if (!document.execCommand(words ? "insertText" : "delete", false, words) && (words || start < end)) {
    field.setRangeText(words);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  field.setSelectionRange(start + from, start + to);
};

/** The lines that the selection touches. */
export const lines = ({ value, selectionStart, selectionEnd }) => {
  const start = value.lastIndexOf("\n", selectionStart - 1) + 1;
  const last = selectionEnd > selectionStart && value[selectionEnd - 1] === "\n" ? selectionEnd - 1 : selectionEnd;
  const end = value.indexOf("\n", last) < 0 ? value.length : value.indexOf("\n", last);
  return { start, end, list: value.slice(start, end).split("\n") };
};

/** Replaces them. What was selected stays so. */
export const replaceLines = (field, { start, end, list }, made) => {
  const words = made.join("\n");
  const from = Math.max(0, field.selectionStart - start + made[0].length - list[0].length);
  const to = Math.max(from, field.selectionEnd - end + words.length);
  replace(field, start, end, words, from, to);
};

/** Says if a place is in a block of code between fences. */
export const inCode = (value, place) => {
  let fence = "";
  for (const [, marks] of value.slice(0, value.lastIndexOf("\n", place - 1) + 1).matchAll(/^ {0,3}(`{3,}|~{3,})/gm)) {
    if (!fence) fence = marks;
    else if (marks.startsWith(fence)) fence = "";
  }
  return fence !== "";
};

export const isAddress = (words) => /^https?:\/\/[^\s<>]+$/i.test(words);
export const isMac = /Mac|iP(hone|ad)/.test(navigator.platform);
