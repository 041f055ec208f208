"""Reads values of front matter: words, lines, addresses, dates. Pure functions."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, tzinfo
from pathlib import PurePath
from typing import Any

from qingbo.imports.bad_file import BadFile
from qingbo.imports.dates import parse_date
from qingbo.imports.front_matter import FrontMatter
from qingbo.imports.metadata import LISTS, Value
from qingbo.imports.withholding import plain_key

COVERS = (
    "cover", "image", "featured_image", "featuredimage", "featureimage", "thumbnail", "banner", "banner_img",
    "index_img",
)  # fmt: skip
SUMMARY = ("excerpt", "summary", "description")
DATES = ("date", "created", "createdat", "datecreated", "createtime")
"""Keys of the date, the most reliable first."""
OLD_ADDRESSES = ("aliases", "alias", "redirectfrom", "redirects", "oldurl", "oldurls")
ADDRESSES = ("permalink", "url", "path")
"""Keys of the address that a post had, which may be a pattern of Jekyll."""
MOST_ADDRESSES = 50
DATE_HINT = "write it as 2024-02-07 or 2024-02-07 10:00"
_DATED_NAME = re.compile(r"(?P<date>\d{4}[-_.]\d{1,2}[-_.]\d{1,2}|\d{8})(?:[-_ ]+(?P<name>.*))?")
_FOLDERS = re.compile(r"(?:19|20)\d\d/\d{1,2}(?:/\d{1,2})?")


def line_in(front: FrontMatter, *keys: str) -> str:
    """Return the first text among the values of some keys, which are written in lower case without separators."""
    found = (_line(value) for key in keys for name, value in front.metadata.values.items() if plain_key(name) == key)
    return next(filter(None, found), "")


def words_in(front: FrontMatter, key: str) -> list[str]:
    """Return the words of a list, or of a line; those of Zola are in the table ``taxonomies``.

    Raises:
        BadFile: if it is neither.
    """
    table = front.metadata.values.get("taxonomies")
    value = front.metadata.values.get(key) or (table.get(key) if isinstance(table, dict) else None)
    if value is None:
        return []
    if isinstance(value, str):
        return [word for word in re.split(r"[,，、]\s*|\s+" if key == "tags" else r"[,，、]\s*", value) if word]
    if isinstance(value, list):
        words = list(_flat(value))
        if all(isinstance(word, str) for word in words):
            return words
    raise BadFile(f"has {key} that are neither a list nor a line", front.line_of(key))


def tags_in(front: FrontMatter) -> list[str]:
    """Return tags and categories."""
    return [tag for key in LISTS for tag in words_in(front, key)]


def categories_in(front: FrontMatter) -> list[str]:
    """Return the categories only."""
    return [*words_in(front, "categories"), *words_in(front, "category")]


def category_paths_in(front: FrontMatter) -> Iterator[tuple[str, ...]]:
    """Yield the lists of categories: one, or those in a list of lists."""
    value = front.metadata.values.get("categories")
    if isinstance(value, list) and any(isinstance(each, list) for each in value):
        yield from (tuple(_flat(each if isinstance(each, list) else [each])) for each in value)
    elif words := categories_in(front):
        yield tuple(words)


def first_word_in(front: FrontMatter, *keys: str) -> str:
    """Return the first text or the first entry of a list; in tables, such as Zola's ``extra``, too."""
    values = front.metadata.values
    tables = [values.get(name) for name in ("taxonomies", "extra", "params")]
    for table in (values, *(each for each in tables if isinstance(each, dict))):
        for key, value in table.items():
            if plain_key(key) in keys:
                first = next(iter(_flat(value)), "") if isinstance(value, list) else value
                if isinstance(first, dict):
                    first = first.get("name")
                if found := _line(first):
                    return found
    return ""


def addresses_in(front: FrontMatter) -> list[str]:
    """Return the old addresses that front matter lists."""
    found = []
    for key, value in front.metadata.values.items():
        if plain_key(key) in OLD_ADDRESSES:
            found += [_line(each) for each in _flat(value if isinstance(value, list) else [value])]
    return list(dict.fromkeys(filter(None, found)))[:MOST_ADDRESSES]


def cover_in(front: FrontMatter) -> str:
    """Return the address or path of the cover; in some themes it is in a table or a list."""
    values = front.metadata.values
    extra = values.get("extra")
    for table in (values, extra if isinstance(extra, dict) else {}):
        if found := next(filter(None, (_cover(table.get(key)) for key in COVERS)), ""):
            return found
    return ""


def date_in(front: FrontMatter, zone: tzinfo) -> datetime | None:
    """Return the date.

    Raises:
        BadFile: if it cannot be read.
    """
    for wanted in DATES:
        for key, value in front.metadata.values.items():
            if plain_key(key) == wanted:
                try:
                    if moment := parse_date(value, zone):
                        return moment
                except ValueError:
                    raise BadFile(f"has a date that cannot be read: {value!r}", front.line_of(key), DATE_HINT) from None
    return None


def date_of_path(path: PurePath, zone: tzinfo) -> tuple[datetime | None, str]:
    """Return the date in a file's name or folders, and how it was guessed, if it is not a whole date.

    Raises:
        BadFile: if it is no day, such as ``2024-02-30``.
    """
    for name in (path.stem, path.parent.name):
        if found := _DATED_NAME.fullmatch(name):
            try:
                return parse_date(re.sub(r"[_.]", "-", found["date"]), zone), ""
            except ValueError:
                if found["date"].isdecimal():  # eight digits may be anything
                    continue
                hint = "rename it, or write a date into its front matter"
                raise BadFile(f"has a date in its name that cannot be read: {found['date']!r}", hint=hint) from None
    return _date_of_folders(path, zone)


def undated(name: str) -> str:
    """Return the name of a file without its date."""
    found = _DATED_NAME.fullmatch(name)
    return (found["name"] or "") if found else name


def is_dated(name: str) -> bool:
    """Return whether the name of a file begins with a date."""
    found = _DATED_NAME.fullmatch(name)
    return bool(found and found["name"])


def name_of(path: PurePath) -> str:
    """Return the name of a post's file without extension; that of a bundle is its folder's."""
    return path.parent.name if path.stem in {"index", "_index"} and path.parent.name else path.stem


def bare_name(path: PurePath) -> str:
    """Return the name of a file without extensions and without a language, such as ``_index`` for ``_index.zh.md``."""
    return path.stem.split(".")[0]


def _date_of_folders(path: PurePath, zone: tzinfo) -> tuple[datetime | None, str]:
    for above in (path.parent, path.parent.parent):
        for count in (3, 2):
            folders = "/".join(above.parts[-count:])
            if _FOLDERS.fullmatch(folders) and folders.count("/") == count - 1:
                try:
                    if count == 3:
                        return parse_date(folders, zone), ""
                    return parse_date(f"{folders}/1", zone), f"its date was guessed from the folder {folders}"
                except ValueError:
                    continue
    return None, ""


def _line(value: Value) -> str:
    """Return a text value; ``true`` and ``false`` are switches of themes and count as empty."""
    is_text = isinstance(value, str) and value.strip().lower() not in {"true", "false"}
    return value.strip() if is_text and isinstance(value, str) else ""


def _cover(value: Value) -> str:
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get("image") or value.get("src") or value.get("url") or value.get("path")
    return _line(value)


def _flat(values: Iterable[Value]) -> Iterator[Any]:
    for value in values:
        if isinstance(value, list):
            yield from _flat(value)
        elif value is not None:
            yield value
