"""Lines of Markdown with as few escapes as possible: each is parsed again and compared with the original."""

import re
from collections.abc import Iterable
from enum import Enum

from markdown_it.token import Token

from qingbo.rendering.links import normalised
from qingbo.rendering.parsing import parsed_post
from qingbo.rendering.pasting.runs import FORMS, Run, is_typed, merged, written

MOST = 500_000
"""How many characters of a text may be parsed again; beyond it, every line gets all escapes."""

A_LINE = 50
"""The cost of starting to parse a line, in characters."""

_HARMLESS = re.compile(r"(?!www\.)[^\W\d_](?:[^\\`*_~\[\]<&@|:\n^$=]|:(?!//)|=(?!=))*+")
_ELSEWHERE = re.compile(r":\s|\[\[?toc\]|\[!", re.IGNORECASE)
"""Line beginnings that are text on their own, but not below another line, in a quote or above a heading."""
_TAG = re.compile(r"<(/?)(strong|em|s|kbd|sub|sup|mark|br)>")
_STYLES = {"strong": "b", "em": "i"}


class Place(Enum):
    """The context of a line: a template around it, the first token, and its line break."""

    PARAGRAPH = "{}", "paragraph_open", "\\\n"
    HEADING = "## {}", "heading_open", " "
    CELL = "| {} |\n| --- |", "table_open", "<br>"


class Lines:
    """Writes the lines of one text."""

    def __init__(self) -> None:
        self._left = MOST

    def write(self, runs: list[Run], place: Place) -> str:
        """Return a line in the simplest form that our parser reads back unchanged."""
        line_break = place.value[2]
        if _is_plain(runs, place):
            return runs[0].text
        for form in FORMS[1:-1] if _ELSEWHERE.match(runs[0].text) else FORMS[:-1]:
            line = written(runs, form, line_break)
            line = _in_cell(line) if place is Place.CELL else line
            self._left -= A_LINE + len(line)
            if self._left < 0:
                break
            if _reads_back(line, runs, place):
                return line
        line = written(runs, FORMS[-1], line_break)
        return _in_cell(line) if place is Place.CELL else line


def _is_plain(runs: list[Run], place: Place) -> bool:
    (first, *others) = runs
    if others or first.styles or first.link or first.image or (place is Place.HEADING and first.text.endswith("#")):
        return False
    return _HARMLESS.fullmatch(first.text) is not None


def _in_cell(line: str) -> str:
    return line.replace("|", "\\|")  # the table parser removes one backslash, also in code


def _reads_back(line: str, runs: list[Run], place: Place) -> bool:
    frame, opening, _ = place.value
    tokens = parsed_post(frame.format(line))
    inlines = [token for token in tokens if token.type == "inline"]
    is_whole = len(inlines) == 1 and tokens[0].type == opening and (place is Place.CELL or len(tokens) == 3)
    return is_whole and _read(inlines[0].children or ()) == _expected(runs)


def _expected(runs: list[Run]) -> list[Run]:
    return merged(
        Run(run.text, run.styles, "" if is_typed(run) else normalised(run.link), normalised(run.image)) for run in runs
    )


_EMPHASIS = {"strong": "b", "em": "i", "s": "s"}


def _read(tokens: Iterable[Token]) -> list[Run] | None:
    """Return the runs that the parser found, or None if it also found something else."""
    reader = _Reader()
    return merged(reader.runs) if all(map(reader.take, tokens)) else None


class _Reader:
    """The open styles and links while tokens are read."""

    def __init__(self) -> None:
        self.runs: list[Run] = []
        self._styles: list[str] = []
        self._links: list[str] = []

    def take(self, token: Token) -> bool:
        """Read a token, and return whether it may be in a line that we write."""
        if token.type in {"text", "text_special", "hardbreak"}:
            self._add(token.content if token.type != "hardbreak" else "\n")
        elif token.type == "code_inline":
            self._add(token.content, "code")
        elif token.type == "image":
            self._add(token.content, image=str(token.attrs["src"]))
        elif token.tag == "a":
            return self._take_link(token)
        elif token.type == "html_inline":
            return self._take_tag(token.content)
        else:
            return self._take_style(token.tag, ends=token.nesting < 0)
        return True

    def _add(self, text: str, *styles: str, image: str = "") -> None:
        link = self._links[-1] if self._links else ""
        self.runs.append(Run(text, frozenset([*self._styles, *styles]), link, image))

    def _take_link(self, token: Token) -> bool:
        if token.nesting < 0:
            self._links.pop()
            return True
        self._links.append("" if token.info == "auto" else str(token.attrs["href"]))
        return len(self._links) == 1

    def _take_tag(self, tag: str) -> bool:
        found = _TAG.fullmatch(tag)
        if found is None:
            return False
        if found[2] != "br":
            return self._take_style(found[2], ends=bool(found[1]))
        self._add("\n")
        return True

    def _take_style(self, tag: str, *, ends: bool) -> bool:
        style = _EMPHASIS.get(tag, tag)
        if not ends:
            self._styles.append(style)
        elif style in self._styles:
            self._styles.remove(style)
        return bool(tag)
