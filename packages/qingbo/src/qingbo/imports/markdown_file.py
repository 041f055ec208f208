"""One Markdown file: its front matter, title, date, tags and text, in the shapes of Hexo, Hugo and Jekyll. Pure."""

import json
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from pathlib import PurePath
from typing import Any

import yaml
from frontmatter.default_handlers import BaseHandler, YAMLHandler

_HEADING = re.compile(r"\A\s*#[ \t]+(?P<title>\S.*?)[ \t]*#*[ \t]*$\n?", re.MULTILINE)
_UNDERLINED = re.compile(r"\A\s*(?P<title>\S[^\n]*)\n=+[ \t]*$\n?", re.MULTILINE)
_OLD_HEXO = re.compile(
    r"\A(?P<front>(?:title|date|tags|categories|layout|author)\s*:.*?)^---[ \t]*$\n?", re.MULTILINE | re.DOTALL
)
_DATED_NAME = re.compile(r"(?P<date>\d{4}-\d{2}-\d{2})[-_ ]*(?P<name>.*)")


class BadFile(ValueError):
    """The file cannot be a post; the text says why."""


FIRST_YEAR, LAST_YEAR = 1000, 9997
"""Of dates: they stay dates in every time zone, and the archive has pages for them."""


@dataclass(frozen=True, slots=True)
class MarkdownFile:
    """What a file says of itself."""

    title: str
    text: str
    tags: list[str]
    slug: str
    date: datetime | None
    """None where neither front matter nor file name has one."""
    is_draft: bool


class _TOMLHandler(BaseHandler):
    """Hugo's front matter between ``+++``."""

    FM_BOUNDARY = re.compile(r"^\+{3,}\s*$", re.MULTILINE)
    START_DELIMITER = END_DELIMITER = "+++"

    def load(self, fm: str, **kwargs: Any) -> Any:
        return tomllib.loads(fm)


def read_markdown(path: PurePath, content: bytes, zone: tzinfo) -> MarkdownFile:
    """Read a file.

    Args:
        path: where it is; the name may give title, date and slug.
        content: what it holds, UTF-8.
        zone: of dates that name no zone.

    Raises:
        BadFile: where it is not UTF-8, its front matter cannot be read, or a value in it has the wrong shape.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadFile(f"is not UTF-8 (byte {error.start})") from None
    try:
        metadata, body = _split(text.replace("\r\n", "\n"))
        tags = _words(metadata, "tags") + _words(metadata, "categories")
    except RecursionError:
        raise BadFile("has front matter that is nested too deeply") from None
    title = metadata.get("title")
    if title is None or not str(title).strip():
        title, body = _first_heading(body) or (_named(path), body)
    return MarkdownFile(
        title=str(title).strip(),
        text=body.strip("\n"),
        tags=tags,
        slug=str(metadata.get("slug") or _slug_of_name(path)),
        date=_date(metadata.get("date"), zone) or _date_of_name(path, zone),
        is_draft=_is_draft(metadata),
    )


def natural_key(path: PurePath) -> list[Any]:
    """Return a key that sorts issue-9 before issue-10."""
    parts = re.split(r"(\d+)", str(path).casefold())
    return [int(part) if part.isdecimal() else part for part in parts]


def _split(text: str) -> tuple[dict[str, Any], str]:
    """Return front matter and text; what only looks like front matter is text."""
    for shape in (_between_lines, _before_a_line, _json_object):
        found = shape(text)
        if found is not None:
            metadata, body = found
            return {str(key).lower(): value for key, value in metadata.items()}, body
    return {}, text


def _between_lines(text: str) -> tuple[dict[str, Any], str] | None:
    """YAML between ``---``, or TOML between ``+++``."""
    if not text.startswith(("---", "+++")):
        return None
    handler = _TOMLHandler() if text.startswith("+++") else YAMLHandler()
    try:
        front, body = handler.split(text)
    except ValueError:  # nothing ends it: a rule
        return None
    try:
        metadata = handler.load(front) or {}
    except (yaml.YAMLError, tomllib.TOMLDecodeError, ValueError) as error:
        raise BadFile(f"has front matter that cannot be read: {' '.join(str(error).split())}") from None
    return (metadata, body) if isinstance(metadata, dict) else None  # else prose between two rules


def _before_a_line(text: str) -> tuple[dict[str, Any], str] | None:
    """YAML before a ``---`` alone, as older Hexo has it."""
    found = _OLD_HEXO.match(text)
    if found is None:
        return None
    try:
        metadata = yaml.safe_load(found["front"])
    except yaml.YAMLError:
        return None
    return (metadata, text[found.end() :]) if isinstance(metadata, dict) and "title" in metadata else None


def _json_object(text: str) -> tuple[dict[str, Any], str] | None:
    """A JSON object at the top, as Hugo takes it."""
    if not text.startswith("{"):
        return None
    try:
        metadata, end = json.JSONDecoder().raw_decode(text)
    except ValueError:
        return None
    return (metadata, text[end:]) if isinstance(metadata, dict) and "title" in metadata else None


def _first_heading(body: str) -> tuple[str, str] | None:
    for pattern in (_HEADING, _UNDERLINED):
        if found := pattern.match(body):
            return found["title"], body[found.end() :]
    return None


def _named(path: PurePath) -> str:
    return _undated(path).replace("-", " ").replace("_", " ").strip() or path.stem


def _slug_of_name(path: PurePath) -> str:
    """Return the slug in a Jekyll file name; any other name says less than the title."""
    found = _DATED_NAME.fullmatch(path.stem)
    return found["name"] if found else ""


def _undated(path: PurePath) -> str:
    # A Hugo bundle is a folder, whose name is the post's.
    stem = path.parent.name if path.stem in {"index", "_index"} and path.parent.name else path.stem
    found = _DATED_NAME.fullmatch(stem)
    return found["name"] if found else stem


def _words(metadata: dict[str, Any], key: str) -> list[str]:
    value = metadata.get(key)
    if value is None:
        return []
    if isinstance(value, str):
        return [word for word in re.split(r"[,，、]\s*|\s+" if key == "tags" else r"[,，、]\s*", value) if word]
    if isinstance(value, list):
        return list(_flat(value))
    raise BadFile(f"has {key} that are neither a list nor a line")


def _flat(values: Iterable[Any]) -> Iterable[str]:
    for value in values:
        if isinstance(value, list):
            yield from _flat(value)
        elif value is not None:
            yield str(value)


def _is_draft(metadata: dict[str, Any]) -> bool:
    for key, expected in (("draft", False), ("published", True)):
        value = metadata.get(key)
        value = expected if value is None else value
        if not isinstance(value, bool):
            raise BadFile(f"has {key}: {value!r}, which is neither true nor false")
        if value is not expected:
            return True
    return False


def _date_of_name(path: PurePath, zone: tzinfo) -> datetime | None:
    for name in (path.stem, path.parent.name):
        if found := _DATED_NAME.fullmatch(name):
            return _date(found["date"], zone)
    return None


def _date(value: Any, zone: tzinfo) -> datetime | None:
    if value is None or value == "":
        return None
    try:
        moment = value if isinstance(value, date) else _parse(str(value))
        if not isinstance(moment, datetime):
            moment = datetime.combine(moment, time())
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
        if not FIRST_YEAR <= moment.year <= LAST_YEAR:
            raise ValueError("no pages are made for that year")
        return moment
    except (ValueError, OverflowError):
        raise BadFile(f"has a date that cannot be read: {value!r}") from None


def _parse(text: str) -> datetime:
    text = text.strip().replace("/", "-")
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        for pattern in ("%Y-%m-%d %H:%M:%S %z", "%Y-%m-%d %H:%M %z", "%Y-%m-%d %H:%M"):
            try:
                return datetime.strptime(text, pattern)  # noqa: DTZ007 - the caller gives it the site's zone
            except ValueError:
                continue
        raise
