"""The first reading of Ghost's export: that it is whole, and what its posts refer to. Pure functions."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from qingbo.accounts.roles import AUTHOR, EDITOR
from qingbo.imports.bad_file import BadFile
from qingbo.imports.ghost.export_file import Row, rows
from qingbo.imports.ghost.routes import Routes, read_routes, routes_of_setting
from qingbo.imports.systems.items import Person

TABLES = {
    "posts", "posts_authors", "posts_meta", "posts_tags", "roles", "roles_users", "settings", "tags", "users",
}  # fmt: skip
_EDITORS = {"Editor", "Administrator", "Owner", "Super Editor"}
"""Roles that become editors. Only `qingbo user promote` makes an administrator."""


@dataclass(slots=True)
class Overview:
    """What the file contains, except the posts' texts."""

    people: dict[str, Person] = field(default_factory=dict)
    tags: dict[str, Row] = field(default_factory=dict)
    authors_of: defaultdict[str, list[tuple[int, str]]] = field(default_factory=lambda: defaultdict(list))
    """The authors of each post, with their order."""
    tags_of: defaultdict[str, list[tuple[int, str]]] = field(default_factory=lambda: defaultdict(list))
    meta_of: dict[str, Row] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    total: int = 0
    """The number of posts and pages."""

    routes: Routes = field(default_factory=Routes)

    @property
    def zone(self) -> tzinfo:
        """The time zone of the dates in addresses."""
        try:
            return ZoneInfo(str(self.settings.get("timezone") or self.settings.get("activeTimezone") or "UTC"))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return UTC


def read_overview(path: Path, routes: Path | None = None) -> Overview:
    """Read a whole file.

    Args:
        path: of the export.
        routes: the file `routes.yaml`, if there is one.

    Raises:
        BadFile: if `routes` cannot be read, or the export is not a whole and valid export file.
        OSError: if it cannot be read.
    """
    overview, users, names = Overview(), [], {}
    roles_of: defaultdict[str, list[str]] = defaultdict(list)
    counts: Counter[str] = Counter()
    for table, row in rows(path, TABLES):
        counts[table] += 1
        if table == "users":
            users.append(row)
        elif table == "roles":
            names[str(row.get("id"))] = str(row.get("name"))
        elif table == "roles_users":
            roles_of[str(row.get("user_id"))].append(str(row.get("role_id")))
        else:
            _add(overview, table, row)
    overview.total = counts["posts"]
    if not (counts["posts"] or counts["users"]):
        raise BadFile(
            "this is not an export of Ghost: it has no posts", None, "export it in Ghost: Settings, Import/Export"
        )
    overview.routes = read_routes(routes) if routes else routes_of_setting(overview.settings.get("permalinks"))
    for row in users:
        person = person_of(row, [names.get(each, "") for each in roles_of[str(row.get("id"))]], overview.routes)
        overview.people[person.key] = person
    return overview


def person_of(row: Row, roles: list[str], routes: Routes) -> Person:
    """Return the person of a row of users."""
    row = row.get("data") or row
    slug, website = str(row.get("slug") or ""), str(row.get("website") or "")
    role = EDITOR if _EDITORS & set(roles) else AUTHOR
    return Person(
        str(row.get("id")), slug or str(row.get("name") or ""), str(row.get("name") or ""), str(row.get("email") or ""),
        str(row.get("bio") or ""), [website] if website else [], role, routes.of_author(slug),
    )  # fmt: skip


def _add(overview: Overview, table: str, row: Row) -> None:
    post = str(row.get("post_id"))
    order = row.get("sort_order") if isinstance(row.get("sort_order"), int) else 0
    match table:
        case "tags":
            overview.tags[str(row.get("id"))] = row
        case "posts_tags":
            overview.tags_of[post].append((int(order or 0), str(row.get("tag_id"))))
        case "posts_authors":
            overview.authors_of[post].append((int(order or 0), str(row.get("author_id"))))
        case "posts_meta":
            overview.meta_of[post] = {key: row.get(key) for key in ("feature_image_alt",)}
        case "settings":
            overview.settings[str(row.get("key"))] = row.get("value")
