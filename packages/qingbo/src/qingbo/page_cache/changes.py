"""Which database changes are visible on public pages: each raises a number in its own transaction.

The newest number is in one row, which is locked last before COMMIT. So numbers have the order of commits, and nothing
else waits for that row. A comment changes the page of its post; every other change may be visible on any page.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import BigInteger, Connection, Engine, event, insert, inspect, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, ORMExecuteState, Session, mapped_column

from qingbo.database import UNNUMBERED_TABLE_OPTIONS, Base
from qingbo.extensions import BlogSession

NEWEST = -1
"""The subject whose row contains the newest number."""
EVERYTHING = 0
"""The subject of changes that may be visible on every page. Other subjects are the numbers of posts."""

NOTHING = -2
"""The subject of fragments that do not depend on the database: it never changes."""

UNSEEN_TABLES = {
    "attempt_counts", "audit_events", "author_referrers", "author_views", "avatars", "comment_search",
    "comment_subscriptions", "imported_files", "invitations", "outgoing_mails", "passkeys", "post_drafts",
    "post_openings", "post_referrers", "post_versions", "post_view_months", "post_views", "releases", "renderings",
    "view_marks", "view_salts",
}  # fmt: skip
"""Tables that no public page shows, or that are derived from other tables. New tables count as shown."""

UNSEEN_COLUMNS = {
    "media": {"claimed_until"},
    "users": {
        "confirmed_at", "email", "fs_uniquifier", "fs_webauthn_user_handle", "language", "mf_recovery_codes",
        "password", "tf_primary_method", "tf_totp_secret", "totp_counter",
    },
}  # fmt: skip
"""Columns of shown tables that no public page shows. So signing in does not empty the cache."""

POST_COLUMNS = {"comments": "post_id"}
"""Tables whose rows are visible only on the page of one post, and the column with its number."""

_SUBJECTS, _RECORDED = "page_cache_subjects", "page_cache_recorded"


class PublicChange(Base):
    """The number of the newest visible change of a subject."""

    __tablename__ = "public_changes"
    __table_args__ = UNNUMBERED_TABLE_OPTIONS

    subject: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    """The number of a post, `EVERYTHING` or `NEWEST`."""
    number: Mapped[int] = mapped_column(BigInteger, index=True)


class _Commits:
    """The number of this process's commits with visible changes."""

    count = 0


commits = _Commits()


@contextmanager
def public_write(engine: Engine) -> Iterator[Connection]:
    """Begin a transaction, outside the sessions, that changes what public pages show."""
    with engine.begin() as connection:
        yield connection
        record_changes(connection, [EVERYTHING])
    commits.count += 1


def record_changes(connection: Connection, subjects: Iterable[int]) -> None:
    """Raise the number of these subjects; these have to be the last statements of the transaction."""
    _set(connection, NEWEST, PublicChange.number + 1)
    number = connection.execute(select(PublicChange.number).where(PublicChange.subject == NEWEST)).scalar_one()
    for subject in sorted(subjects):
        _set(connection, subject, number)


def _set(connection: Connection, subject: int, number: Any) -> None:
    raised = update(PublicChange).where(PublicChange.subject == subject).values(number=number)
    if connection.execute(raised).rowcount:
        return
    first = {"subject": subject, "number": 1 if subject == NEWEST else number}
    try:
        with connection.begin_nested():
            connection.execute(insert(PublicChange).values(first))
    except IntegrityError:  # another process has inserted the first row meanwhile
        connection.execute(raised)


@event.listens_for(BlogSession, "before_flush")
def _note_rows(session: Session, context: Any, instances: Any) -> None:
    for row in (*session.new, *session.deleted):
        _note(session, _subjects_of_row(row))
    for row in session.dirty:
        if session.is_modified(row) and not _is_unseen(row):
            _note(session, _subjects_of_row(row))


@event.listens_for(BlogSession, "do_orm_execute")
def _note_statement(state: ORMExecuteState) -> None:
    statement: Any = state.statement
    if (state.is_insert or state.is_update or state.is_delete) and statement.table.name not in UNSEEN_TABLES:
        _note(state.session, {EVERYTHING})


@event.listens_for(BlogSession, "before_commit")
def _record(session: Session) -> None:
    if session.in_nested_transaction():
        return
    session.flush()
    if subjects := session.info.pop(_SUBJECTS, None):
        record_changes(session.connection(), {EVERYTHING} if EVERYTHING in subjects else subjects)
        session.info[_RECORDED] = True


@event.listens_for(BlogSession, "after_commit")
def _count(session: Session) -> None:
    if session.info.pop(_RECORDED, False):
        commits.count += 1


@event.listens_for(BlogSession, "after_rollback")
def _forget(session: Session) -> None:
    session.info.pop(_SUBJECTS, None)
    session.info.pop(_RECORDED, None)


def _note(session: Session, subjects: set[int]) -> None:
    session.info.setdefault(_SUBJECTS, set()).update(subjects)


def _subjects_of_row(row: Any) -> set[int]:
    name = row.__table__.name
    if name in UNSEEN_TABLES or name == PublicChange.__tablename__:
        return set()
    column = POST_COLUMNS.get(name)
    post = getattr(row, column) if column else None
    return {EVERYTHING if post is None else post}


def _is_unseen(row: Any) -> bool:
    unseen: set[str] = UNSEEN_COLUMNS.get(row.__table__.name, set())
    return all(each.key in unseen for each in inspect(row).attrs if each.history.has_changes())
