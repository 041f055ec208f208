"""Imports an export file of WordPress."""

from collections.abc import Callable
from datetime import tzinfo
from pathlib import Path

from sqlalchemy.orm import Session

from qingbo.fetching.fetcher import Fetcher
from qingbo.imports.report import Item, Outcome, Report, Topic
from qingbo.imports.systems.importing import Choices, SystemImport
from qingbo.imports.systems.items import Remark
from qingbo.imports.systems.terms import OldTerm, take_terms
from qingbo.imports.wordpress.entries import DEFAULT_CATEGORY, Skipped, entry_of, remarks_of
from qingbo.imports.wordpress.export_file import Element, records
from qingbo.imports.wordpress.overview import Overview, Term, read_overview


def import_wordpress(
    session: Session,
    path: Path,
    overview: Overview,
    zone: tzinfo,
    choices: Choices,
    *,
    progress: Callable[[str], None] = lambda name: None,
    fetcher: Fetcher | None = None,
) -> Report:
    """Import a file, each post or page in a separate transaction.

    Args:
        session: is committed after each item.
        path: of the file.
        overview: of the file, from `read_overview`.
        zone: for dates that are not given in UTC.
        choices: of the person who runs it.
        progress: is called after each post or page, with its title.
        fetcher: for the files; tests use a local server.
    """
    run = SystemImport.begin(session, f"wordpress:{overview.identity}", path.name, choices, fetcher)
    run.files.hosts = {overview.host} - {""}
    run.files.add(overview.files.values())
    for person in overview.people.values():
        run.accounts.take(person)
    for record in records(path):
        if record.name == "item" and record.value("wp:post_type") in {"post", "page"}:
            _take(run, record, overview, zone)
            progress(record.value("title"))
    run.files.bring_rest(path.name)
    take_terms(run, [_old_term(term, overview) for term in overview.terms if term.slug != DEFAULT_CATEGORY])
    for kind, count in overview.others.items():
        run.report.note(Topic.SKIPPED, path.name, f"{count} items of the type {kind}, which this blog does not have")
    return run.report


__all__ = ["import_wordpress", "read_overview"]


def _take(run: SystemImport, record: Element, overview: Overview, zone: tzinfo) -> None:
    found = list(remarks_of(record, overview, zone))
    entry = entry_of(record, overview, zone, [each for each in found if isinstance(each, Remark)])
    kind = record.value("wp:post_type")
    source = f"{run.source}, {kind} {record.value('wp:post_id')}"
    if isinstance(entry, Skipped):
        run.report.count(Item.PAGE if kind == "page" else Item.POST, Outcome.SKIPPED)
        run.report.note(Topic.SKIPPED, source, entry.reason, entry.line)
        return
    for each in found:
        if isinstance(each, Skipped):
            run.report.count(Item.COMMENT, Outcome.SKIPPED)
            run.report.note(Topic.SKIPPED, source, each.reason, each.line)
    run.take(entry)


def _old_term(term: Term, overview: Overview) -> OldTerm:
    by_slug = {each.slug: each for each in overview.terms if each.is_category} if term.parent else {}
    above, slug = [term.slug], term.parent
    while slug in by_slug and slug not in above:
        above.insert(0, slug)
        slug = by_slug[slug].parent
    word = "category" if term.is_category else "tag"
    paths = dict.fromkeys([f"/{word}/{'/'.join(above)}", f"/{word}/{term.slug}"])
    return OldTerm(term.name, overview.paths(map(overview.path, paths)), term.description, is_category=term.is_category)
