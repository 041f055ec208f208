"""Puts a backup into the current app's blog: in one transaction, on any engine."""

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import flask_rewind
from flask import current_app
from flask_rewind import RewindError
from sqlalchemy import Connection, Table, delete, func, insert, inspect, literal_column, select, table, update
from sqlalchemy.exc import SQLAlchemyError

from qingbo.accounts.models import User
from qingbo.backups import manifest as names
from qingbo.backups.archive import Archive
from qingbo.backups.hidden import create_hidden, empty_journal, hidden_there, purge_hidden, with_hidden_values
from qingbo.backups.making import Progress
from qingbo.backups.manifest import Manifest
from qingbo.backups.tables import LEFT_OUT, content_tables, kinds_of, set_next_number, shown_columns
from qingbo.clock import now
from qingbo.config import Settings
from qingbo.database import Base, writing
from qingbo.errors import ArchiveRefused, RestoreFailed, RestoreRefused
from qingbo.extensions import MIGRATIONS, db, session
from qingbo.home import DataFolder, write_private
from qingbo.media.place import current_storage
from qingbo.media.storage import Storage
from qingbo.page_cache.changes import EVERYTHING, NEWEST, PublicChange, record_changes
from qingbo.privacy import sqlite_file
from qingbo.progress import Step
from qingbo.reindexing import count_all, reindex

ROWS_AT_ONCE, BYTES_AT_ONCE = 500, 4_000_000
"""The most that one INSERT carries: MariaDB takes 16 MB by default."""
MADE_BY_MIGRATIONS = {"roles", "releases", "public_changes"}
"""Tables that have rows in a new blog."""


@dataclass(slots=True)
class Restored:
    """What came back."""

    manifest: Manifest
    rows: int = 0
    media: int = 0
    upgraded: list[str] = field(default_factory=list)
    """Revisions crossed after an older backup was restored."""
    hidden: tuple[str, ...] = ()
    """Hidden tables and columns that were restored."""
    still_hidden: tuple[str, ...] = ()
    """Those of them that the move to this version's schema has not made visible again."""
    left_in_archive: tuple[str, ...] = ()
    """Hidden tables and columns that were not restored."""
    why_left: str = ""
    code_users: int = 0
    """Accounts that sign in with codes from an app, which need the secret key of the old blog."""


def check_revision(manifest: Manifest) -> None:
    """Refuse a backup whose schema this version of Qingbo does not know.

    Raises:
        ArchiveRefused: with the version that made it.
    """
    from alembic.script import ScriptDirectory  # its import is slow

    if manifest.revision not in {each.revision for each in ScriptDirectory(MIGRATIONS).walk_revisions()}:
        raise ArchiveRefused(
            f"The backup has the schema {manifest.revision}, which this version does not know: Qingbo "
            f"{manifest.version} made it.",
            "Install that version, or a newer one. Nothing was changed.",
        )


def check_target() -> bool:
    """Return whether the blog is empty: it has no accounts, posts or anything else, also nothing hidden.

    Raises:
        RestoreRefused: if its database has a schema that this version cannot move.
    """
    (status,) = flask_rewind.status()
    if status.unfinished:
        raise RestoreRefused("A move of the database was interrupted.", "Finish it first: qingbo db resume")
    if status.unknown:
        raise RestoreRefused(
            f"The database is at revision {status.unknown[0]}, which a newer version of Qingbo wrote.",
            "Restore into an empty database, or install that version.",
        )
    if flask_rewind.attic():
        return False
    with db.engine.connect() as connection:
        wanted = {*Base.metadata.tables} - MADE_BY_MIGRATIONS - LEFT_OUT
        return not any(_has_rows(connection, name) for name in wanted & {*inspect(connection).get_table_names()})


def require_room(manifest: Manifest) -> None:
    """Refuse a backup that does not fit on the disk.

    Raises:
        RestoreRefused: with the numbers.
    """
    folder: DataFolder = current_app.extensions["qingbo_home"]
    settings: Settings = current_app.extensions["qingbo_settings"]
    media = sum(manifest.members[name].bytes for name in manifest.media)
    needed = 0 if settings.s3_bucket else media
    if sqlite_file(folder, settings) is not None:
        # A large transaction is written into the write-ahead log first, then into the file.
        needed += 2 * (manifest.bytes - media)
    free = shutil.disk_usage(folder.path).free
    if needed > free:
        raise RestoreRefused(
            f"{folder.path} has {free / 1e6:,.0f} MB free, and the backup needs {needed / 1e6:,.0f} MB.",
            "Free some space, then retry.",
        )


def restore(archive: Archive, *, progress: Progress) -> Restored:
    """Replace the rows of the blog by those of a verified archive, and bring the schema to this version's.

    The files come first: they are stored by content, so they replace nothing. The rows follow in one transaction. What
    is hidden is restored with them, on the engine that hid it.

    Raises:
        RestoreFailed: if the database or the disk fails.
    """
    manifest = archive.manifest
    result = Restored(manifest)
    with progress(len(manifest.media)) as step, _explained("Its files were not restored"):
        result.media = _restore_media(archive, current_storage(), step)
    with writing(), _explained("It was not restored"):
        _bring_to(manifest.revision)
        _restore_hidden(archive, result)
        with progress(manifest.rows) as step:
            result.rows = _restore_rows(archive, step, with_hidden=bool(result.hidden))
    with writing(), _explained("Its rows were restored, but the schema was not upgraded"):
        result.upgraded = [each.revision for each in flask_rewind.upgrade().crossings]
        if result.upgraded:
            _set_numbers(manifest)  # on SQLite, a table that is rebuilt gets the highest number it ever had
        _forget_cached_pages()
        if result.hidden:
            result.still_hidden = tuple(sorted({each.place for each in flask_rewind.attic()} & {*result.hidden}))
    _restore_themes(archive, current_app.extensions["qingbo_home"])
    result.code_users = 0 if manifest.has_secrets else _code_users()
    with progress(count_all(session())) as step:
        session().rollback()
        reindex(session(), step, only_missing=True)
    return result


@contextmanager
def _explained(what_failed: str) -> Iterator[None]:
    try:
        yield
    except (SQLAlchemyError, RewindError, OSError) as error:
        reason = getattr(error, "orig", None) or error
        raise RestoreFailed(f"{what_failed}: {reason}", "Find out why: qingbo doctor; then restore again.") from error


def _bring_to(revision: str) -> None:
    """Move the schema to the revision of the backup.

    Rows of the blog that is replaced must not return from the attic later, so what is hidden is deleted first; and so
    are the rows, if the move would hide some. A blog with rows was backed up before.
    """
    purge_hidden()
    (status,) = flask_rewind.status()
    if status.current not in {(), (revision,)}:
        with db.engine.begin() as connection:
            _empty(connection, content_tables(connection))
    flask_rewind.checkout(revision=revision)


def _restore_media(archive: Archive, storage: Storage, step: Step) -> int:
    for name in archive.manifest.media:
        with tempfile.TemporaryFile() as file:
            for chunk in archive.chunks(name):
                file.write(chunk)
            storage.put(name.removeprefix(names.MEDIA), file)
        step(name)
    return len(archive.manifest.media)


def _restore_hidden(archive: Archive, result: Restored) -> None:
    """Create what is hidden, or say why it stays in the archive."""
    if places := archive.manifest.places:
        result.why_left = create_hidden(archive)
        result.hidden, result.left_in_archive = ((), places) if result.why_left else (places, ())


def _restore_rows(archive: Archive, step: Step, *, with_hidden: bool) -> int:
    try:
        with db.engine.begin() as connection:
            tables = content_tables(connection)
            _check_columns(tables, archive.manifest)
            _empty(connection, tables)
            count = sum(_insert(connection, archive, each, step, with_hidden=with_hidden) for each in tables)
            if with_hidden:
                _insert_hidden(connection, archive, tables)
    except BaseException:
        if with_hidden:
            purge_hidden()  # empty tables and columns would look like those of the blog that is here
        raise
    _set_numbers(archive.manifest)
    return count


def _insert_hidden(connection: Connection, archive: Archive, tables: Sequence[Table]) -> None:
    hidden = hidden_there(connection, tables, archive.manifest)
    empty_journal(connection, hidden)
    with_zone = connection.dialect.name == "postgresql"
    for each in hidden:
        if content := archive.manifest.hidden.get(each.name):
            _insert_rows(connection, each, archive.rows(names.HIDDEN, each.name, content, with_zone=with_zone))


def _set_numbers(manifest: Manifest) -> None:
    with db.engine.begin() as connection:
        for each in content_tables(connection):
            content = manifest.tables.get(each.name)
            if content is not None and content.next_number is not None:
                set_next_number(connection, each, content.next_number)


def _check_columns(tables: Sequence[Table], manifest: Manifest) -> None:
    expected = {each.name: kinds_of(shown_columns(each)) for each in tables}
    said = {name: content.columns for name, content in manifest.tables.items()}
    for name in sorted({*expected, *said}):
        if expected.get(name) != said.get(name):
            raise ArchiveRefused(
                f"The table {name} of the backup is not that of revision {manifest.revision}.",
                "The rows of the blog were not changed. Try an older backup.",
            )


def _empty(connection: Connection, tables: Sequence[Table]) -> None:
    there = set(inspect(connection).get_table_names())
    derived = [each for each in Base.metadata.sorted_tables if each.name in there & LEFT_OUT]
    for each in reversed([*tables, *derived]):
        if each.name != PublicChange.__tablename__:
            connection.execute(delete(each))


def _insert(connection: Connection, archive: Archive, into: Table, step: Step, *, with_hidden: bool) -> int:
    content, with_zone = archive.manifest.tables[into.name], connection.dialect.name == "postgresql"
    rows = archive.rows(names.TABLES, into.name, content, with_zone=with_zone)
    if with_hidden and into.name in archive.manifest.hidden:
        rows = with_hidden_values(archive, into, rows, with_zone=with_zone)
    return _insert_rows(connection, into, rows, step)


def _insert_rows(
    connection: Connection, into: Table, rows: Iterable[dict[str, Any]], step: Step = lambda _name, count=1: None
) -> int:
    count = 0
    for batch in _batches(rows):
        try:
            connection.execute(insert(into), batch)
        except SQLAlchemyError as error:
            reason = getattr(error, "orig", None) or error
            raise RestoreFailed(
                f"Rows {count + 1} to {count + len(batch)} of {into.name} cannot be written: {reason}",
                "The rows of the blog were not changed.",
            ) from error
        count += len(batch)
        step(into.name, len(batch))
    return count


def _batches(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    size = 0
    for row in rows:
        batch.append(row)
        size += sum(len(value) for value in row.values() if isinstance(value, str | bytes))
        if len(batch) == ROWS_AT_ONCE or size > BYTES_AT_ONCE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _forget_cached_pages() -> None:
    """Make every page that was cached before, also in Redis, older than the newest change.

    The time in milliseconds is above every number that this blog had before: they count changes.
    """
    with db.engine.begin() as connection:
        raised = update(PublicChange).where(PublicChange.subject == NEWEST)
        connection.execute(raised.values(number=int(now().timestamp() * 1000)))
        record_changes(connection, [EVERYTHING])


def _restore_themes(archive: Archive, folder: DataFolder) -> None:
    for name in archive.manifest.members:
        if name.startswith(names.THEMES):
            folder.themes.mkdir(mode=0o700, exist_ok=True)
            target = folder.themes / name.removeprefix(names.THEMES)
            if not target.exists():
                write_private(target, archive.text(name))


def _has_rows(connection: Connection, name: str) -> bool:
    return connection.execute(select(literal_column("1")).select_from(table(name)).limit(1)).first() is not None


def _code_users() -> int:
    wanted = select(func.count()).select_from(User).where(User.tf_totp_secret.is_not(None))
    return session().scalar(wanted) or 0
