"""Makes a backup of the current app's blog, while it is served and written to."""

import json
import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any

import flask_rewind
from flask import current_app
from flask_rewind import RewindError
from sqlalchemy import Column, Connection, Engine, Table, func, literal_column, select, text
from sqlalchemy.exc import SQLAlchemyError

from qingbo.backups import manifest as names
from qingbo.backups.archive import Archive, ArchiveWriter
from qingbo.backups.manifest import Manifest, TableContent, member_of
from qingbo.backups.settings_files import text_to_keep
from qingbo.backups.tables import (
    content_tables,
    engine_of,
    hidden_columns,
    hidden_content,
    hidden_tables,
    in_order,
    kinds_of,
    next_number,
    shown_columns,
)
from qingbo.backups.values import writers
from qingbo.clock import now
from qingbo.database import writing
from qingbo.errors import BackupFailed
from qingbo.extensions import db
from qingbo.home import DataFolder
from qingbo.media.addresses import file_name
from qingbo.media.models import Media
from qingbo.media.place import current_storage
from qingbo.media.renditions import renditions_of
from qingbo.progress import Step
from qingbo.version import __version__

ROWS_AT_ONCE = 100
"""How many rows are in memory: a post may have 500,000 characters."""

Progress = Callable[[int], AbstractContextManager[Step]]
"""Begins to show the progress of a number of steps."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What is read from the database in one snapshot."""

    revision: str
    engine: str
    tables: dict[str, TableContent]
    hidden: dict[str, TableContent]
    media: list[str] = field(default_factory=list)
    """Names in the storage."""


def in_silence(_total: int) -> AbstractContextManager[Step]:
    """Show no progress."""
    return nullcontext(lambda _name, count=1: None)


def make_backup(path: Path, *, with_secrets: bool = False, progress: Progress = in_silence) -> Manifest:
    """Write an archive of the whole blog, verify it, and give it its name.

    Args:
        path: of the archive; an existing file is replaced at the end.
        with_secrets: also store the secret settings and the key that signs sessions.
        progress: shows it.

    Raises:
        BackupFailed: if something cannot be read or written; the file at `path` is what it was.
    """
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
            with ArchiveWriter(file) as archive:
                manifest = _write(archive, with_secrets=with_secrets, progress=progress)
            file.flush()
            os.fsync(file.fileno())
        with Archive(unfinished) as written:
            written.verify()
        unfinished.replace(path)
    except OSError as error:
        raise BackupFailed(f"{path} cannot be written: {error.strerror or error}.", "Name another place.") from error
    except (SQLAlchemyError, RewindError, ValueError) as error:
        reason = getattr(error, "orig", None) or error
        raise BackupFailed(f"The database cannot be backed up: {reason}", "See: qingbo doctor") from error
    finally:
        unfinished.unlink(missing_ok=True)
    return manifest


def _write(archive: ArchiveWriter, *, with_secrets: bool, progress: Progress) -> Manifest:
    folder: DataFolder = current_app.extensions["qingbo_home"]
    attic = {each.name: each.place for each in flask_rewind.attic()}
    contents = _read_database(archive, attic, progress)
    with progress(len(contents.media)) as step:
        missing = _write_media(archive, contents.media, step)
    _write_files(archive, folder, with_secrets=with_secrets)
    manifest = Manifest(
        version=__version__,
        made_at=now().isoformat(timespec="seconds").replace("+00:00", "Z"),
        engine=contents.engine,
        revision=contents.revision,
        has_secrets=with_secrets,
        tables=contents.tables,
        hidden=contents.hidden,
        places=tuple(sorted({*attic.values()})) if contents.hidden else (),
        missing=tuple(missing),
        members=archive.members,
    )
    archive.finish(manifest)
    return manifest


def _read_database(archive: ArchiveWriter, attic: Mapping[str, str], progress: Progress) -> Contents:
    """Write the rows of one snapshot. It ends before the media are written, which may take long."""
    with snapshot(db.engine) as connection:
        tables = content_tables(connection)
        hidden = hidden_tables(connection) if attic else []
        _lock(connection, [*tables, *hidden])
        if definition := flask_rewind.attic_definition(connection) if attic else "":
            with archive.member(names.ATTIC) as write:
                write(definition.encode())
        total = sum(connection.scalar(select(func.count()).select_from(each)) or 0 for each in tables)
        with progress(total) as step:
            contents = _write_database(archive, connection, tables, hidden, step)
        contents.media.extend(_media_names(connection, tables, hidden, attic))
        return contents


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """Yield a connection that sees the database as it is at its first query, while others go on writing."""
    # SQLite's read transactions are snapshots in WAL mode.
    options: dict[str, Any] = {} if engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    with writing(False), engine.connect().execution_options(**options) as connection, connection.begin():
        yield connection


def _lock(connection: Connection, tables: Iterable[Table]) -> None:
    """Begin the snapshot, and keep the tables from being altered until its end."""
    for table in tables:
        connection.execute(select(literal_column("1")).select_from(table).limit(1))


def _write_database(
    archive: ArchiveWriter, connection: Connection, tables: Sequence[Table], hidden: Sequence[Table], step: Step
) -> Contents:
    def of(table: Table) -> TableContent:
        columns = shown_columns(table)
        number = next_number(connection, table)
        return _write_rows(archive, connection, names.TABLES, table, columns, step, number)

    def of_hidden(table: Table) -> TableContent:
        return _write_rows(archive, connection, names.HIDDEN, table, hidden_content(table), lambda _name, count=1: None)

    with_hidden = [*hidden, *(each for each in tables if hidden_columns(each))]
    return Contents(
        revision=",".join(sorted(connection.scalars(text("SELECT version_num FROM alembic_version")))),
        engine=engine_of(connection),
        tables={each.name: of(each) for each in tables},
        hidden={each.name: of_hidden(each) for each in with_hidden},
    )


def _write_rows(
    archive: ArchiveWriter, connection: Connection, folder: str, table: Table, columns: Sequence[Column[Any]],
    step: Step, number: int | None = None,
) -> TableContent:  # fmt: skip
    kinds = kinds_of(columns)
    changed = writers(kinds)
    rows = select(*columns).order_by(*in_order(table)).execution_options(yield_per=ROWS_AT_ONCE)
    count = 0
    with archive.member(member_of(folder, table.name)) as write:
        for partition in connection.execute(rows).mappings().partitions():
            write("".join(_line(row, changed) for row in partition).encode())
            count += len(partition)
            step(table.name, len(partition))
    return TableContent(rows=count, columns=kinds, next_number=number)


def _line(row: Any, changed: dict[str, Callable[[Any], Any]]) -> str:
    values = dict(row)
    for name, write in changed.items():
        if values[name] is not None:
            values[name] = write(values[name])
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")) + "\n"


def _media_names(
    connection: Connection, tables: Sequence[Table], hidden: Sequence[Table], attic: Mapping[str, str]
) -> list[str]:
    """Return the names of all stored files that have a row: uploads, and the smaller pictures made of them.

    At a revision before media, the table with their rows may be hidden.
    """
    wanted = Media.__tablename__
    found_in = [each for each in (*tables, *hidden) if wanted in {each.name, attic.get(each.name)}]
    if not found_in:
        return []
    table = found_in[0]
    columns = select(table.c.digest, table.c.name, table.c.renditions).order_by(table.c.id)
    found = []
    for digest, name, renditions in connection.execute(columns.execution_options(yield_per=1000)):
        media = Media(digest=digest, name=name, renditions=renditions)
        found += [file_name(digest, PurePath(name).suffix), *(each.stored_name(media) for each in renditions_of(media))]
    return found


def _write_media(archive: ArchiveWriter, wanted: Iterable[str], step: Step) -> list[str]:
    """Write the stored files, and return the names of those that the storage does not have."""
    storage = current_storage()
    missing = []
    for name in wanted:
        try:
            chunks = storage.read(name)
        except FileNotFoundError:
            missing.append(name)
        else:
            with archive.member(f"{names.MEDIA}{name}", compressed=False) as write:
                for chunk in chunks:
                    write(chunk)
        step(name)
    return missing


def _write_files(archive: ArchiveWriter, folder: DataFolder, *, with_secrets: bool) -> None:
    with archive.member(names.SETTINGS) as write:
        write(text_to_keep(folder, with_secrets=with_secrets).encode())
    if with_secrets:
        with archive.member(names.SECRET_KEY) as write:
            write(folder.secret_key().encode())
    for path in sorted(folder.themes.glob("*.css")):
        if names.is_member_name(f"{names.THEMES}{path.name}"):
            with archive.member(f"{names.THEMES}{path.name}") as write:
                write(path.read_bytes())
