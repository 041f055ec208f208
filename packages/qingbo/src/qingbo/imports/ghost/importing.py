"""Imports an export file of Ghost."""

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sqlalchemy.orm import Session

from qingbo.fetching.fetcher import Fetcher
from qingbo.imports.ghost.entries import UNKNOWN_SITE, entry_of, is_internal
from qingbo.imports.ghost.export_file import rows
from qingbo.imports.ghost.overview import Overview, read_overview
from qingbo.imports.report import Report
from qingbo.imports.systems.importing import Choices, SystemImport
from qingbo.imports.systems.terms import OldTerm, take_terms

__all__ = ["import_ghost", "read_overview"]

_CONTENT = re.compile(r"/content/(?P<kind>images|media|files)/(?:size/[wh\d]+/)?(?:format/\w+/)?(?P<path>.+)")
_PLACES = ("{path}", "{kind}/{path}", "content/{kind}/{path}")
"""Where a file may be below the given folder, which may be `images`, `content`, or the folder that contains it."""


def import_ghost(
    session: Session,
    path: Path,
    overview: Overview,
    choices: Choices,
    *,
    images: Path | None = None,
    site: str = "",
    progress: Callable[[str], None] = lambda name: None,
    fetcher: Fetcher | None = None,
) -> Report:
    """Import a file, each post or page in a separate transaction.

    Args:
        session: is committed after each item.
        path: of the file.
        overview: of the file, from `read_overview`.
        choices: of the person who runs it.
        images: the folder with the pictures, from Ghost's `content/images`.
        site: the address of the old blog.
        progress: is called after each post or page, with its title.
        fetcher: for the files; tests use a local server.
    """
    run = SystemImport.begin(session, "ghost:", path.name, choices, fetcher)
    files, place = run.files, site or UNKNOWN_SITE
    files.hosts = {urlsplit(place).hostname or ""}
    files.hint = "--images DIR, or --site URL and --fetch, bring them"
    files.unknown_site = "" if site else UNKNOWN_SITE
    files.local = lambda address: local_file(address, images, files.hosts)
    for person in overview.people.values():
        run.accounts.take(person)
    for _, row in rows(path, {"posts"}):
        entry = entry_of(row, overview, place)
        run.take(entry)
        progress(entry.title)
    take_terms(run, [_term(row, overview) for row in overview.tags.values() if _is_shown(row)])
    return run.report


def _is_shown(row: dict[str, object]) -> bool:
    return not is_internal(str(row.get("name") or "#"))


def _term(row: dict[str, object], overview: Overview) -> OldTerm:
    addresses = overview.routes.of_tag(str(row.get("slug") or ""))
    return OldTerm(str(row["name"]), addresses, str(row.get("description") or ""))


def local_file(address: str, folder: Path | None, hosts: set[str]) -> Path | None:
    """Return the file for the address of a picture, from a folder and from nowhere else."""
    parts = urlsplit(address)
    found = _CONTENT.search(unquote(parts.path))
    if folder is None or found is None or parts.hostname not in hosts:
        return None
    root = folder.resolve()
    for form in _PLACES:
        file = (root / form.format(**found.groupdict())).resolve()
        if file.is_relative_to(root) and file.is_file():
            return file
    return None
