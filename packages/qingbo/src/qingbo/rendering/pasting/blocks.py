"""Sanitized clipboard HTML as blocks of Markdown: paragraphs, headings, lists, quotes, code and tables."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from bs4.element import Tag

from qingbo.rendering.pasting.code import code_of, language_of
from qingbo.rendering.pasting.lists import LISTS, Item, nested_lists
from qingbo.rendering.pasting.nodes import Node
from qingbo.rendering.pasting.reading_back import Lines, Place
from qingbo.rendering.pasting.runs import Run, on_one_line, paragraphs_of
from qingbo.rendering.pasting.tables import grid, rows_of, table
from qingbo.rendering.pasting.words import INLINE, Context, atom_run, runs_in, text_run
from qingbo.rendering.pasting.writer import Written, block, container, put

_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_NUMBER = re.compile(r"[(（]?(\d+|[A-Za-z]|[ivxlcIVXLC]+|[一二三四五六七八九十]+)[.)、．）]")
_LOOKS_LIKE_A_TASK = re.compile(r"\A\[[ xX]\](?=\s)")


def blocks_of(root: Node) -> list[Tag]:
    """Return the blocks of a text; their text is Markdown already."""
    return _Flow(Lines()).read_all(root, Context())


@dataclass(slots=True)
class _Flow:
    """The blocks read so far, and text and items that are not in a block yet."""

    lines: Lines
    is_item: bool = False
    task: str = ""
    """The Markdown of an item's checkbox."""

    blocks: list[Tag] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)

    def read_all(self, tag: Node, context: Context) -> list[Tag]:
        """Return the blocks of an element."""
        self._read(tag, context)
        return self._end()

    def _inside(self, tag: Node, context: Context, *, is_item: bool = False) -> list[Tag]:
        names = tag.classes
        task = "[x] " if "done" in names else "[ ] " if "todo" in names else ""
        return _Flow(self.lines, is_item, task).read_all(tag, context)

    def _read(self, tag: Node, context: Context) -> None:
        for child in tag.children:
            if not isinstance(child, Node):
                self.runs.append(text_run(child, context))
            else:
                self._read_element(child, context.inside(child))

    def _read_element(self, tag: Node, context: Context) -> None:
        if tag.name in {"br", "img"}:
            self.runs.append(atom_run(tag, context))
        elif tag.name not in INLINE:
            self._end_words()
            self._read_block(tag, tag.classes, context)
            self._end_words()
        elif (names := tag.classes) & {"done", "todo"}:
            self.task = "[x] " if "done" in names else "[ ] "
        elif "marker" not in names:
            self._read(tag, context)

    def _read_block(self, tag: Node, names: set[str], context: Context) -> None:
        if tag.name in LISTS:
            self.items.extend(self._items(tag, context))
        elif "item" in names:
            self.items.append(self._item_of_word(tag, context))
        elif tag.name == "li":
            self.items.append(Item(self._inside(tag, context, is_item=True)))
        elif tag.name == "hr":
            self._add(container("hr", []))
        else:
            self._reader(tag.name, names)(tag, context)

    def _reader(self, name: str, names: set[str]) -> Callable[[Node, Context], None]:
        if name in _HEADINGS or "title" in names:
            return self._read_heading
        if name == "blockquote" or "quote" in names:
            return self._read_quote
        return {"pre": self._read_code, "table": self._read_table}.get(name, self._read)

    def _read_quote(self, tag: Node, context: Context) -> None:
        if blocks := self._inside(tag, context):
            self._add(container("blockquote", blocks))

    def _read_heading(self, tag: Node, context: Context) -> None:
        runs = on_one_line(runs_in(tag, context))
        if all("b" in run.styles for run in runs if run.text.strip() and not run.is_atom):
            runs = _without_bold(runs, " ")
        if runs:
            name = tag.name if tag.name in _HEADINGS else "h1"
            self._add(block(name, self.lines.write(runs, Place.HEADING)))

    def _read_code(self, tag: Node, context: Context) -> None:
        code, is_line = code_of(tag), "lines" in tag.classes
        last = self.blocks[-1] if self.blocks and not self.items else None
        if is_line and last is not None and "lines" in last.attrs:
            put(last, Written(f"\n{code}"))
        elif code.strip():
            written = block("pre", code)
            written["language"] = language_of(tag)
            if is_line:
                written["lines"] = ""
            self._add(written)

    def _read_table(self, tag: Node, context: Context) -> None:
        for caption in (child for child in tag.elements if child.name == "caption"):
            self._read(caption, context.inside(caption))
            self._end_words()
        rows = rows_of(tag)
        cells = [cell for row in rows for cell in row]
        if any("code-line" in cell.classes for cell in cells):
            self._add(block("pre", "\n".join(map(code_of, cells))))
        elif len(cells) == 1 or (len(rows) == 1 and any(each.name == "pre" for each in tag.descendants())):
            for cell in cells:  # a table used as a frame around text
                self._read(cell, context.inside(cell))
                self._end_words()
        elif places := grid(rows):
            written = [
                [self._cell(cells, context, is_head=not number) for cells in row] for number, row in enumerate(places)
            ]
            if any(map(any, written)):
                self._add(table(written, places[0]))

    def _cell(self, cells: list[Node], context: Context, *, is_head: bool) -> str:
        runs = [run for cell in cells for run in (*runs_in(cell, context.inside(cell)), Run("\n"))]
        line = _without_bold(runs, "\n") if is_head else on_one_line(runs, "\n")
        return self.lines.write(line, Place.CELL) if line else ""

    def _items(self, tag: Node, context: Context) -> Iterator[Item]:
        level, number = _level(tag.classes), _whole(tag.attributes.get("start", "1"))
        last: Item | None = None
        for child in tag.elements:
            if child.name in LISTS and last is not None:  # a list directly inside a list, not in an item
                if inner := list(self._items(child, context.inside(child))):
                    last.blocks.extend(nested_lists(inner))
            elif blocks := self._inside(child, context.inside(child), is_item=True):
                last = Item(blocks, tag.name == "ol", level, number)
                yield last
                number += 1

    def _item_of_word(self, tag: Node, context: Context) -> Item:
        names = tag.classes
        marker = next((each for each in tag.descendants() if "marker" in each.classes), None)
        numbered = _NUMBER.match("".join(marker.text().split())) if marker else None
        name = next((name for name in names if name.startswith("list-")), "")
        number = _whole(numbered[1]) if numbered else 0
        return Item(self._inside(tag, context, is_item=True), numbered is not None, _level(names), number, name)

    def _add(self, written: Tag) -> None:
        self._end_items()
        self.blocks.append(written)

    def _end_words(self) -> None:
        runs, self.runs = self.runs, []
        for line in paragraphs_of(runs):
            text = self.lines.write(line, Place.PARAGRAPH)
            if self.is_item and not self.blocks:
                text = self.task + text if self.task else _LOOKS_LIKE_A_TASK.sub(r"\\\g<0>", text)
            self._add(block("p", text))

    def _end_items(self) -> None:
        items, self.items = [item for item in self.items if item.blocks], []
        if items:
            self.blocks.extend(nested_lists(items))

    def _end(self) -> list[Tag]:
        self._end_words()
        self._end_items()
        return self.blocks


def _without_bold(runs: list[Run], between: str) -> list[Run]:
    return on_one_line((run._replace(styles=run.styles - {"b"}) for run in runs), between)


def _level(names: set[str]) -> int:
    return next((int(name[6:]) for name in names if re.fullmatch(r"level-\d", name)), 0)


def _whole(number: str) -> int:
    return int(number) if number.isascii() and number.isdecimal() and len(number) < 9 else 0
