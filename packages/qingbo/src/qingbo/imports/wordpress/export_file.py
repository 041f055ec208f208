"""Reads WordPress's export file (WXR, versions 1.0 to 1.2) in a stream. Pure functions.

The file is untrusted: declarations of entities or a DTD are refused, and one item at a time is in memory.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from qingbo.imports.bad_file import BadFile

RECORDS = {"item", "wp:author", "wp:category", "wp:tag", "wp:term"}
"""Elements in a channel that are read as a whole."""
FACTS = {"title", "link", "wp:wxr_version", "wp:base_site_url", "wp:base_blog_url"}
LONGEST_RECORD = 20_000_000
"""Maximum characters of an item, with its comments."""
DEEPEST = 12
CHUNK = 1 << 16

_NAMESPACES = (
    (re.compile(r"https?://wordpress\.org/export/[\d.]+/?"), "wp:"),
    (re.compile(r"https?://wordpress\.org/export/[\d.]+/excerpt/?"), "excerpt:"),
    (re.compile(r"https?://purl\.org/rss/1\.0/modules/content/?"), "content:"),
    (re.compile(r"https?://purl\.org/dc/elements/1\.1/?"), "dc:"),
)
# Characters that XML 1.0 §2.2 forbids, and that WordPress writes if a text contains them.
_CONTROLS = bytes(code for code in range(32) if code not in b"\t\n\r")
_WIDE = (b"\xff\xfe", b"\xfe\xff")
"""The byte order marks of UTF-16, in which these bytes may be parts of other characters."""


@dataclass(slots=True)
class Element:
    """An element of the file."""

    name: str
    """With the usual prefix of its namespace, such as ``wp:post_id``."""
    line: int
    attributes: dict[str, str] = field(default_factory=dict)
    text: str = ""
    children: list["Element"] = field(default_factory=list)

    def value(self, name: str) -> str:
        """Return the text of the first child with a name, without white space around it; empty if there is none."""
        return next((child.text for child in self.children if child.name == name), "").strip()

    def all(self, name: str) -> Iterator["Element"]:
        """Yield the children with a name."""
        return (child for child in self.children if child.name == name)


def records(path: Path) -> Iterator[Element]:
    """Yield the facts about the blog, its authors, terms and items, in the order of the file.

    Raises:
        BadFile: if it is not a whole and valid export file; earlier records have been yielded by then.
        OSError: if it cannot be read.
    """
    builder = _Builder()
    parser: Any = DefusedXMLParser(target=builder, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    builder.expat = parser.parser
    with path.open("rb") as file:
        head = file.read(CHUNK)
        is_wide = head.startswith(_WIDE)
        chunk = head
        while chunk:
            _feed(parser, chunk if is_wide else chunk.translate(None, _CONTROLS), builder)
            yield from builder.taken()
            chunk = file.read(CHUNK)
    _feed(parser, None, builder)
    yield from builder.taken()
    if not builder.is_export:
        raise BadFile(
            "this is not a WordPress export: it has no <wp:wxr_version>", 1, "make one in WordPress: Tools, Export"
        )


def _feed(parser: Any, chunk: bytes | None, builder: "_Builder") -> None:
    """Parse the next bytes; None is the end of the file."""
    try:
        if chunk is None:
            parser.close()
        else:
            parser.feed(chunk)
    except ParseError as error:
        line, column = error.position
        reason = str(error).partition(":")[0]
        raise BadFile(
            f"the XML is broken at column {column + 1}: {reason}", line, "export it again; it may be cut off"
        ) from None
    except DefusedXmlException:
        raise BadFile(
            "it declares a DTD or entities, which no WordPress export does", builder.line, "export it again"
        ) from None


class _Builder:
    """Receives what the parser finds, and builds one record at a time."""

    def __init__(self) -> None:
        self.expat: Any = None
        self.is_export = False
        self._depth = 0
        self._in_channel = False
        self._open: list[Element] = []
        self._done: list[Element] = []
        self._pieces: list[str] = []
        self._size = 0

    @property
    def line(self) -> int:
        """The current line in the file."""
        return int(self.expat.CurrentLineNumber)

    def taken(self) -> list[Element]:
        """Return the records that have become complete."""
        done, self._done = self._done, []
        return done

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Note where an element begins."""
        self._depth += 1
        name = _short(tag)
        if self._depth == 2:
            self._in_channel = name == "channel"
        if self._open or (self._depth == 3 and self._in_channel and name in RECORDS | FACTS):
            if len(self._open) >= DEEPEST:
                raise BadFile(f"elements are nested more than {DEEPEST} deep", self.line)
            self._end_text()
            self._open.append(Element(name, self.line, dict(attributes)))

    def data(self, text: str) -> None:
        """Note text."""
        if self._open:
            self._size += len(text)
            if self._size > LONGEST_RECORD:
                raise BadFile(f"an item has more than {LONGEST_RECORD} characters", self._open[0].line)
            self._pieces.append(text)

    def end(self, tag: str) -> None:
        """Note where an element ends."""
        self._depth -= 1
        if not self._open:
            return
        self._end_text()
        element = self._open.pop()
        if self._open:
            self._open[-1].children.append(element)
        else:
            self._size = 0
            self._done.append(element)
            self.is_export = self.is_export or element.name == "wp:wxr_version"

    def close(self) -> None:
        """Do nothing at the end of the file."""

    def _end_text(self) -> None:
        if self._pieces and self._open:
            self._open[-1].text += "".join(self._pieces)
        self._pieces = []


def _short(tag: str) -> str:
    namespace, end, name = tag[1:].partition("}")
    if not end:
        return tag
    return next((prefix + name for form, prefix in _NAMESPACES if form.fullmatch(namespace)), name)
