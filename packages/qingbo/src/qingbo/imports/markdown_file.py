"""One Markdown file: front matter, title, date, tags and text, in the formats of Hexo, Hugo and Jekyll. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import PurePath
from typing import Any

from qingbo.imports.bad_file import BadFile
from qingbo.imports.dates import parse_date
from qingbo.imports.doubts import Doubt
from qingbo.imports.front_matter import FrontMatter, split_front_matter
from qingbo.imports.headings import first_heading, lines_without_space
from qingbo.imports.metadata import LISTS, Value
from qingbo.imports.withholding import EXPIRY, dates_of_publication, reasons_of, times_of

COVERS = (
    "cover", "image", "featured_image", "featuredimage", "featureimage", "thumbnail", "banner", "banner_img",
    "index_img",
)  # fmt: skip
SUMMARY = ("excerpt", "summary", "description")
CHANGE = ("updated", "lastmod", "updatedat", "lastmodified", "lastmodifiedat", "modified", "lastupdated")
_DATED_NAME = re.compile(r"(?P<date>\d{4}-\d{1,2}-\d{1,2})[-_ ]*(?P<name>.*)")


@dataclass(frozen=True, slots=True)
class MarkdownFile:
    """The content of a file."""

    title: str
    text: str
    tags: list[str]
    slug: str
    date: datetime | None
    """None if neither front matter nor file name contains one."""
    publish_at: datetime | None = None
    """When it becomes public, if front matter contains such a time besides the date."""
    expires_at: datetime | None = None
    updated_at: datetime | None = None
    summary: str = ""
    """Markdown; empty if front matter has none."""
    cover: str = ""
    """The address or path of the picture above the text."""
    withheld: tuple[str, ...] = ()
    """Reasons to keep it from the public."""
    doubts: tuple[Doubt, ...] = ()
    """What may have been read differently than it was meant."""
    first_line: int = 1
    """The line of the file at which the text begins."""

    @property
    def is_draft(self) -> bool:
        """Whether something other than the time keeps it from the public."""
        return bool(self.withheld)


def read_markdown(path: PurePath, content: bytes, zone: tzinfo) -> MarkdownFile:
    """Read a file.

    Args:
        path: of the file; its name may contain title, date and slug.
        content: in UTF-8.
        zone: for dates without a zone.

    Raises:
        BadFile: if it is not UTF-8, its front matter cannot be read, or a value has the wrong type.
    """
    front = split_front_matter(_decoded(content))
    values = front.metadata.values
    tags = [tag for key in LISTS for tag in _words(front, key)]
    doubts = [_comment_doubt(front, key) for key in ("title", *LISTS) if key in front.metadata.commented]
    title, body = values.get("title"), front.text
    if isinstance(title, list | dict):
        raise BadFile("has a title that is no line of text", front.line_of("title"), "put it in quotes")
    if title is None or not title.strip():
        title, body = first_heading(body) or (_named(path), body)
    first_line = front.line_count - body.lstrip("\n").count("\n")
    doubts += _heading_doubts(body.strip("\n"), first_line)
    withheld = reasons_of(front.metadata)
    publish_at = max(_read_times(dates_of_publication(front.metadata, zone), withheld), default=None)
    expires_at = min(_read_times(times_of(front.metadata, EXPIRY, zone), withheld), default=None)
    date = _date(front, "date", zone) or _date_of_name(path, zone)
    bad_times: list[str] = []
    updated_at = max(_read_times(times_of(front.metadata, CHANGE, zone), bad_times), default=None)
    return MarkdownFile(
        title=title.strip(),
        text=body.strip("\n"),
        tags=tags,
        slug=_slug(front) or _slug_of_name(path),
        date=date,
        publish_at=publish_at,
        expires_at=expires_at,
        updated_at=updated_at,
        summary=next(filter(None, (_line(values.get(key)) for key in SUMMARY)), ""),
        cover=next(filter(None, (_cover(values.get(key)) for key in COVERS)), ""),
        withheld=(*withheld, *([f"it {front.doubt}"] if front.doubt else [])),
        doubts=(*doubts, *map(Doubt, bad_times)),
        first_line=first_line,
    )


def natural_key(path: PurePath) -> list[Any]:
    """Return a sort key that puts issue-9 before issue-10."""
    parts = re.split(r"(\d+)", str(path).casefold())
    return [int(part) if part.isdecimal() else part for part in parts]


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or 0 in content[:2]:
        raise _not_utf8(0, "UTF-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _not_utf8(error.start, "GB18030") from None


def _not_utf8(byte: int, guess: str) -> BadFile:
    return BadFile(f"is not UTF-8 (byte {byte})", hint=f"convert it, for example: iconv -f {guess} -t UTF-8 OLD > NEW")


def _line(value: Value) -> str:
    """Return a text value; ``true`` and ``false`` are switches of themes and count as empty."""
    is_text = isinstance(value, str) and value.strip().lower() not in {"true", "false"}
    return value.strip() if is_text and isinstance(value, str) else ""


def _cover(value: Value) -> str:
    """Return the path of a picture; in some themes it is in a table or a list."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get("image") or value.get("src") or value.get("url")
    return _line(value)


def _named(path: PurePath) -> str:
    return _undated(path).replace("-", " ").replace("_", " ").strip() or path.stem


def _slug(front: FrontMatter) -> str:
    slug = front.metadata.values.get("slug")
    if isinstance(slug, list | dict):
        raise BadFile("has a slug that is no word", front.line_of("slug"))
    return slug or ""


def _slug_of_name(path: PurePath) -> str:
    """Return the slug of a Jekyll file name, or an empty string: other file names tell less than the title."""
    found = _DATED_NAME.fullmatch(path.stem)
    return found["name"] if found else ""


def _undated(path: PurePath) -> str:
    # A Hugo bundle is a folder with the name of the post.
    stem = path.parent.name if path.stem in {"index", "_index"} and path.parent.name else path.stem
    found = _DATED_NAME.fullmatch(stem)
    return found["name"] if found else stem


def _words(front: FrontMatter, key: str) -> list[str]:
    value = front.metadata.values.get(key)
    if value is None:
        return []
    if isinstance(value, str):
        return [word for word in re.split(r"[,，、]\s*|\s+" if key == "tags" else r"[,，、]\s*", value) if word]
    if isinstance(value, list):
        words = list(_flat(value))
        if all(isinstance(word, str) for word in words):
            return words
    raise BadFile(f"has {key} that are neither a list nor a line", front.line_of(key))


def _flat(values: Iterable[Value]) -> Iterable[Any]:
    for value in values:
        if isinstance(value, list):
            yield from _flat(value)
        elif value is not None:
            yield value


def _date(front: FrontMatter, key: str, zone: tzinfo) -> datetime | None:
    value = front.metadata.values.get(key)
    try:
        return parse_date(value, zone)
    except ValueError:
        hint = "write it as 2024-02-07 or 2024-02-07 10:00"
        raise BadFile(f"has a date that cannot be read: {value!r}", front.line_of(key), hint) from None


def _date_of_name(path: PurePath, zone: tzinfo) -> datetime | None:
    for name in (path.stem, path.parent.name):
        if found := _DATED_NAME.fullmatch(name):
            try:
                return parse_date(found["date"], zone)
            except ValueError:
                raise BadFile(f"has a date in its name that cannot be read: {found['date']!r}") from None
    return None


def _read_times(times: Iterable[datetime | str], problems: list[str]) -> list[datetime]:
    """Return the times, and add the error messages among them to `problems`."""
    moments = []
    for moment in times:
        if isinstance(moment, str):
            problems.append(moment)
        else:
            moments.append(moment)
    return moments


def _comment_doubt(front: FrontMatter, key: str) -> Doubt:
    return Doubt(f"{key} begins with #, which YAML reads as a comment", front.line_of(key), "put it in quotes")


def _heading_doubts(body: str, first_line: int) -> list[Doubt]:
    found = lines_without_space(body)
    if not found:
        return []
    number, line = found[0]
    lines = "1 line is no heading" if len(found) == 1 else f"{len(found)} lines are no headings"
    return [Doubt(f"{lines}, for want of a space after ##, such as “{line[:40]}”", first_line + number)]
