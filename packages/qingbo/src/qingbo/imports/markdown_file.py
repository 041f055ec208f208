"""One Markdown file: front matter, title, date, tags and text, in the formats of Hexo, Hugo, Jekyll and Zola. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import PurePath
from typing import Any

from qingbo.imports.bad_file import BadFile
from qingbo.imports.doubts import Doubt
from qingbo.imports.embedded import set_aside
from qingbo.imports.encodings import decoded
from qingbo.imports.fields import (
    ADDRESSES,
    SUMMARY,
    addresses_in,
    categories_in,
    category_paths_in,
    cover_in,
    date_in,
    date_of_path,
    first_word_in,
    line_in,
    name_of,
    tags_in,
    undated,
    words_in,
)
from qingbo.imports.front_matter import FrontMatter, split_front_matter
from qingbo.imports.headings import first_heading, lines_without_space
from qingbo.imports.metadata import LISTS, OWN, Value
from qingbo.imports.withholding import EXPIRY, dates_of_publication, reasons_of, times_of

CHANGE = ("updated", "lastmod", "updatedat", "lastmodified", "lastmodifiedat", "modified", "lastupdated")


@dataclass(frozen=True, slots=True)
class MarkdownFile:
    """The content of a file."""

    title: str
    text: str
    tags: list[str]
    slug: str
    """Of front matter; see `generators` for others."""
    date: datetime | None
    """None if neither front matter nor path contains one."""
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
    layout: str = ""
    """The layout or type, in lower case, such as ``page``."""
    categories: tuple[str, ...] = ()
    category_paths: tuple[tuple[str, ...], ...] = ()
    """The categories as they are listed; Hexo reads each list as a path from the topmost down."""
    own_tags: tuple[str, ...] = ()
    """The tags without the categories."""
    permalink: str = ""
    """The address that it had, or a pattern of Jekyll."""
    old_addresses: tuple[str, ...] = ()
    series: str = ""
    author: str = ""
    language: str = ""
    has_front_matter: bool = False
    """Of its own, apart from what it inherits."""
    values: Mapping[str, str] = field(default_factory=dict)
    """The texts in front matter, by their keys in lower case."""
    embedded: Mapping[str, str] = field(default_factory=dict)
    """The pictures inside the text, by the names that stand for them in it."""
    own: FrontMatter | None = None
    """The front matter, if it has the mapping of our own export: the text is taken as it is."""
    lines: tuple[int, ...] = ()
    """The line of the text as it was read for each of its lines, if shortcodes were converted."""

    def line_at(self, number: int) -> int:
        """Return the line of the file for a line of the text, counted from 1."""
        return self.first_line - 1 + (self.lines[number - 1] if number <= len(self.lines) else number)

    @property
    def is_draft(self) -> bool:
        """Whether something other than the time keeps it from the public."""
        return bool(self.withheld)


def read_markdown(
    path: PurePath,
    content: bytes,
    zone: tzinfo,
    encoding: str | None = None,
    inherited: Mapping[str, Value] = {},
    *,
    spaces_part_categories: bool = False,
) -> MarkdownFile:
    """Read a file.

    Args:
        path: of the file; its name may contain title, date and slug.
        content: of the file.
        zone: for dates without a zone.
        encoding: of a file that is not UTF-8; None means to recognise it.
        inherited: values for keys that its front matter does not have.
        spaces_part_categories: whether a line of categories is a list of words, as in Jekyll.

    Raises:
        BadFile: if it cannot be decoded, its front matter cannot be read, or a value has the wrong type.
    """
    decoded_text, encoding_doubt = decoded(content, encoding)
    front = split_front_matter(decoded_text)
    values = front.metadata.values
    has_front_matter, has_own = bool(values), OWN in values
    values |= {key: value for key, value in inherited.items() if key not in values}
    if spaces_part_categories and isinstance(words := values.get("categories"), str):
        values["categories"] = list(words.split())
    doubts = [encoding_doubt] if encoding_doubt else []
    doubts += [_comment_doubt(front, key) for key in ("title", *LISTS) if key in front.metadata.commented]
    title, body = _title(front, path)
    first_line = front.line_count - body.lstrip("\n").count("\n")
    doubts += _heading_doubts(body.strip("\n"), first_line)
    body, embedded = (body.strip("\n"), {}) if has_own else set_aside(body.strip("\n"))
    moments = _moments(front, path, zone)
    withheld = [*reasons_of(front.metadata), *moments.withheld]
    return MarkdownFile(
        title=title.strip(),
        text=body,
        tags=tags_in(front),
        slug=_slug(front),
        date=moments.date,
        publish_at=moments.publish_at,
        expires_at=moments.expires_at,
        updated_at=moments.updated_at,
        summary=line_in(front, *SUMMARY),
        cover=cover_in(front),
        withheld=(*withheld, *([f"it {front.doubt}"] if front.doubt and not has_own else [])),
        doubts=(*doubts, *map(Doubt, moments.doubts)),
        first_line=first_line,
        layout=line_in(front, "layout", "type").casefold(),
        categories=tuple(categories_in(front)),
        category_paths=tuple(category_paths_in(front)),
        own_tags=(*words_in(front, "tags"), *words_in(front, "tag")),
        permalink=line_in(front, *ADDRESSES),
        old_addresses=tuple(addresses_in(front)),
        series=first_word_in(front, "series"),
        author=first_word_in(front, "author", "authors"),
        language=line_in(front, "lang", "language"),
        has_front_matter=has_front_matter,
        own=front if has_own else None,
        embedded=embedded,
        values={key: value for key, value in values.items() if isinstance(value, str)},
    )


def natural_key(path: PurePath) -> list[Any]:
    """Return a sort key that puts issue-9 before issue-10."""
    parts = re.split(r"(\d+)", str(path).casefold())
    return [int(part) if part.isdecimal() else part for part in parts]


@dataclass(frozen=True, slots=True)
class _Moments:
    """The times of a file."""

    date: datetime | None
    publish_at: datetime | None
    expires_at: datetime | None
    updated_at: datetime | None
    withheld: list[str]
    """Times that cannot be read, and without which nobody knows whether the file is public."""
    doubts: list[str]
    """Other times that cannot be read, and how the date was guessed."""


def _moments(front: FrontMatter, path: PurePath, zone: tzinfo) -> _Moments:
    withheld: list[str] = []
    publish_at = max(_read_times(dates_of_publication(front.metadata, zone), withheld), default=None)
    expires_at = min(_read_times(times_of(front.metadata, EXPIRY, zone), withheld), default=None)
    date, guess = date_in(front, zone), ""
    if date is None and publish_at is None:
        date, guess = date_of_path(path, zone)
    doubts: list[str] = []
    updated_at = max(_read_times(times_of(front.metadata, CHANGE, zone), doubts), default=None)
    return _Moments(date, publish_at, expires_at, updated_at, withheld, [*doubts, *([guess] if guess else [])])


def _title(front: FrontMatter, path: PurePath) -> tuple[str, str]:
    """Return the title, and the text without it."""
    title = front.metadata.values.get("title")
    if isinstance(title, list | dict):
        raise BadFile("has a title that is no line of text", front.line_of("title"), "put it in quotes")
    if OWN in front.metadata.values:
        return title or "", front.text  # a note may have none
    if title is None or not title.strip():
        return first_heading(front.text) or (_named(path), front.text)
    return title, front.text


def _named(path: PurePath) -> str:
    name = name_of(path)
    return (undated(name) or name).replace("-", " ").replace("_", " ").strip() or path.stem


def _slug(front: FrontMatter) -> str:
    slug = front.metadata.values.get("slug")
    if isinstance(slug, list | dict):
        raise BadFile("has a slug that is no word", front.line_of("slug"))
    return slug or ""


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
