"""Converts the shortcodes of a text, and lists those that stay. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from qingbo.imports.doubts import Doubt
from qingbo.imports.shortcodes.pieces import link
from qingbo.imports.shortcodes.scanning import Tag, scan
from qingbo.imports.shortcodes.tags import Resolve, converted_pair, converted_single

INLINE = {"post_link", "post_url", "post_path", "ref", "relref", "link", "asset_link", "raw", "verbatim"}
"""Shortcodes that stand within a sentence or a link."""
MOST_NESTED = 20
"""How deep shortcodes within shortcodes are converted."""
_SITE = re.compile(r"^(?:site\.(?:baseurl|url))\s*(?:\|.*)?$")
_PATH = re.compile(r"""^["'](?P<path>[^"']*)["']\s*\|\s*(?:relative_url|absolute_url|prepend:.*)$""")
_RAW = re.compile(r"^[ \t]*\{%-?\s*(?:end)?raw\s*-?%\}[ \t]*\n|\{%-?\s*(?:end)?raw\s*-?%\}", re.MULTILINE)
_ESCAPED = re.compile(r"\{\{([<%])/\*([^\n]{0,2000}?)\*/([>%])\}\}")
_PREFIX = re.compile(r"[ \t]*(?:(?:>|[-*+]|\d+[.)])[ \t]*)*")
"""The beginning of a line in a quote or a list."""
_CONTENTS = re.compile(r"^[ \t]*(?:[-*+]|\d+\.)[ \t]+[^\n]*\n[ \t]*\{:[ ]?toc\b[^{}\n]*\}[ \t]*\n?", re.MULTILINE)
"""A table of contents in kramdown: a list with any text, and `{:toc}` below."""
_ATTRIBUTES = re.compile(r"^[ \t]*\{:[^{}\n]*\}[ \t]*\n?|(?<=[)\]*_`])\{:[^{}\n]*\}", re.MULTILINE)


@dataclass(slots=True)
class Converted:
    """A text without the known shortcodes."""

    text: str = ""
    lines: list[int] = field(default_factory=list)
    """The line of the old text for each line of the new one, counted from 1."""
    doubts: list[Doubt] = field(default_factory=list)


def converted(text: str, notation: str, resolve: Resolve) -> Converted:
    """Convert a text.

    Args:
        text: Markdown.
        notation: liquid, nunjucks, hugo, zola, wiki, or empty for links between files only.
        resolve: returns the address of another file's post.
    """
    if not notation and "](" not in text:
        return Converted(text, list(range(1, text.count("\n") + 2)))
    tags = list(scan(text, notation))
    writer = _Writer(notation, resolve, tags, _ends(tags))
    writer.write(0, len(tags))
    return Converted("".join(writer.parts), writer.lines, writer.doubts)


class _Writer:
    def __init__(
        self, notation: str, resolve: Resolve, tags: Sequence[Tag], ends: Mapping[int, int], depth: int = 0
    ) -> None:
        self._notation = notation
        self._resolve = resolve
        self._tags = tags
        self._ends = ends
        self._depth = depth
        self._line_so_far = ""
        self._is_after_block = False
        self.parts: list[str] = []
        self.lines = [1]
        self.doubts: list[Doubt] = []

    def write(self, start: int, stop: int) -> None:
        """Write the tags in a range."""
        number = start
        while number < stop:
            end = self._ends.get(number, stop)
            if end < stop and self._depth < MOST_NESTED and self._write_pair(number, end):
                number = end + 1
            else:
                self._write(self._tags[number])
                number += 1

    def _write_pair(self, number: int, end: int) -> bool:
        """Write a shortcode with content, which may contain others; return whether it is known."""
        tag = self._tags[number]
        if converted_pair(tag.name, tag.rest, "") is None:
            return False
        inner = _Writer(self._notation, self._resolve, self._tags, self._ends, self._depth + 1)
        inner.write(number + 1, end)
        self.doubts += inner.doubts
        self._block(converted_pair(tag.name, tag.rest, "".join(inner.parts)) or "", tag.line)
        return True

    def _write(self, tag: Tag) -> None:
        match tag.kind:
            case "text" | "code" | "escaped":
                self._write_text(tag)
            case "file" | "wiki":
                self._write_link(tag)
            case "remark":
                pass  # only authors see it
            case "value":
                self._write_value(tag)
            case _:
                self._write_tag(tag)

    def _write_text(self, tag: Tag) -> None:
        text = tag.raw
        if self._notation == "liquid":
            text = _ATTRIBUTES.sub("", _CONTENTS.sub("", text)) if tag.kind == "text" else _RAW.sub("", text)
        elif tag.kind != "text":
            text = _ESCAPED.sub(r"{{\1\2\3}}", text) if self._notation == "hugo" else text
        self._add(text, tag.line)

    def _write_link(self, tag: Tag) -> None:
        address = self._resolve(tag.name)
        if tag.kind == "file":
            self._add(f"{address}{tag.rest}" if address else tag.raw, tag.line)
        else:
            text = tag.rest or tag.name
            self._add(link(text, address) if address else text, tag.line)
        if address is None:
            what = "file" if tag.kind == "file" else "note"
            self.doubts.append(Doubt(f"there is no {what} {tag.name} to link to", tag.line))

    def _write_value(self, tag: Tag) -> None:
        if _SITE.match(tag.name):
            return
        if found := _PATH.match(tag.name):
            self._add(found["path"], tag.line)
        else:
            self._keep(tag)

    def _write_tag(self, tag: Tag) -> None:
        if tag.inside is not None:
            result = converted_pair(tag.name, tag.rest, tag.inside)
        else:
            result = converted_single(tag.name, tag.rest.rstrip("/"), self._resolve)
        if result is None:
            self._keep(tag)
        elif tag.name in INLINE or result.startswith(("![", "[!")):
            self._add(result, tag.line)
        else:
            self._block(result, tag.line)

    def _keep(self, tag: Tag) -> None:
        self._add(tag.raw, tag.line)
        if not (tag.is_end or tag.name == "asset_img"):
            shown = tag.raw if len(tag.raw) <= 60 else f"{tag.raw[:60]}…"
            self.doubts.append(Doubt(f"unknown shortcode {' '.join(shown.split())}", tag.line))

    def _block(self, result: str, line: int) -> None:
        """Write a paragraph of its own, unless the shortcode is in the middle of a quote or a list."""
        is_in_sentence = result.startswith("```") and not _PREFIX.fullmatch(self._line_so_far)
        if self._line_so_far.strip() and not is_in_sentence:
            self._add(result, line)
            return
        if is_in_sentence:
            self._add("\n", line)
        if self.parts and not self.parts[-1].endswith("\n\n"):
            self._add("\n", line)
        self._add(result, line)
        self._is_after_block = True

    def _add(self, text: str, line: int) -> None:
        if self._is_after_block and text:
            self._is_after_block = False
            missing = 0 if text.startswith("\n\n") else 1 if text.startswith("\n") else 2
            self.parts.append("\n" * missing)
            self.lines += [line] * missing
            self._line_so_far = "" if missing else self._line_so_far
        if not self._line_so_far:
            self.lines[-1] = line
        self.parts.append(text)
        self.lines += range(line + 1, line + 1 + text.count("\n"))
        end = text.rpartition("\n")
        self._line_so_far = end[2] if end[1] else self._line_so_far + text


def _ends(tags: Sequence[Tag]) -> dict[int, int]:
    """Return which tag closes which, by their numbers. In Zola, ``end`` closes the latest."""
    found: dict[int, int] = {}
    opened: dict[str, list[int]] = {}
    for number, tag in enumerate(tags):
        if tag.kind != "tag" or tag.inside is not None:
            continue
        if not tag.is_end:
            for name in (tag.name, ""):
                opened.setdefault(name, []).append(number)
        elif before := opened.get(tag.name.removeprefix("/").removeprefix("end")):
            found[before.pop()] = number
    return found
