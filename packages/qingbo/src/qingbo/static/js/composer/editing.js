// Text changes that the browser can undo.

/** Replaces the text between two positions, and selects offsets in the new text. */
export const replace = (field, start, end, words, from = words.length, to = from) => {
  field.focus({ preventScroll: true });
  field.setSelectionRange(start, end);
  // setRangeText would clear the undo history.
  if (!document.execCommand(words ? "insertText" : "delete", false, words) && (words || start < end)) {
    field.setRangeText(words);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  field.setSelectionRange(start + from, start + to);
};

/** Returns the lines that the selection touches. */
export const lines = ({ value, selectionStart, selectionEnd }) => {
  const start = value.lastIndexOf("\n", selectionStart - 1) + 1;
  const last = selectionEnd > selectionStart && value[selectionEnd - 1] === "\n" ? selectionEnd - 1 : selectionEnd;
  const end = value.indexOf("\n", last) < 0 ? value.length : value.indexOf("\n", last);
  return { start, end, list: value.slice(start, end).split("\n") };
};

/** Replaces these lines and keeps the selection. */
export const replaceLines = (field, { start, end, list }, made) => {
  const words = made.join("\n");
  const from = Math.max(0, field.selectionStart - start + made[0].length - list[0].length);
  const to = Math.max(from, field.selectionEnd - end + words.length);
  replace(field, start, end, words, from, to);
};

/** Returns whether a position is in a fenced code block. */
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
