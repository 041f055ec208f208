"""Typecho's settings: its address and the patterns of its addresses. Pure functions."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any
from urllib.parse import unquote, urlsplit

from qingbo.imports.systems.databases import Row

DEFAULTS = {
    "post": "/archives/[cid:digital]/",
    "page": "/[slug].html",
    "category": "/category/[slug]/",
    "tag": "/tag/[slug]/",
    "author": "/author/[uid:digital]/",
    "attachment": "/attachment/[cid:digital]/",
}

_FIELD = re.compile(r"\[(?P<name>\w+)(?::[^\[\]]*)?\]")
_MOST_SECONDS = 14 * 3600


@dataclass(frozen=True, slots=True)
class Options:
    """The settings that an import needs."""

    site: str = ""
    """The address of the blog, without a slash at the end."""
    zone: tzinfo = UTC
    patterns: Mapping[str, str] = field(default_factory=lambda: dict(DEFAULTS))
    comments_are_markdown: bool = False

    @property
    def host(self) -> str:
        """The blog's host name."""
        return urlsplit(self.site).hostname or ""

    def paths(self, kind: str, values: Mapping[str, Any]) -> list[str]:
        """Return the paths of a page, with and without ``/index.php``, which Typecho needs without URL rewriting."""
        pattern = self.patterns[kind]
        if any(not str(values.get(found["name"], "")) for found in _FIELD.finditer(pattern)):
            return []
        path = unquote(_FIELD.sub(lambda found: str(values[found["name"]]), pattern))
        base = unquote(urlsplit(self.site).path).rstrip("/")
        places = dict.fromkeys(f"{each}{index}" for each in (base, "") for index in ("", "/index.php"))
        return [f"{place}{path}" for place in places]

    def day(self, moment: datetime | None) -> dict[str, str]:
        """Return the parts of a date in addresses."""
        if moment is None:
            return {}
        local = moment.astimezone(self.zone)
        return {"year": f"{local:%Y}", "month": f"{local:%m}", "day": f"{local:%d}"}


def options_of(rows: Iterable[Row], site: str = "") -> Options:
    """Return the settings in the table of options; `site` is used instead of the address in them."""
    values = {str(row["name"]): str(row["value"] or "") for row in rows}
    seconds = values.get("timezone", "0")
    offset = int(seconds) if re.fullmatch(r"-?\d{1,5}", seconds) else 0
    zone = timezone(timedelta(seconds=offset)) if abs(offset) <= _MOST_SECONDS else UTC
    routing = values.get("routingTable", "")
    patterns = {name: _pattern(routing, name) or usual for name, usual in DEFAULTS.items()}
    return Options(
        (site or values.get("siteUrl", "")).rstrip("/"), zone, patterns, values.get("commentsMarkdown") == "1"
    )


def _pattern(routing: str, name: str) -> str:
    """Return a pattern in the table of routes, which is PHP's serialization, or JSON in newer releases."""
    if routing.startswith("{"):
        try:
            return str(json.loads(routing)[name]["url"])
        except (ValueError, KeyError, TypeError):
            return ""
    return php_string(routing, f's:{len(name)}:"{name}";a:\\d+:{{', "url")


def file_path(text: str) -> str:
    """Return the path of an attachment from its row's text."""
    if text.startswith("{"):
        try:
            return str(json.loads(text).get("path") or "")
        except ValueError:
            return ""
    return php_string(text, "", "path")


def php_string(text: str, before: str, key: str) -> str:
    """Return a string in PHP's serialization of an array by its key; empty if it is not there.

    Two known keys are all that is read, so no library that restores whole values is needed.
    """
    found = re.search(rf'{before}s:{len(key)}:"{key}";s:\d+:"([^"]*)";', text)
    return found[1] if found else ""
