"""Writes styled text as a line of Markdown that our parser of posts reads back as the same text and styles."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from qingbo.rendering.characters import is_seam
from qingbo.rendering.flanking import scan_run

SOFT = "\x1c"
"""A line break in the HTML source, which browsers show as a space."""

_MARKS = {"b": "**", "i": "*", "s": "~~"}
_TAGS = {"b": "strong", "i": "em", "s": "s"} | {name: name for name in ("kbd", "sub", "sup", "mark")}
_ORDER = ("link", *_TAGS)
_GAP = re.compile(rf"[ \n{SOFT}]*+")
_WORDS_OR_GAP = re.compile(rf"[ \n{SOFT}]++|[^ \n{SOFT}]++")
_AS_TYPED = re.compile(r"https?://[!#$%&'+,./0-9:;=?@A-Za-z_~-]*[A-Za-z0-9/]")

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_MEANINGFUL = re.compile(
    r"\\(?=[!-/:-@\[-`{-~\n]|$)|(?<!\s)\*|\*(?!\s)|~(?=~)|(?<=~)~|[`\[$]|=(?==)|(?<==)=|(?<=\n)\|"
    r"|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|<(?=[A-Za-z/!?])|&(?=#?\w+;)"
    r"|(?:(?<=\n)|(?<=^))(?:[#>*+=:~-]|\d{1,9}(?=[.)](?:\s|$)))|#(?=#*$)"
)


class Run(NamedTuple):
    """Text with one style. For a picture, the text is its description."""

    text: str
    styles: frozenset[str] = frozenset()
    link: str = ""
    image: str = ""

    @property
    def is_atom(self) -> bool:
        """Whether its text is not parsed as Markdown."""
        return bool(self.image) or "code" in self.styles


def paragraphs_of(runs: Iterable[Run]) -> list[list[Run]]:
    """Return the paragraphs between empty lines, with runs of white space reduced to one space or line break."""
    paragraphs: list[list[Run]] = [[]]
    gap = ""
    for run in _pieces(runs):
        if not run.is_atom and _GAP.fullmatch(run.text):
            gap += run.text
            continue
        line = paragraphs[-1]
        if line and gap.count("\n") > 1:
            line = []
            paragraphs.append(line)
        elif line and gap:
            line.append(_space(line[-1], run, gap))
        line.append(run)
        gap = ""
    return [merged(line) for line in paragraphs if line]


def on_one_line(runs: Iterable[Run], between: str = " ") -> list[Run]:
    """Return runs with line breaks replaced by `between`."""
    lines = paragraphs_of(runs)
    joined = [run for line in lines for run in [Run("\n"), *line]][1:]
    return merged(run if run.is_atom else run._replace(text=run.text.replace("\n", between)) for run in joined)


def merged(runs: Iterable[Run]) -> list[Run]:
    """Return runs without empty ones, with neighbours of the same style joined."""
    out: list[Run] = []
    for (styles, link, image, _), group in groupby(runs, key=_style):
        text = "".join(run.text for run in group)
        if text or image:
            out.append(Run(text, styles, link, image))
    return out


def _style(run: Run) -> tuple[frozenset[str], str, str, int]:
    return run.styles, run.link, run.image, id(run) if run.image else 0  # never join two pictures


def _pieces(runs: Iterable[Run]) -> Iterator[Run]:
    """Yield words and the white space between them."""
    for run in runs:
        if run.image:
            yield run
        elif "code" in run.styles:
            text = re.sub(rf"[ \n{SOFT}]+", " ", run.text)
            begin, inner, end = _trimmed(text)
            yield from (Run(begin), run._replace(text=inner), Run(end)) if inner else (Run(begin),)
        else:
            yield from (run._replace(text=each) for each in _WORDS_OR_GAP.findall(run.text))


def _trimmed(text: str) -> tuple[str, str, str]:
    inner = text.strip(" ")
    return " " * (text[:1] == " "), inner, " " * (inner != "" and text[-1:] == " ")


def _space(before: Run, after: Run, gap: str) -> Run:
    styles = (before.styles & after.styles) - {"code"}
    link = before.link if before.link == after.link else ""
    if "\n" in gap:
        return Run("\n", styles, link)
    joins = SOFT in gap and is_seam(before.text[-1:], after.text[:1])
    return Run("" if joins else " ", styles, link)


@dataclass(frozen=True, slots=True)
class Form:
    """A way to write a line. The first one that our parser reads back is used."""

    escapes: re.Pattern[str] | None
    has_tags: bool
    """Whether emphasis is written with HTML tags, which work at any position."""


FORMS = (Form(None, False), Form(_MEANINGFUL, False), Form(_MEANINGFUL, True), Form(_PUNCTUATION, True))


def written(runs: list[Run], form: Form, line_break: str) -> str:
    """Return a line of Markdown."""
    line = _Line(runs, form, line_break, set())
    text = line.write()
    if not form.has_tags and (failing := line.failing(text)):
        return _Line(runs, form, line_break, failing).write()
    return text


class _Line:
    """Writes one line."""

    def __init__(self, runs: list[Run], form: Form, line_break: str, tagged: set[int]) -> None:
        self._runs = runs
        self._form = form
        self._line_break = line_break
        self._tagged = tagged
        """The numbers of the pairs that are written as tags."""
        self._out: list[str] = []
        self._length = 0
        self._open: list[tuple[str, str, int]] = []
        self._count = 0
        self._marks: list[tuple[int, int, bool]] = []
        """For each mark: the number of its pair, its position, and whether it opens."""

        self._kinds: dict[int, str] = {}

    def write(self) -> str:
        last = _last_runs(self._runs)
        for number, run in enumerate(self._runs):
            wanted = _keys(run)
            for place, (kind, value, _) in enumerate(self._open):
                if (kind, value) not in wanted:
                    self._close_down_to(place)
                    break
            opened = {(kind, value) for kind, value, _ in self._open}
            new = sorted(wanted - opened, key=lambda key: (-last[number][key], _ORDER.index(key[0])))
            for kind, value in new:
                self._begin(kind, value)
            self._put(self._text_of(run, number))
        self._close_down_to(0)
        return "".join(self._out)

    def failing(self, text: str) -> set[int]:
        """Return the pairs whose marks would not open or close emphasis at their positions."""
        failing = set()
        end, mark = 0, ""
        for pair, place, opens in self._marks:
            if opens and mark and place == end and text[place] == mark[0]:  # an end and a begin would form one run
                failing.add(pair)
            mark = "" if opens else self._kinds[pair]
            end = place + len(mark) if mark else 0
            start = place
            while start and text[start - 1] == text[place]:
                start -= 1
            scanned = scan_run(text, start, len(text), inside_words=True)
            if not (scanned.can_open if opens else scanned.can_close):
                failing.add(pair)
        return failing

    def _begin(self, kind: str, value: str) -> None:
        self._count += 1
        self._open.append((kind, value, self._count))
        if kind == "link":
            self._put("[")
        elif self._is_tagged(kind, self._count):
            self._put(f"<{_TAGS[kind]}>")
        else:
            self._kinds[self._count] = _MARKS[kind]
            self._marks.append((self._count, self._length, True))
            self._put(_MARKS[kind])

    def _close_down_to(self, count: int) -> None:
        while len(self._open) > count:
            kind, value, number = self._open.pop()
            if kind == "link":
                self._put(f"]({_destination(value)})")
            elif self._is_tagged(kind, number):
                self._put(f"</{_TAGS[kind]}>")
            else:
                self._marks.append((number, self._length, False))
                self._put(_MARKS[kind])

    def _is_tagged(self, kind: str, number: int) -> bool:
        return kind not in _MARKS or self._form.has_tags or number in self._tagged

    def _put(self, text: str) -> None:
        self._out.append(text)
        self._length += len(text)

    def _text_of(self, run: Run, number: int) -> str:
        if run.image:
            return f"![{_PUNCTUATION_IN_NAMES.sub(_escaped, run.text)}]({_destination(run.image)})"
        if "code" in run.styles:
            return _code(run.text)
        if is_typed(run):
            return run.text if self._stands_alone(number) else f"<{run.text}>"
        text = self._form.escapes.sub(_escaped, run.text) if self._form.escapes else run.text
        if run.link and self._form.escapes:
            text = _WOULD_END_A_LINK.sub(r"\\\g<0>", text)
        return text.replace("\n", self._line_break)

    def _stands_alone(self, number: int) -> bool:
        before = self._runs[number - 1].text[-1:] if number else " "
        after = self._runs[number + 1].text[:1] if number + 1 < len(self._runs) else " "
        is_free = not (before.isascii() and (before.isalnum() or before in "+.-/@"))
        return is_free and (after.isspace() or after in _AFTER_ADDRESSES)


_AFTER_ADDRESSES = "\u3001\u3002\uff01\uff08\uff09\uff0c\uff1a\uff1b\uff1f\u300a\u300b\u300c\u300d"
_PUNCTUATION_IN_NAMES = re.compile(r"[\\\[\]`*_<&]")
_WOULD_END_A_LINK = re.compile(r"(?<!\\)(?:\]|:(?=//)|(?<=www)\.)", re.IGNORECASE)


def _escaped(found: re.Match[str]) -> str:
    return found[0] + "\\" if found[0].isdecimal() else "\\" + found[0]


def _last_runs(runs: list[Run]) -> list[dict[tuple[str, str], int]]:
    """Return for each run until which run each of its styles continues."""
    lasts: list[dict[tuple[str, str], int]] = []
    following: dict[tuple[str, str], int] = {}
    for number in range(len(runs) - 1, -1, -1):
        following = {key: following.get(key, number) for key in _keys(runs[number])}
        lasts.append(following)
    return lasts[::-1]


def _keys(run: Run) -> set[tuple[str, str]]:
    keys = {(style, "") for style in run.styles if style != "code"}
    return keys | ({("link", run.link)} if run.link and not is_typed(run) else set())


def is_typed(run: Run) -> bool:
    """Return whether the text of a link is its address."""
    return run.link in {run.text, f"{run.text}/"} and not run.is_atom and _AS_TYPED.fullmatch(run.text) is not None


def _destination(address: str) -> str:
    if address.count("(") != address.count(")") or re.search(r"\)[^(]*\(", address):
        address = address.replace("(", "%28").replace(")", "%29")
    return re.sub(r"[\x00-\x20<>\\|`*~\x7f]", lambda found: f"%{ord(found[0]):02X}", address)


def _code(text: str) -> str:
    longest = {len("".join(group)) for mark, group in groupby(text) if mark == "`"}
    fence = "`" * next(length for length in range(1, len(longest) + 2) if length not in longest)
    space = " " if text[0] == "`" or text[-1] == "`" else ""
    return f"{fence}{space}{text}{space}{fence}"
