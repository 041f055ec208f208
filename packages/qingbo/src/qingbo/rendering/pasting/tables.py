"""Tables in the form of Markdown: all rows have the same width, and the first is the head."""

from collections.abc import Iterable, Iterator

from bs4.element import Tag

from qingbo.rendering.pasting.nodes import Node
from qingbo.rendering.pasting.writer import block, container

COLUMNS = 60
"""Maximum number of columns; the content of further cells is added to the last one."""

_ALIGNED = {"align-center": ":---:", "align-right": "---:"}


def rows_of(table: Node) -> list[list[Node]]:
    """Return the cells of each row, without those of nested tables."""
    groups = [table, *(child for child in table.elements if child.name == "tbody")]
    rows = (row for group in groups for row in group.elements if row.name == "tr")
    return [row.elements for row in rows]


def grid(rows: Iterable[list[Node]]) -> list[list[list[Node]]]:
    """Return the places of a table; those that a cell spans from the left or from above are empty."""
    places = [row for row in _spread(rows) if row]
    width = max(map(len, places), default=0)
    return [[*row, *([] for _ in range(width - len(row)))] for row in places]


def _spread(rows: Iterable[list[Node]]) -> Iterator[list[list[Node]]]:
    down = [0] * COLUMNS
    for cells in rows:
        row: list[list[Node]] = []
        for cell in cells:
            _fill(row, down)
            if len(row) >= COLUMNS:
                row[-1].append(cell)
                continue
            width = min(_span(cell, "colspan"), COLUMNS - len(row))
            down[len(row) : len(row) + width] = [_span(cell, "rowspan") - 1] * width
            row.extend([[cell], *([] for _ in range(width - 1))])
        _fill(row, down)
        yield row


def _fill(row: list[list[Node]], down: list[int]) -> None:
    while len(row) < COLUMNS and down[len(row)]:
        down[len(row)] -= 1
        row.append([])


def _span(cell: Node, name: str) -> int:
    value = cell.attributes.get(name, "")
    return max(1, int(value)) if value.isascii() and value.isdecimal() and len(value) < 6 else 1


def table(rows: list[list[str]], head: list[list[Node]]) -> Tag:
    """Return a table of written cells; `head` contains the original cells of its first row."""
    written = container("table", (container("tr", (block("td", cell) for cell in row)) for row in rows))
    names = ({name for cell in cells for name in cell.classes} for cells in head)
    rule = (next((_ALIGNED[name] for name in each if name in _ALIGNED), "---") for each in names)
    written["rule"] = " | ".join(rule)
    return written
