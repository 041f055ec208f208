// The toolbar: the actions of its buttons, and arrow keys in it.
import { inCode, isAddress, isMac, lines, replace, replaceLines } from "./editing.js";

/** Returns the actions of the buttons, by name. */
export const equip = (toolbar, field) => {
  const does = {
    bold: () => wrap(field, "**"),
    italic: () => wrap(field, "*"),
    strike: () => wrap(field, "~~"),
    heading: () => changeHeading(field),
    list: () => mark(field, /^(\s*)[-*+] (?!\[[ xX]\] )/, "- "),
    tasks: () => mark(field, /^(\s*)[-*+] \[[ xX]\] /, "- [ ] "),
    quote: () => mark(field, /^(\s*)> ?/, "> "),
    code: () => (selected(field).trim().includes("\n") ? fence(field) : wrap(field, "`")),
    link: () => link(field, toolbar.dataset.words),
    table: () => insertTable(field, toolbar.dataset.table),
    footnote: () => addFootnote(field),
  };
  const tools = [...toolbar.children];
  for (const tool of tools) {
    const { key } = tool.dataset;
    if (key) {
      tool.title += isMac ? ` (⌘${key})` : ` (Ctrl+${key})`;
      tool.setAttribute("aria-keyshortcuts", `${isMac ? "Meta" : "Control"}+${key}`);
    }
    tool.addEventListener("mousedown", (event) => event.preventDefault()); // keeps the selection in the text
    tool.addEventListener("click", () => does[tool.dataset.does]?.());
  }
  toolbar.addEventListener("keydown", (event) => {
    const at = tools.indexOf(event.target);
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    event.target.tabIndex = -1;
    const tool = tools.at(next % tools.length);
    tool.tabIndex = 0;
    tool.focus();
  });
  return does;
};

const selected = (field) => field.value.slice(field.selectionStart, field.selectionEnd);

// Adds or removes marks around the selected text.
const wrap = (field, marks) => {
  const { value } = field;
  let { selectionStart: start, selectionEnd: end } = field;
  const size = marks.length;
  while (start < end && /\s/.test(value[start])) start += 1;
  while (end > start && /\s/.test(value[end - 1])) end -= 1;
  // Exclude marks that are part of the selection.
  if (!value.slice(start + size, end - size).includes(marks)) {
    while (end - start > 2 && value[start] === marks[0] && value[end - 1] === marks[0]) [start, end] = [start + 1, end - 1];
  }
  const words = value.slice(start, end);
  const isMarked = (place, step) => {
    let run = 0;
    while (value[place + step * run] === marks[0]) run += 1;
    return marks === "*" ? run % 2 === 1 : run >= size; // two stars are bold, not italics
  };
  if (isMarked(start - 1, -1) && isMarked(end, 1)) return replace(field, start - size, end + size, words, 0, words.length);
  // Marks do not work across empty lines, so each paragraph gets its own.
  const made = words.split(/(\n\s*\n)/).map((part, number) => (number % 2 ? part : marks + part + marks)).join("");
  return replace(field, start, end, made, size, made.length - size);
};

// Cycles through ##, ### and no heading; # is the title.
const changeHeading = (field) => {
  const chosen = lines(field);
  replaceLines(field, chosen, chosen.list.map((line) => {
    const [, marks, words] = /^(#{0,6}) ?(.*)$/.exec(line);
    return ({ 0: "## ", 2: "### " }[marks.length] ?? "") + words;
  }));
};

// Adds a mark to each line, replacing other list marks, or removes it if each line has it.
const mark = (field, pattern, words) => {
  const chosen = lines(field);
  const isQuote = words === "> ";
  const isMeant = (line) => line.trim() || isQuote || chosen.list.length === 1;
  const isDone = chosen.list.filter(isMeant).every((line) => pattern.test(line));
  const old = isQuote ? /^()/ : /^(\s*)(?:(?:[-*+]|\d+[.)])\s+(?:\[[ xX]\]\s+)?)?/;
  replaceLines(field, chosen, chosen.list.map((line) => {
    if (isDone) return line.replace(pattern, "$1");
    return isMeant(line) && !pattern.test(line) ? line.replace(old, `$1${words}`) : line;
  }));
};

const fence = (field) => {
  const { start, end, list } = lines(field);
  const marks = "`".repeat(Math.max(3, ...list.map((line) => /^\s*(`*)/.exec(line)[1].length + 1)));
  replace(field, start, end, `${marks}\n${list.join("\n")}\n${marks}`, marks.length); // place of the language
};

const link = (field, placeholder) => {
  const words = selected(field);
  const target = isAddress(words) ? words : "https://";
  const shown = isAddress(words) || !words ? placeholder : words;
  const from = isAddress(words) ? 1 : shown.length + 3;
  replace(field, field.selectionStart, field.selectionEnd, `[${shown}](${target})`, from, from + (from > 1 ? target : shown).length);
};

const insertTable = (field, head) => {
  const { end, list } = lines(field);
  const above = list.join("").trim() ? "\n\n" : "";
  replace(field, end, end, `${above}${head}\n|---|---|\n|  |  |\n`, above.length + 2, above.length + head.indexOf(" |", 2));
};

const addFootnote = (field) => {
  const { value, selectionEnd: caret } = field;
  if (inCode(value, caret)) return;
  const numbers = [...value.matchAll(/\[\^(\d{1,6})\]/g)].map(([, number]) => Number(number));
  const name = `[^${Math.max(0, ...numbers) + 1}]`;
  replace(field, caret, caret, name);
  const kept = Math.max(field.value.trimEnd().length, caret + name.length);
  const gap = /^\[\^.+\]:/.test(value.trimEnd().split("\n").at(-1)) ? "\n" : "\n\n";
  replace(field, kept, field.value.length, `${gap}${name}: `);
};
