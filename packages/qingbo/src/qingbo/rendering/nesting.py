"""Corrects the nesting of authors' tags: all are closed, none overlap, and they are not nested too deeply.

The sanitizer's HTML parser would repair errors itself, but in quadratic time, and it moves text. So it gets only
correct HTML.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from qingbo.rendering.elements import VOID
from qingbo.rendering.raw_html import CLOSE, END, OPEN

DEEPEST = 60
"""Maximum nesting of elements."""

_EVENT = re.compile(
    rf"{OPEN}(?P<raw_end>/?)(?P<raw>[a-z0-9]+)(?P<raw_rest>[^{CLOSE}]*){CLOSE}"
    rf"|<(?P<end>/?)(?!span\b|code\b)(?P<name>[a-z0-9]+)(?P<rest>[^>]*)>|{END}"
)
CLOSES_PARAGRAPH = {
    *("blockquote", "dd", "details", "div", "dl", "dt", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6"),
    *("hr", "li", "ol", "p", "pre", "section", "summary", "table", "ul"),
}
_ROWS = {"tr", "td", "th"}
_GROUPS = {"thead", "tbody", "tfoot", "caption", "colgroup"}
CLOSED_BY = {
    "li": {"li"},
    "dt": {"dt", "dd"},
    "dd": {"dt", "dd"},
    "p": {"p"},
    "td": {"td", "th"},
    "th": {"td", "th"},
    "tr": _ROWS,
    "rt": {"rt", "rp"},
    "rp": {"rt", "rp"},
} | dict.fromkeys(_GROUPS, _ROWS | _GROUPS)
"""What an opening tag closes, because people leave out the closing tags of these elements."""

_PARENTS = {
    "tr": {"table", "thead", "tbody", "tfoot"},
    "td": {"tr"},
    "th": {"tr"},
    "col": {"colgroup", "table"},
} | {group: {"table"} for group in _GROUPS}
_HOLDS_NO_TEXT = {"table", "thead", "tbody", "tfoot", "tr", "colgroup"}


@dataclass(slots=True, eq=False)
class _Element:
    name: str
    is_raw: bool
    has_end: bool = True
    """Whether its closing tag follows in the same container."""
    is_shown: bool = True
    is_open: bool = True


def nested(html: str) -> tuple[str, bool]:
    """Return HTML with correct nesting, and whether some tags are shown as text because they are nested too deeply."""
    if OPEN not in html:
        return html, False
    events = list(_EVENT.finditer(html))
    nester = _Nester(_with_ends(events))
    done = 0
    for number, event in enumerate(events):
        nester.take_text(html[done : event.start()])
        nester.take(number, event)
        done = event.end()
    nester.take_text(html[done:])
    nester.close_down_to(0)
    return "".join(nester.out), nester.is_cut


def _with_ends(events: Iterable[re.Match[str]]) -> set[int]:
    """Return the numbers of the opening tags whose closing tags follow in the same container."""
    ended: set[int] = set()
    open_: list[tuple[str, int]] = []
    containers = [0]
    for number, event in enumerate(events):
        if event["raw"] is not None:
            if event["raw"] not in VOID:
                _pair(event, number, open_, containers[-1], ended)
        elif event["end"]:
            del open_[containers.pop() :]
        elif event["name"] is not None and event["name"] not in VOID:
            containers.append(len(open_))
    return ended


def _pair(event: re.Match[str], number: int, open_: list[tuple[str, int]], floor: int, ended: set[int]) -> None:
    """Record an opening tag, or find the one that a closing tag closes."""
    name = event["raw"]
    if not event["raw_end"]:
        while len(open_) > floor and open_[-1][0] in CLOSED_BY.get(name, ()):
            open_.pop()
        open_.append((name, number))
        return
    for place in range(len(open_) - 1, max(floor, len(open_) - DEEPEST) - 1, -1):
        if open_[place][0] == name:
            ended.add(open_[place][1])
            del open_[place:]
            return


class _Nester:
    """Writes the HTML, and keeps track of the open elements."""

    def __init__(self, ended: set[int]) -> None:
        self.out: list[str] = []
        self.is_cut = False
        self._ended = ended
        self._open: list[_Element] = []
        self._containers: list[_Element] = []
        """Elements from Markdown whose end has not come yet, whether they are still open or not."""

    def take_text(self, text: str) -> None:
        if text and self._open and self._open[-1].is_raw and self._open[-1].name in _HOLDS_NO_TEXT and text.strip():
            self._leave_table()
        self.out.append(text)

    def take(self, number: int, event: re.Match[str]) -> None:
        if (name := event["name"]) is not None:
            self._close_container() if event["end"] else self._open_ours(name, event)
        elif (name := event["raw"]) is None:
            while self._open and self._open[-1].is_raw and not self._open[-1].has_end:
                self.close_down_to(len(self._open) - 1)
        elif event["raw_end"]:
            self._close_raw(name)
        else:
            self._open_raw(name, event["raw_rest"], number in self._ended)

    def close_down_to(self, count: int) -> None:
        while len(self._open) > count:
            element = self._open.pop()
            element.is_open = False
            if element.is_shown:
                self.out.append(f"</{element.name}>")

    def _open_ours(self, name: str, event: re.Match[str]) -> None:
        if self._open and self._open[-1].is_raw:
            self._make_room(name)
        if name in VOID:
            self.out.append(event[0])
            return
        element = _Element(name, is_raw=False, is_shown=self._may_open(name))
        self._containers.append(element)
        self._push(element, event["rest"])

    def _close_container(self) -> None:
        element = self._containers.pop()
        if element.is_open:
            self.close_down_to(self._open.index(element))

    def _open_raw(self, name: str, rest: str, has_end: bool) -> None:
        self._make_room(name)
        if name in _PARENTS and not self._is_in(_PARENTS[name]):
            if name not in {"td", "th"} or not self._is_in(_PARENTS["tr"]) or not self._may_open("tr"):
                return
            self._push(_Element("tr", is_raw=True, has_end=has_end), "")
        if name in VOID:
            self.out.append(f"<{name}{rest}>")
        elif self._may_open(name):
            self._push(_Element(name, is_raw=True, has_end=has_end), rest)
        elif name != "a":
            self.out.append(f"&lt;{name}&gt;")

    def _close_raw(self, name: str) -> None:
        for place in range(len(self._open) - 1, -1, -1):
            element = self._open[place]
            if not element.is_raw:
                return
            if element.name == name:
                self.close_down_to(place)
                return

    def _push(self, element: _Element, rest: str) -> None:
        self._open.append(element)
        if element.is_shown:
            self.out.append(f"<{element.name}{rest}>")

    def _may_open(self, name: str) -> bool:
        if name == "a":
            return not any(element.name == "a" and element.is_shown for element in self._open)
        if len(self._open) < DEEPEST:
            return True
        self.is_cut = True
        return False

    def _is_in(self, names: set[str]) -> bool:
        return bool(self._open) and self._open[-1].is_raw and self._open[-1].name in names

    def _make_room(self, name: str) -> None:
        """Close the elements that an opening tag closes."""
        while self._open and self._open[-1].is_raw and self._open[-1].name in CLOSED_BY.get(name, ()):
            self.close_down_to(len(self._open) - 1)
        if self._is_in(_HOLDS_NO_TEXT) and name not in _PARENTS:
            self._leave_table()
        if name in CLOSES_PARAGRAPH:
            self._close_paragraph()

    def _close_paragraph(self) -> None:
        for place in range(len(self._open) - 1, -1, -1):
            element = self._open[place]
            if element.name == "p":
                self.close_down_to(place)
                return
            if not element.is_raw and element.name in CLOSES_PARAGRAPH | {"td", "th"}:
                return
            if element.is_raw and element.name in CLOSES_PARAGRAPH | {"td", "th", "caption"}:
                return

    def _leave_table(self) -> None:
        while self._is_in(_HOLDS_NO_TEXT):
            self.close_down_to(len(self._open) - 1)
