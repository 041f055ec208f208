"""Imports the blog of 2016."""

from collections.abc import Callable, Iterator, Sequence
from datetime import tzinfo
from urllib.parse import urlsplit

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qingbo.accounts.passwords import is_bcrypt, is_right
from qingbo.fetching.fetcher import Fetcher
from qingbo.imports.blog2016.entries import entry_of, person_of
from qingbo.imports.blog2016.reminders import take_reminders
from qingbo.imports.blog2016.tables import (
    COMMENTS,
    POSTS,
    POSTS_TAGS,
    REMINDERS,
    REQUIRED,
    ROLES,
    TAGS,
    USERS,
    USERS_ROLES,
)
from qingbo.imports.report import Report, Topic
from qingbo.imports.systems.databases import OldDatabase, Row, grouped
from qingbo.imports.systems.importing import Choices, SystemImport
from qingbo.imports.systems.items import Person

SHARED_PASSWORD = "jmilkfan"  # noqa: S105 - published in the source of the old blog
"""The old blog gave it to everybody who signed in by another site."""


def count_posts(database: OldDatabase) -> int:
    """Return the number of posts.

    Raises:
        SetupError: if it is not the database of this blog.
    """
    database.require(REQUIRED, "the light blog of 2016")
    return int(database.rows(select(func.count().label("count")).select_from(POSTS))[0]["count"])


def import_blog2016(
    session: Session,
    database: OldDatabase,
    zone: tzinfo,
    choices: Choices,
    *,
    site: str = "",
    progress: Callable[[str], None] = lambda name: None,
    fetcher: Fetcher | None = None,
) -> Report:
    """Import a blog, each post in a separate transaction.

    Args:
        session: is committed after each item.
        database: of the old blog; `count_posts` has checked it.
        zone: of its dates, which have none.
        choices: of the person who runs it.
        site: the address of the old blog, for pictures.
        progress: is called after each post, with its title.
        fetcher: for the pictures; tests use a local server.
    """
    run = SystemImport.begin(session, "blog2016:", database.name, choices, fetcher)
    run.files.hosts = {urlsplit(site).hostname or ""} - {""}
    _take_people(run, database)
    for keys in database.batches(select(POSTS.c.id).order_by(POSTS.c.publish_date, POSTS.c.id)):
        for row, tags, comments in _posts(database, [key["id"] for key in keys]):
            run.take(entry_of(row, tags, comments, zone, site))
            progress(str(row["title"]))
    if REMINDERS.name in database.tables():
        take_reminders(run, database.rows(select(REMINDERS).order_by(REMINDERS.c.id)), zone)
    return run.report


def _take_people(run: SystemImport, database: OldDatabase) -> None:
    named = select(USERS_ROLES.c.user_id, ROLES.c.name)
    named = named.join_from(USERS_ROLES, ROLES, ROLES.c.id == USERS_ROLES.c.role_id)
    roles = grouped(database.rows(named), "user_id")
    writers = {row["user_id"] for row in database.rows(select(POSTS.c.user_id).distinct())}
    rows = database.rows(select(USERS).order_by(USERS.c.username, USERS.c.id))
    known = run.origins.known("user", [str(row["id"]) for row in rows])
    run.target.keep()
    for row in rows:
        person = person_of(row, _names(roles[row["id"]]), has_posts=row["id"] in writers)
        # Verifying a password is slow, so it happens before the transaction that makes the account.
        is_needed = person.key not in known and run.choices.everyone is None
        stored, problem = _password(row) if is_needed else (None, "")
        run.accounts.take(person, _giver(run, person, stored, problem))


def _giver(run: SystemImport, person: Person, stored: str | None, problem: str) -> Callable[[], str | None]:
    """Return a function that gives the hash for a new account, and reports what is wrong with it."""

    def give() -> str | None:
        if problem:
            run.report.note(Topic.CHECK, f"{run.source}, user {person.name}", problem)
        return stored

    return give


def _password(row: Row) -> tuple[str | None, str]:
    """Return the hash of a password and an empty string, or None and why the account needs a new password."""
    stored = str(row["password"] or "")
    if not is_bcrypt(stored):
        return None, "its password cannot be read, so it needs a new one"
    if is_right(stored, SHARED_PASSWORD):
        return None, "it has the password that the old blog gave to many, so it needs a new one"
    return stored, ""


def _posts(database: OldDatabase, keys: Sequence[str]) -> Iterator[tuple[Row, list[str], list[Row]]]:
    """Yield the posts with these keys, in this order, with the names of their tags and with their comments."""
    rows = {row["id"]: row for row in database.rows(select(POSTS).where(POSTS.c.id.in_(keys)))}
    named = select(POSTS_TAGS.c.post_id, TAGS.c.name).join_from(POSTS_TAGS, TAGS, TAGS.c.id == POSTS_TAGS.c.tag_id)
    tags = grouped(database.rows(named.where(POSTS_TAGS.c.post_id.in_(keys))), "post_id")
    on_them = select(COMMENTS).where(COMMENTS.c.post_id.in_(keys)).order_by(COMMENTS.c.date)
    comments = grouped(database.rows(on_them), "post_id")
    for key in keys:
        yield rows[key], _names(tags[key]), comments[key]


def _names(rows: Sequence[Row]) -> list[str]:
    return [str(row["name"]) for row in rows]
