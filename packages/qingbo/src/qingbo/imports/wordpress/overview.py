"""The first reading of an export file: that it is whole, and what its items refer to. Pure functions."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urlsplit

from qingbo.imports.systems.items import File, Person
from qingbo.imports.wordpress.export_file import Element, records
from qingbo.imports.wordpress.shortcodes import Picture

_TAG = re.compile(r"<[^<>]*>")
_PICTURE = re.compile(r"\.(?:jpe?g|jfif|png|gif|webp|avif|bmp|svg)$", re.IGNORECASE)
MOST_REUSABLE = 20_000_000
"""Maximum characters of all reusable blocks together."""


@dataclass(frozen=True, slots=True)
class Term:
    """A category or a tag."""

    slug: str
    name: str
    description: str
    is_category: bool
    parent: str = ""
    """The slug of the category above it."""
    line: int | None = None


@dataclass(slots=True)
class Overview:
    """What the file contains, except the posts' texts."""

    address: str = ""
    """Of the blog."""
    people: dict[str, Person] = field(default_factory=dict)
    numbers: dict[str, str] = field(default_factory=dict)
    """The names of people by their number there."""
    terms: list[Term] = field(default_factory=list)
    files: dict[str, File] = field(default_factory=dict)
    """The media library by number."""
    files_of: dict[str, list[str]] = field(default_factory=dict)
    """The numbers of the files that were uploaded to each post."""
    reusable: dict[str, str] = field(default_factory=dict)
    others: Counter[str] = field(default_factory=Counter)
    """Items of other types, such as menus, by type."""
    total: int = 0
    """The number of posts and pages."""

    @property
    def host(self) -> str:
        """The blog's host name."""
        return urlsplit(self.address).hostname or ""

    @property
    def base(self) -> str:
        """The path of the blog on its host, without a slash at the end."""
        return unquote(urlsplit(self.address).path).rstrip("/")

    @property
    def identity(self) -> str:
        """Identifies the blog."""
        return f"{self.host}{self.base}" or "?"

    def path(self, path: str) -> str:
        """Return a path below the blog's address."""
        return f"{self.base}{path}"

    def paths(self, paths: Iterable[str]) -> list[str]:
        """Return paths on the blog's host, and what they are if the new blog is at the same place below the host."""
        both = ((path, path.removeprefix(f"{self.base}")) for path in paths)
        return list(dict.fromkeys(path for pair in both for path in pair if path))

    def picture(self, number: str) -> Picture | None:
        """Return a picture of the media library."""
        file = self.files.get(number)
        is_picture = file is not None and _PICTURE.search(urlsplit(file.address).path)
        return Picture(file.address, file.description) if file is not None and is_picture else None


def read_overview(path: Path) -> Overview:
    """Read a whole file.

    Raises:
        BadFile: if it is not a whole and valid export file.
        OSError: if it cannot be read.
    """
    overview, reused = Overview(), 0
    for record in records(path):
        match record.name:
            case "wp:base_blog_url" | "link":
                overview.address = record.text.strip() or overview.address
            case "wp:author":
                _add_person(overview, record)
            case "wp:category" | "wp:tag":
                overview.terms.append(_term(record, is_category=record.name == "wp:category"))
            case "item":
                reused += _add_item(overview, record, reused)
    return overview


def plain(text: str) -> str:
    """Return a title or name without markup."""
    return unescape(_TAG.sub("", text)).strip()


def path_in(address: str) -> str:
    """Return the decoded path of an address, with its query."""
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return ""
    return unquote(parts.path) + (f"?{parts.query}" if parts.query else "")


def creator_of(item: Element) -> str:
    """Return the name with which the author of an item signs in."""
    return item.value("dc:creator").strip(" \t\n<>")


def _add_person(overview: Overview, record: Element) -> None:
    login = record.value("wp:author_login")
    if not login:
        return
    names = (record.value("wp:author_first_name"), record.value("wp:author_last_name"))
    shown = record.value("wp:author_display_name") or " ".join(filter(None, names))
    path = overview.path(f"/author/{login.lower()}")
    overview.people[login] = Person(
        login, login, plain(shown), record.value("wp:author_email"), address=path, line=record.line
    )
    overview.numbers[record.value("wp:author_id")] = login


def _term(record: Element, *, is_category: bool) -> Term:
    if is_category:
        keys = ("wp:category_nicename", "wp:cat_name", "wp:category_description", "wp:category_parent")
    else:
        keys = ("wp:tag_slug", "wp:tag_name", "wp:tag_description", "")
    slug, name, description, parent = (record.value(key) for key in keys)
    return Term(unquote(slug), plain(name), plain(description), is_category, unquote(parent), record.line)


def _add_item(overview: Overview, item: Element, reused: int) -> int:
    """Add an item, and return how many characters of reusable blocks it has."""
    kind, number = item.value("wp:post_type"), item.value("wp:post_id")
    if kind in {"post", "page"}:
        overview.total += 1
        if (name := creator_of(item)) and name not in overview.people:  # version 1.0 of the format lists no authors
            path = overview.path(f"/author/{name.lower()}")
            overview.people[name] = Person(name, name, address=path, line=item.line)
    elif kind == "attachment":
        _add_file(overview, item, number)
    elif kind == "wp_block":
        text = item.value("content:encoded")
        overview.others[kind] += 1
        if reused + len(text) <= MOST_REUSABLE:
            overview.reusable[number] = text
            return len(text)
    else:
        overview.others[kind or "without a type"] += 1
    return 0


def _add_file(overview: Overview, item: Element, number: str) -> None:
    address = item.value("wp:attachment_url") or item.value("guid")
    if not address.startswith(("http://", "https://")):
        return
    metas = {meta.value("wp:meta_key"): meta.value("wp:meta_value") for meta in item.all("wp:postmeta")}
    description = metas.get("_wp_attachment_image_alt") or ""
    page = path_in(item.value("link"))
    overview.files[number] = File(
        address, plain(item.value("title")), plain(description), "" if "?" in page else page, item.line
    )
    if (parent := item.value("wp:post_parent")) not in {"", "0"}:
        overview.files_of.setdefault(parent, []).append(number)
