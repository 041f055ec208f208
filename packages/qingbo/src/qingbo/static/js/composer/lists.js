// Lists and quotes: new items, indenting and outdenting.
import { inCode, lines, replace, replaceLines } from "./editing.js";

// Prefix (spaces and quote marks), list mark, spaces, checkbox, and text of an item.
const ITEM = /^((?:[ \t]*> ?)*[ \t]*)([-*+]|\d{1,9}[.)])([ \t]+)(\[[ xX]\][ \t]+)?(.*)$/;
const QUOTE = /^((?:[ \t]*> ?)+)()()()(.*)$/;

const parse = (line, pattern = ITEM) => {
  const [, before, mark, space, box = "", words] = pattern.exec(line) ?? [];
  if (before === undefined) return null;
  const indent = before.replace(/.*> ?/, "").replaceAll("\t", "    ").length;
  return { before, mark, space, box, words, indent, inner: indent + mark.length + space.length };
};

/** Continues the list or quote at the caret, or ends it at an empty item. Returns whether it did. */
export const continueList = (field) => {
  const { value, selectionStart: caret, selectionEnd } = field;
  const { start, end, list: [line] } = lines(field);
  const item = parse(line) ?? parse(line, QUOTE);
  if (!item || caret !== selectionEnd || inCode(value, start)) return false;
  if (caret - start < line.length - item.words.length) return false;
  const { before, mark, space, box, words } = item;
  if (words.trim()) {
    const next = /\d/.test(mark) ? parseInt(mark, 10) + 1 + mark.at(-1) : mark;
    replace(field, caret, caret, `\n${before}${next}${space}${box && "[ ] "}`);
  } else if (mark && item.indent) {
    shift(field, -1);
  } else {
    replace(field, start, end, mark && before.trim() ? before : "");
  }
  return true;
};

/** Indents (1) or outdents (-1) the selected items. Returns whether the selection begins in a list. */
export const shift = (field, way) => {
  const chosen = lines(field);
  const first = parse(chosen.list[0]);
  if (!first || inCode(field.value, chosen.start)) return false;
  const above = chosen.start ? field.value.slice(0, chosen.start - 1).split("\n").reverse() : [];
  const by = indentBelow(above, first.indent, way) - first.indent;
  if (by) replaceLines(field, chosen, chosen.list.map((line, number) => moved(line, by, way > 0 && number === 0)));
  return true;
};

const moved = (line, by, isFirst) => {
  const [, marks, space, words] = /^((?:[ \t]*> ?)*)([ \t]*)(.*)$/.exec(line);
  const width = Math.max(0, space.replaceAll("\t", "    ").length + by);
  // A new sublist is numbered from 1.
  return words ? marks + " ".repeat(width) + (isFirst ? words.replace(/^\d+([.)])/, "1$1") : words) : line;
};

// A sublist is aligned with the text of the item above.
const indentBelow = (above, indent, way) => {
  for (const line of above) {
    const item = parse(line);
    if (!item && /^\S/.test(line)) break;
    if (item && way > 0 && item.indent <= indent) return item.indent < indent ? indent : item.inner;
    if (item && way < 0 && item.indent < indent) return item.indent;
  }
  return way < 0 ? 0 : indent;
};
