"""Cuts a text into code, shortcodes, and the rest. Pure; takes linear time."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

VERBATIM = {"codeblock", "code", "highlight", "raw", "verbatim", "comment", "rawhtml", "mermaid"}
"""Tags whose content is no Markdown."""

_FENCE = r"^[ \t]{0,3}(?:>[ \t]?)*(?P<fence>`{3,}|~{3,})"
_LIQUID = r"\{%-?[ \t]*(?P<liquid>[\w.-]+)(?P<liquid_rest>[^\n]{0,2000}?)-?%\}"
_VALUE = r"\{\{-?(?P<value>[^{}\n]{1,500}?)-?\}\}"
_HUGO = (
    r"\{\{[<%]/\*(?P<escaped>[^\n]{0,2000}?)\*/[>%]\}\}"
    r"|\{\{[<%]-?\s*(?P<hugo>/?\s*[\w./-]+)(?P<hugo_rest>(?:[^>%{]|\{(?!\{)|>(?!\}\})|%(?!\}\})){0,2000})[>%]\}\}"
)
_ZOLA = (
    r"\{\{[ \t]*(?P<zola>[a-z_]\w*)\((?P<zola_rest>(?:[^\n{]|\{(?!\{)){0,500}?)\)[ \t]*\}\}"
    r"|\{%[ \t]*(?P<zola_block>end|[a-z_]\w*)(?:\((?P<zola_block_rest>[^\n]{0,2000}?)\))?[ \t]*%\}"
)
_FILE = r"(?<=\]\()<?(?P<file>@?[^()\s<>\"'{}#:]+\.(?:md|markdown))(?P<fragment>#[^()\s<>]*)?>?(?=[\s)])"
_WIKI = (
    r"%%(?P<remark>(?:(?!%%)[\s\S])*)%%|"
    r"(?:(?<![!\[])|!(?=\[\[[^\[\]\n.]*\]\]))\[\[(?P<wiki>[^\[\]\n|#]+)(?:#[^\[\]\n|]*)?(?:\|(?P<label>[^\[\]\n]*))?\]\]"
)
"""A comment, a link, or another note that is shown inside."""
_NOTATIONS = {"nunjucks": (_LIQUID,), "liquid": (_LIQUID, _VALUE), "hugo": (_HUGO,), "zola": (_ZOLA,), "wiki": (_WIKI,)}
_PATTERNS = {
    name: re.compile("|".join((_FENCE, r"(?P<ticks>`+)", *parts, _FILE)), re.MULTILINE)
    for name, parts in {**_NOTATIONS, "": ()}.items()
}


@dataclass(frozen=True, slots=True)
class Tag:
    """A shortcode, a link to a file, or a piece of text or code."""

    raw: str
    line: int
    """Within the text, from 1."""
    kind: str = "text"
    """text, code, tag, single (a tag that has no content), file, wiki, value, escaped,
    remark (a comment of the author)."""
    name: str = ""
    rest: str = ""
    inside: str | None = None
    """The content of a verbatim tag."""

    @property
    def is_end(self) -> bool:
        """Whether the tag closes another."""
        return self.name.startswith(("end", "/"))


def scan(text: str, notation: str) -> Iterator[Tag]:
    """Yield the pieces of a text in order; together they are the text."""
    pattern = _PATTERNS[notation]
    start, line, unclosed = 0, 1, dict[str, int]()
    while match := pattern.search(text, start):
        if match.start() > start:
            yield Tag(text[start : match.start()], line)
            line += text.count("\n", start, match.start())
        end, tag = _taken(text, match, line, notation, unclosed)
        yield tag
        line += text.count("\n", match.start(), end)
        start = end
    if start < len(text):
        yield Tag(text[start:], line)


def _taken(text: str, match: re.Match[str], line: int, notation: str, unclosed: dict[str, int]) -> tuple[int, Tag]:
    """Return the end of a piece, and the piece."""
    groups = match.groupdict()
    if match["fence"]:
        end = _end_of_fence(text, match)
        return end, Tag(text[match.start() : end], line, "code")
    if match["ticks"]:
        end = _end_of_code(text, match, unclosed)
        return end, Tag(text[match.start() : end], line, "code")
    if match["file"]:
        return match.end(), Tag(match[0], line, "file", match["file"], match["fragment"] or "")
    for kind in ("wiki", "value", "escaped", "remark"):
        if groups.get(kind) is not None:
            return match.end(), Tag(match[0], line, kind, groups[kind].strip(), groups.get("label") or "")
    names = ("liquid", "hugo", "zola", "zola_block")
    found = next(each for each in names if groups.get(each))
    name = re.sub(r"\s", "", groups[found])
    rest = (groups.get(f"{found}_rest") or "").strip()
    if name in VERBATIM and not rest.endswith("/"):
        return _verbatim(text, match, Tag(match[0], line, "tag", name, rest), notation, unclosed)
    return match.end(), Tag(match[0], line, "single" if found == "zola" else "tag", name, rest)


def _end_of_fence(text: str, match: re.Match[str]) -> int:
    mark = match["fence"]
    closing = re.compile(rf"^[ \t]{{0,3}}(?:>[ \t]?)*{re.escape(mark)}{mark[0]}*[ \t]*$", re.MULTILINE)
    after = text.find("\n", match.end())
    found = closing.search(text, after + 1) if after >= 0 else None
    return found.end() if found else len(text)


def _end_of_code(text: str, match: re.Match[str], unclosed: dict[str, int]) -> int:
    """Return the end of inline code, or of the backticks if nothing closes them in their paragraph."""
    ticks = match["ticks"]
    paragraph = unclosed.get("", -1)
    if paragraph < match.end():
        paragraph = text.find("\n\n", match.end())
        paragraph = unclosed[""] = len(text) if paragraph < 0 else paragraph
    if unclosed.get(ticks, -1) == paragraph:
        return match.end()
    found = re.compile(rf"(?<!`){ticks}(?!`)").search(text, match.end(), paragraph)
    if found:
        return found.end()
    unclosed[ticks] = paragraph
    return match.end()


def _verbatim(text: str, match: re.Match[str], tag: Tag, notation: str, unclosed: dict[str, int]) -> tuple[int, Tag]:
    """Return a tag with its content up to its end, if it has one."""
    if notation == "hugo":
        closing = rf"\{{\{{[<%]-?\s*/\s*{re.escape(tag.name)}\s*[>%]\}}\}}"
    else:
        closing = rf"\{{%-?[ \t]*end{re.escape(tag.name)}[ \t]*-?%\}}"
    found = None if tag.name in unclosed else re.compile(closing).search(text, match.end())
    if found is None:
        unclosed[tag.name] = 0
        return match.end(), tag
    raw, inside = text[match.start() : found.end()], text[match.end() : found.start()]
    return found.end(), Tag(raw, tag.line, "tag", tag.name, tag.rest, inside)
