"""Finds front matter in the formats of Hexo, Hugo and Jekyll. Pure functions.

There are three results: it is read; it is invalid, and the file is left out; or there is none. If it is unclear
(`FrontMatter.doubt`), the lines stay in the text, and the post must not become public automatically.
"""

import re
from dataclasses import dataclass, field, replace

from qingbo.imports import metadata
from qingbo.imports.bad_file import BadFile
from qingbo.imports.metadata import Metadata, NotReadable, Reader, key_in
from qingbo.imports.repairs import repaired
from qingbo.imports.withholding import WITHHOLDING, plain_key

MAX_LENGTH = 20_000
"""Of front matter, in characters; reading that takes less than a second."""
FIRST_LINES = 20
"""How many lines are searched for front matter that does not begin at the top."""
LEADING = {"title", "date", "tags", "categories", "layout"}
"""Keys that identify front matter without an opening fence."""
KNOWN = LEADING | WITHHOLDING | {
    "abbrlink", "aliases", "author", "authors", "categories", "category", "comments", "cover", "created", "description",
    "excerpt", "id", "image", "keywords", "lang", "lastmod", "linktitle", "mathjax", "modified", "permalink", "pin",
    "redirectfrom", "series", "slug", "sticky", "subtitle", "summary", "tag", "taxonomies", "thumbnail", "toc", "top",
    "type", "updated", "url", "weight",
}  # fmt: skip

_OPENING = re.compile(
    r"(?P<indent>[ \t]*)(?P<fence>-{3,}|\+{3,}|;{3,})[ \t]*(?P<notation>ya?ml|toml|json)?[ \t]*", re.IGNORECASE
)
_CLOSING = {"-": re.compile(r"(-{3,}|\.\.\.)[ \t]*"), "+": re.compile(r"\+{3,}[ \t]*"), ";": re.compile(r";{3,}[ \t]*")}
_READERS: dict[str, tuple[Reader, ...]] = {
    "yaml": (metadata.read_yaml, metadata.read_toml),
    "toml": (metadata.read_toml, metadata.read_yaml),
    "json": (metadata.read_json, metadata.read_yaml),
}
_JSON_KEY = re.compile(r'[{,\n]?\s*"(?P<key>\w+)"\s*:')
_SEPARATOR = re.compile(r"---|#|%YAML|[^\w\s]+\s*$")
"""Lines below which front matter is searched for: fences that an editor has changed, headings, comments."""
_BULLET = re.compile(r"^(- |\.\. |#\+)")
_BRACE = re.compile(r"""\{\s*["']?(?P<key>\w+)["']?\s*:""")
_WORD = re.compile(r"[a-z][\w-]*")
_LINE_END = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_LEADING_SPACE = re.compile("\\A[\\s\ufeff\u200b\u200e\u2060]+")
_INVISIBLE = "\ufeff\u200b\u200e\u2060"


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The front matter of a text, and the text below it."""

    text: str
    metadata: Metadata = field(default_factory=Metadata)
    first_line: int = 1
    """The front matter's first line in the file."""
    doubt: str = ""
    """Why lines that stay in the text may be front matter."""
    line_count: int = 1
    """Of the file."""

    def line_of(self, key: str) -> int:
        """Return the line of a key in the file."""
        return self.first_line + self.metadata.lines.get(key, 0)


def split_front_matter(text: str) -> FrontMatter:
    """Split a file into front matter and text; lines that only look like front matter stay in the text.

    Raises:
        BadFile: if there is front matter that cannot be read.
    """
    text = _LINE_END.sub("\n", text)
    top = _LEADING_SPACE.sub("", text)
    above = text[: len(text) - len(top)]
    top = re.sub(r"[^ \t]", "", above.rpartition("\n")[2]) + top
    number, line_count = above.count("\n") + 1, text.count("\n") + 1
    for shape in (_between_fences, _before_a_fence, _json_object):
        if found := shape(top, number):
            return replace(found, doubt=found.doubt or _doubt(found.text, 1), line_count=line_count)
    return FrontMatter(text, doubt=_doubt(top, FIRST_LINES), line_count=line_count)


def _between_fences(top: str, number: int) -> FrontMatter | None:
    """Read lines between ``---`` (YAML), ``+++`` (TOML) or ``;;;`` (JSON)."""
    opening, _, rest = top.partition("\n")
    found = _OPENING.fullmatch(opening)
    if found is None:
        return None
    fence = found["fence"]
    front, body = _until(_CLOSING[fence[0]], rest, found["indent"])
    front = front.translate(dict.fromkeys(map(ord, _INVISIBLE)))
    if body is None:
        if _is_known(front) or (len(front) > MAX_LENGTH and len(fence) == 3 and _begins(front.lstrip("# "))):
            raise _no_end(front, fence, number)
        return None
    notation = (found["notation"] or {"-": "yaml", "+": "toml", ";": "json"}[fence[0]]).lower().replace("yml", "yaml")
    readers = _READERS[notation]
    read = _read(front, body, number + 1, readers) or _of_toml(front, body, number + 1, fence)
    if read is None and len(fence) == 3 and _begins(front):
        return _unknown(front, top, number, readers)
    return read if read is None or read.metadata.values or len(fence) == 3 else None


def _of_toml(front: str, body: str, number: int, fence: str) -> FrontMatter | None:
    """Read TOML with unknown keys only: in Markdown, ``+++`` has no other meaning."""
    if fence != "+++":
        return None
    try:
        values = metadata.read_toml(front)
    except NotReadable:
        return None
    return FrontMatter(body, values, number) if values is not None and values.values else None


def _before_a_fence(top: str, number: int) -> FrontMatter | None:
    """Read lines above a single ``---`` or ``;;;``, the format of older Hexo."""
    first = top.partition("\n")[0]
    if plain_key(key_in(first) or "") not in KNOWN:
        return None
    is_json = first.lstrip().startswith('"')
    front, body = _until(_CLOSING[";" if is_json else "-"], top, "")
    if body is None and is_json:
        front, body = _until(_CLOSING["-"], top, "")
    if body is None:
        return None
    readers = (metadata.read_json, metadata.read_yaml) if is_json else (metadata.read_yaml,)
    keys = {plain_key(key_in(line) or "") for line in front.split("\n")}
    if "\n\n" not in front and keys & (LEADING | WITHHOLDING):
        return _read(front, body, number, readers)
    try:
        found = _read(front, body, number, readers)
    except BadFile:
        return None
    return found if found and "title" in found.metadata.values else None  # otherwise it is prose above a rule


def _json_object(top: str, number: int) -> FrontMatter | None:
    """Read a JSON object at the top, a format of Hugo."""
    if not re.match(r'\{\s*"', top):
        return None
    front = top[:MAX_LENGTH]
    try:
        values, end = metadata.decode_json(front)
    except NotReadable as error:
        if any(plain_key(found["key"]) in KNOWN for found in _JSON_KEY.finditer(front[:2000])):
            raise _unreadable(error, number) from None
        return None
    return FrontMatter(top[end:], values, number) if _has_known(values) else None


def _until(closing: re.Pattern[str], text: str, indent: str) -> tuple[str, str | None]:
    """Return the text before the closing line and after it; None as the second if there is no such line."""
    start = 0
    while start <= min(len(text), MAX_LENGTH):
        end = text.find("\n", start)
        line = text[start:] if end < 0 else text[start:end]
        if closing.fullmatch(line.removeprefix(indent)):
            return text[: max(0, start - 1)], "" if end < 0 else text[end + 1 :]
        if end < 0:
            break
        start = end + 1
    return text[: MAX_LENGTH + 1], None


def _read(front: str, body: str, number: int, readers: tuple[Reader, ...]) -> FrontMatter | None:
    """Read the lines; return None if they contain no known key, because they may be text."""
    try:
        values = _values(front, readers)
    except NotReadable as error:
        if _is_known(front):
            raise _unreadable(error, number) from None
        return None
    if values is None:
        if _is_known(front):
            raise _unreadable(NotReadable("it has no keys with values", 0, metadata.QUOTES), number)
        return None
    if values.values:
        return FrontMatter(body, values, number) if _has_known(values) else None
    return FrontMatter(body, values, number) if _is_empty(front) else None


def _unknown(front: str, top: str, number: int, readers: tuple[Reader, ...]) -> FrontMatter | None:
    """Handle unknown lower-case keys between fences, which may be front matter or text."""
    try:
        values = _values(front, readers)
    except NotReadable as error:
        raise _unreadable(error, number + 1) from None
    if values is None:
        return None
    return FrontMatter(top, doubt=f"begins with lines between fences ({', '.join(values.values)}) that may be text")


def _values(front: str, readers: tuple[Reader, ...]) -> Metadata | None:
    """Read with the first reader that succeeds: as written, then repaired where the meaning is clear."""
    failure = None
    for reader in readers:
        is_worth_it = reader is metadata.read_yaml and readers[0] is not metadata.read_json and _is_known(front)
        for text in (front, repaired(front)) if is_worth_it else (front,):
            try:
                if (values := reader(text)) is not None:
                    return values
            except NotReadable as error:
                failure = failure or error
    if failure is not None:
        raise failure
    return None


def _is_known(front: str) -> bool:
    """Return whether lines are front matter, valid or not: the first key is known, or any if no blank line leads."""
    lines = front[:MAX_LENGTH].lstrip("\n").partition("\n\n")[0].split("\n")
    lines = [line for line in lines if not line.startswith("#")]
    known = [plain_key(key_in(line) or "") in KNOWN for line in lines]
    return known[:1] == [True] or (any(known) and front[:1] != "\n")


def _begins(front: str) -> bool:
    return bool(_WORD.match(front)) and key_in(front.partition("\n")[0]) is not None


def _has_known(values: Metadata) -> bool:
    return any(plain_key(key) in KNOWN for key in values.values)


def _is_empty(front: str) -> bool:
    """Return whether there are only commented-out known keys; a heading between two rules is text instead."""
    lines = filter(None, map(str.strip, front.split("\n")))
    return all(line.startswith("#") and plain_key(key_in(line.lstrip("# ")) or "") in KNOWN for line in lines)


def _no_end(front: str, fence: str, number: int) -> BadFile:
    if len(front) > MAX_LENGTH:
        hint = f"shorten it, or end it with a line {fence}"
        return BadFile(f"has front matter without an end within {MAX_LENGTH} characters", number, hint)
    return BadFile("has front matter without an end", number, f"put a line {fence} below its last line")


def _unreadable(error: NotReadable, number: int) -> BadFile:
    reason = f"has front matter that cannot be read: {' '.join(str(error).split())}"
    return BadFile(reason, number + error.line, error.hint)


def _doubt(text: str, within: int) -> str:
    """Say why lines at the top of a text may be front matter, although no fences mark it."""
    lines = text[:MAX_LENGTH].lstrip("\n").split("\n", FIRST_LINES + 1)[:FIRST_LINES]
    found = _header(lines)
    if brace := _BRACE.match(text):
        found = found or (brace["key"] if plain_key(brace["key"]) in KNOWN else "")
    if found:
        return f"begins with lines that look like front matter ({found}), without --- above and below them"
    for number, line in enumerate(lines[:within]):
        if line.startswith(("```", "~~~")):
            return ""
        if _SEPARATOR.match(line) and (found := _header(lines[number + 1 :])):
            return f"has lines that look like front matter ({found}) below a line that is not ---"
    return ""


def _header(lines: list[str]) -> str:
    """Return the keys of leading lines that look like front matter."""
    keys = []
    for line in lines:
        key = key_in(_BULLET.sub("", line))
        if key is None or line[:1] in {" ", "\t"}:
            break
        keys.append(key)
    known = [key for key in keys if plain_key(key) in KNOWN]
    if not keys or plain_key(keys[0]) not in KNOWN:
        return ""
    first = {plain_key(keys[0])}
    is_header = len(known) > 1 or bool(first & WITHHOLDING) or (len(keys) > 1 and bool(first & LEADING))
    return ", ".join(known) if is_header else ""
