"""Info strings of code blocks: language, file name and highlighted lines, in the notations of Hexo, Hugo, VitePress."""

import re
from dataclasses import dataclass
from itertools import accumulate

from markdown_it.common.utils import unescapeAll

from qingbo.rendering.budget import Budget

LONGEST_INFO = 500
"""Maximum length of an info string in characters; the rest is ignored."""

_LANGUAGE = re.compile(r"[^\s{\[:=,]++(?:[:=](?=\s|$))?")
_PANDOC = re.compile(r"\{\s*\.([^\s{}]+)")
_LINES = re.compile(
    r"""(?:hl_lines|highlight|mark|hl)\s*[=:]\s*(?:\[(?P<list>[^\]]*)\]|"(?P<quoted>[^"]*)"|'(?P<single>[^']*)'
    |\{(?P<braced>[\d,\s-]+)\}|(?P<bare>[\d,-]+))|\{(?P<alone>[\d,\s-]+)\}""",
    re.VERBOSE,
)
_TITLE = re.compile(r"""\b(?:title|filename|file|name|caption)\s*[=:]\s*(?:"([^"]*)"|'([^']*)'|([^\s"'{}]+))""")
_BRACKETS = re.compile(r"\[([^\]\[]+)\]")
_FILE = re.compile(r"(?:[\w@.+-]+[/\\])*[\w@+-][\w@.+-]*\.\w{1,10}|(?:Dockerfile|Makefile)\b")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_RANGE = re.compile(r"(\d{1,6})(?:\s*-\s*(\d{1,6}))?")


@dataclass(frozen=True, slots=True)
class CodeInfo:
    """The parsed info string of a code block."""

    language: str = ""
    title: str = ""
    ranges: tuple[tuple[int, int], ...] = ()
    """The first and last lines of the highlighted ranges, counted from 1."""

    def highlighted(self, count: int) -> list[bool]:
        """Return for each of `count` lines whether it is highlighted."""
        changes = [0] * (count + 1)
        for first, last in self.ranges:
            if 1 <= first <= min(last, count):
                changes[first - 1] += 1
                changes[min(last, count)] -= 1
        return [depth > 0 for depth in accumulate(changes[:count])]


def read_info(info: str) -> CodeInfo:
    """Parse an info string; unknown parts are ignored."""
    text = info[:LONGEST_INFO].strip()
    if text.isalnum():
        return CodeInfo(text)
    if attributes := _PANDOC.match(text):
        text = f"{attributes[1]} {text[attributes.end() :]}"
    found = _LANGUAGE.match(text)
    language = found[0].rstrip(":=") if found and not _is_attribute(text, found.end()) else ""
    rest = text[found.end() :] if found and language else text
    lines = [next(filter(None, each.groupdict().values()), "") for each in _LINES.finditer(rest)]
    ranges = [(int(each[1]), int(each[2] or each[1])) for part in lines for each in _RANGE.finditer(part)]
    title = _title_in(_LINES.sub(" ", rest), language)
    return CodeInfo(unescapeAll(language), unescapeAll(title), tuple(ranges))


def _is_attribute(text: str, end: int) -> bool:
    return text[end : end + 1] == "=" or (text[end : end + 1] == ":" and text[:end] in {"title", "mark"})


def _title_in(rest: str, language: str) -> str:
    if found := _TITLE.search(rest):
        return next(filter(None, found.groups()), "").strip()
    if found := _BRACKETS.search(rest):
        return found[1].strip()
    words = rest.removeprefix(":").split()  # ```js app.js, ```js:app.js
    return words[0] if words and language and _FILE.fullmatch(words[0]) else ""


def with_highlighted_lines(code: str, info: CodeInfo, budget: Budget) -> str:
    """Return code as HTML with highlighted lines marked; no element in `code` may span several lines."""
    lines = _LINE.findall(code)
    return "".join(
        f"<mark>{line}</mark>" if is_marked and budget.may_spend(1) else line
        for line, is_marked in zip(lines, info.highlighted(len(lines)), strict=True)
    )
