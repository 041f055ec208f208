"""Imports Typecho."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from qingbo.fetching.fetcher import Fetcher
from qingbo.imports.report import Item, Outcome, Report, Topic
from qingbo.imports.systems.databases import OldDatabase, Row, grouped
from qingbo.imports.systems.importing import Choices, SystemImport
from qingbo.imports.systems.terms import OldTerm, take_terms
from qingbo.imports.typecho.entries import PAGES, POSTS, entry_of, file_of, filled, person_of
from qingbo.imports.typecho.options import Options, options_of
from qingbo.imports.typecho.tables import Tables, prefix_in

DEFAULT_CATEGORY = "default"
"""The slug of the category that every new blog has."""


def tables_of(database: OldDatabase, prefix: str | None = None) -> Tables:
    """Return the tables of the blog in a database.

    Raises:
        SetupError: if it has none, or several without a prefix.
    """
    tables = database.tables()
    found = prefix_in({each for each in tables if not prefix or each.startswith(prefix)})
    return Tables.with_prefix(found, has_fields=f"{found}fields" in tables)


def count_entries(database: OldDatabase, tables: Tables) -> int:
    """Return the number of posts and pages."""
    wanted = select(func.count().label("count")).select_from(tables.contents).where(_is_entry(tables))
    return int(database.rows(wanted)[0]["count"])


def import_typecho(
    session: Session,
    database: OldDatabase,
    tables: Tables,
    choices: Choices,
    *,
    site: str = "",
    progress: Callable[[str], None] = lambda name: None,
    fetcher: Fetcher | None = None,
) -> Report:
    """Import a blog, each post or page in a separate transaction.

    Args:
        session: is committed after each item.
        database: of the old blog.
        tables: from `tables_of`.
        choices: of the person who runs it.
        site: the address of the old blog, if it is another one than in its settings.
        progress: is called after each post or page, with its title.
        fetcher: for the files; tests use a local server.
    """
    options = options_of(database.rows(select(tables.options).where(tables.options.c.user == 0)), site)
    parts = urlsplit(options.site)
    run = SystemImport.begin(session, f"typecho:{parts.netloc}{parts.path}", database.name, choices, fetcher)
    run.files.hosts = {options.host} - {""}
    _take_people(run, database, tables, options)
    contents = tables.contents
    attachments = database.rows(select(contents).where(contents.c.type == "attachment"))
    run.files.add(file for row in attachments if (file := file_of(row, options)))
    for keys in database.batches(select(contents.c.cid).where(_is_entry(tables)).order_by(contents.c.cid)):
        numbers = [key["cid"] for key in keys]
        fields = _fields(database, tables, numbers)
        for row, metas, comments in _entries(database, tables, numbers):
            _take(run, row, metas, comments, fields[row["cid"]], options)
            progress(str(row["title"]))
    run.files.bring_rest(database.name)
    terms = database.rows(select(tables.metas).where(tables.metas.c.type.in_(("category", "tag"))))
    take_terms(run, [_term(row, options) for row in terms if not _is_default(row)])
    return run.report


def _is_entry(tables: Tables) -> Any:
    """Return the condition for posts and pages, without the drafts of published ones."""
    contents = tables.contents.c
    is_own = or_(contents.parent == 0, contents.type.in_(("post", "page")))
    return contents.type.in_(sorted(POSTS | PAGES)) & is_own


def _take_people(run: SystemImport, database: OldDatabase, tables: Tables, options: Options) -> None:
    writers = {row["authorId"] for row in database.rows(select(tables.contents.c.authorId).distinct())}
    for row in database.rows(select(tables.users).order_by(tables.users.c.uid)):
        run.accounts.take(person_of(row, options, has_posts=row["uid"] in writers))


def _take(
    run: SystemImport, row: Row, metas: Sequence[Row], comments: Sequence[Row], fields: Sequence[Row], options: Options
) -> None:
    entry = entry_of(row, [meta for meta in metas if not _is_default(meta)], comments, options, filled(fields))
    run.take(entry)
    for each in comments:
        if each["type"] != "comment":
            run.report.count(Item.COMMENT, Outcome.SKIPPED)
            run.report.note(Topic.SKIPPED, f"{run.source}, comment {each['coid']}", f"it is a {each['type']}")


def _fields(database: OldDatabase, tables: Tables, keys: Sequence[int]) -> Mapping[Any, Sequence[Row]]:
    """Return the custom fields of the rows with these keys."""
    if tables.fields is None:
        return defaultdict(list)
    wanted = select(tables.fields).where(tables.fields.c.cid.in_(keys)).order_by(tables.fields.c.name)
    return grouped(database.rows(wanted), "cid")


def _entries(database: OldDatabase, tables: Tables, keys: Sequence[int]) -> Iterator[tuple[Row, list[Row], list[Row]]]:
    """Yield the rows with these keys, in this order, with their categories and tags, and their comments."""
    contents, links, metas = tables.contents, tables.relationships, tables.metas
    rows = {row["cid"]: row for row in database.rows(select(contents).where(contents.c.cid.in_(keys)))}
    named = select(links.c.cid, metas).join_from(links, metas, metas.c.mid == links.c.mid)
    named = named.where(links.c.cid.in_(keys), metas.c.type.in_(("category", "tag")))
    metas_of = grouped(database.rows(named.order_by(metas.c.type, metas.c.mid)), "cid")
    on_them = select(tables.comments).where(tables.comments.c.cid.in_(keys)).order_by(tables.comments.c.coid)
    comments_of = grouped(database.rows(on_them), "cid")
    for key in keys:
        yield rows[key], metas_of[key], comments_of[key]


def _is_default(meta: Row) -> bool:
    return bool(meta["type"] == "category" and meta["slug"] == DEFAULT_CATEGORY)


def _term(row: Row, options: Options) -> OldTerm:
    is_category = row["type"] == "category"
    values = {"slug": row["slug"], "mid": row["mid"], "directory": row["slug"]}
    paths = options.paths("category" if is_category else "tag", values)
    return OldTerm(str(row["name"]), paths, str(row["description"] or ""), is_category=is_category)
