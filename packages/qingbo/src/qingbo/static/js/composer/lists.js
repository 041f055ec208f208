// Lists and quotes: the next item, one level deeper, one level back.
import { inCode, lines, replace, replaceLines } from "./editing.js";

// What stands before an item (spaces, marks of quotes), its mark, the space behind it, a box, its words.
const ITEM = /^((?:[ \t]*> ?)*[ \t]*)([-*+]|\d{1,9}[.)])([ \t]+)(\[[ xX]\][ \t]+)?(.*)$/;
const QUOTE = /^((?:[ \t]*> ?)+)()()()(.*)$/;

const parse = (line, pattern = ITEM) => {
  const [, before, mark, space, box = "", words] = pattern.exec(line) ?? [];
  if (before === undefined) return null;
  const indent = before.replace(/.*> ?/, "").replaceAll("\t", "    ").length;
  return { before, mark, space, box, words, indent, inner: indent + mark.length + space.length };
};

/** Continues the list or quote at the caret, or ends it at an item without words. Says if it did. */
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

/** Moves the items that are selected one level deeper (1) or back (-1). Says if the selection begins in a list. */
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
  // A list in a list counts from one.
  return words ? marks + " ".repeat(width) + (isFirst ? words.replace(/^\d+([.)])/, "1$1") : words) : line;
};

// A list in a list begins below the words of the item above it.
const indentBelow = (above, indent, way) => {
  for (const line of above) {
    const item = parse(line);
    if (!item && /^\S/.test(line)) break;
    if (item && way > 0 && item.indent <= indent) return item.indent < indent ? indent : item.inner;
    if (item && way < 0 && item.indent < indent) return item.indent;
  }
  return way < 0 ? 0 : indent;
};
