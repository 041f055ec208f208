"""What a reader sees of a piece of HTML, as a list of values: two pieces with equal lists read alike.

White space and invisible characters do not count, except in code blocks. Emphasis, links, lists, quotes, tables,
headings and pictures do. A link whose text is its address equals that text, because the renderer makes such links.
"""

import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote

from qingbo.imports.html.cleaning import VOID
from qingbo.rendering.elements import ANCHOR

_INVISIBLE = re.compile("[\\s\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]+")
_SAME = {"strong": "b", "em": "i", "del": "s", "th": "td"}
_STYLES = {"abbr", "b", "cite", "code", "dfn", "i", "ins", "kbd", "mark", "q", "rp", "rt", "ruby", "s", "samp",
           "small", "sub", "sup", "time", "u", "var"}  # fmt: skip
_PLACES = {"blockquote", "caption", "dd", "details", "dl", "dt", "figcaption", "h1", "h2", "h3", "h4", "h5", "h6", "li",
           "ol", "pre", "summary", "td", "ul"}  # fmt: skip
_ENDING = {"div", "figure", "p", "section", "table", "tbody", "tfoot", "thead", "tr"} | _PLACES
"""Elements at whose borders a line ends."""
_BREAK = ("break",)
_SCHEME = re.compile(r"^(?:https?://|mailto:)", re.IGNORECASE)


def reading_of(html: str, *, with_ids: bool = False) -> list[Any]:
    """Return what a reader sees.

    Args:
        html: well formed.
        with_ids: whether the targets of links within the text count, too.
    """
    reader = _Reader(with_ids)
    reader.feed(html)
    reader.close()
    return reader.finished()


class _Reader(HTMLParser):
    """The values so far, and the open elements."""

    def __init__(self, with_ids: bool) -> None:
        super().__init__(convert_charrefs=True)
        self._with_ids = with_ids
        self._seen: list[Any] = []
        self._open: list[tuple[str, str]] = []
        self._counts: dict[str, int] = {}
        self._text: list[str] = []
        self._context: Any = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note where an element begins."""
        name, values = _SAME.get(tag, tag), {key: value or "" for key, value in attrs}
        if self._with_ids and values.get("id"):
            self._add(("id", values["id"].removeprefix(ANCHOR)))
        if name in _ENDING:
            self._add(_BREAK)
        if name in {"br", "hr", "img", "source", "audio", "video"}:
            self._add(_atom(name, values))
        elif name == "iframe":
            self.handle_data(values.get("src", ""))
        if values.get("colspan", "1") != "1" or values.get("rowspan", "1") != "1":
            self._add(("span", values.get("colspan"), values.get("rowspan")))
        if name not in VOID:
            self._open.append((name, self._detail(name, values)))

    def _detail(self, name: str, values: dict[str, str]) -> str:
        if name in {"li", "td"}:
            self._counts[name] = self._counts.get(name, 0) + 1
            return str(self._counts[name])
        if name == "ol":
            return values.get("start", "1")
        if name == "a":
            return "" if values.get("class") == "anchor" else values.get("href", "").replace(f"#{ANCHOR}", "#", 1)
        return values.get("title", "") if name == "abbr" else ""

    def handle_endtag(self, tag: str) -> None:
        """Note where an element ends."""
        name = _SAME.get(tag, tag)
        if any(each == name for each, _ in self._open):
            while self._open.pop()[0] != name:
                pass
        if name in _ENDING:
            self._add(_BREAK)

    def handle_data(self, data: str) -> None:
        """Note text."""
        is_code = any(name == "pre" for name, _ in self._open)
        text = data if is_code else _INVISIBLE.sub("", data)
        if not text:
            return
        context = self._context_now(is_code=is_code)
        if context != self._context:
            self._end_text()
            self._context = context
        self._text.append(text)

    def _context_now(self, *, is_code: bool) -> Any:
        places = tuple((name, detail) for name, detail in self._open if name in _PLACES)
        if is_code:
            return places, frozenset(), ""
        styles = frozenset(each for each in self._open if each[0] in _STYLES)
        href = next((detail for name, detail in reversed(self._open) if name == "a"), "")
        return places, styles, unquote(href)

    def _end_text(self) -> None:
        if self._text:
            places, styles, href = self._context
            text = "".join(self._text)
            if any(name == "pre" for name, _ in places):
                text = text.strip("\n")
            if _bare(unquote(text)) == _bare(href):
                href = ""
            last = self._seen[-1] if self._seen else None
            if isinstance(last, list) and last[0] == (places, styles, href):
                last[1] += text
            elif text:
                self._seen.append([(places, styles, href), text])
            self._text = []
        self._context = None

    def _add(self, value: Any) -> None:
        self._end_text()
        last = self._seen[-1] if self._seen else _BREAK
        if value == ("br",):
            if last == ("br",):  # an empty line separates paragraphs
                self._seen[-1] = _BREAK
            elif last != _BREAK:
                self._seen.append(value)
        elif value == _BREAK:
            if last == ("br",):
                self._seen[-1] = value
            elif last != _BREAK:
                self._seen.append(value)
        else:
            self._seen.append(value)

    def finished(self) -> list[Any]:
        """Return the values."""
        self._add(_BREAK)
        return self._seen


def _atom(name: str, values: dict[str, str]) -> tuple[str, ...]:
    if name in {"br", "hr"}:
        return (name,)
    return (name, unquote(values.get("src", "")), _INVISIBLE.sub("", values.get("alt", "")))


def _bare(address: str) -> str:
    return _SCHEME.sub("", address).rstrip("/")
