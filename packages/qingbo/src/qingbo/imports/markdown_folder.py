"""Imports a folder of Markdown files repeatedly: no duplicates, changed files are updated, nothing is lost."""

from collections.abc import Callable
from datetime import timedelta, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy.orm import Session

from qingbo.accounts.models import User
from qingbo.clock import now
from qingbo.imports.authors import Authors
from qingbo.imports.claims import by_claims
from qingbo.imports.identity import KnownFiles, Place
from qingbo.imports.links import Links
from qingbo.imports.listing import Listing
from qingbo.imports.one_file import Import
from qingbo.imports.options import Options
from qingbo.imports.pictures import Pictures
from qingbo.imports.report import Item, Outcome, Report, Topic
from qingbo.imports.target import Target
from qingbo.imports.term_pages import TermPages


def import_folder(
    session: Session,
    listing: Listing,
    author: User,
    zone: tzinfo,
    options: Options | None = None,
    progress: Callable[[Path], None] = lambda path: None,
) -> Report:
    """Import the files of a folder, each in a separate transaction: a later failure does not undo earlier files.

    Args:
        session: is committed after each file.
        listing: of the folder.
        author: of new posts, unless a file names another account.
        zone: for dates without a zone, unless the site's configuration names one.
        options: chosen by a person.
        progress: is called after each file.
    """
    options = options or Options()
    target = Target.current(session, is_dry=options.is_dry)
    _note_listing(target.report, listing)
    folder = listing.folder
    places = [Place.of(path, folder) for path in listing.files]
    known_files = KnownFiles(session, places)
    run = Import(
        target,
        known_files,
        Authors(session, author),
        _zone_of(listing, target.report) or zone,
        listing,
        Pictures(target, folder, author.id, listing.site.generator),
        options,
        Links(listing, known_files),
        TermPages(target),
    )
    newest = now()
    for number in by_claims(listing, run.zone, options.encoding):
        path = listing.files[number]
        run.take(path, places[number], newest - timedelta(minutes=len(places) - number))
        progress(path)
    if not options.is_dry:
        run.finish_links()
    run.authors.report(target.report, folder)
    return target.report


def _note_listing(report: Report, listing: Listing) -> None:
    if listing.site.problem:
        hint = "old addresses that follow from it do not redirect; mend it and import again, or give --permalink"
        report.note(Topic.CHECK, listing.folder, listing.site.problem, hint=hint)
    for (source, reason), number in listing.skipped.items():
        report.count(Item.FILE, Outcome.SKIPPED, number)
        report.note(Topic.SKIPPED, source, reason if number == 1 else f"{number} files: {reason}")


def _zone_of(listing: Listing, report: Report) -> tzinfo | None:
    name = listing.site.generator.zone_name()
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        report.note(Topic.CHECK, listing.site.root, f"its time zone {name} is not known, so the blog's was used")
        return None
