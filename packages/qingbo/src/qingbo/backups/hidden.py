"""What is hidden in a blog, restored from an archive on the same engine."""

from collections.abc import Iterator, Sequence
from typing import Any

import flask_rewind
from flask_rewind import RewindError
from sqlalchemy import Connection, Table, delete
from sqlalchemy.exc import SQLAlchemyError

from qingbo.backups import manifest as names
from qingbo.backups.archive import Archive
from qingbo.backups.manifest import Manifest
from qingbo.backups.tables import JOURNAL, engine_of, hidden_content, hidden_tables, is_hidden, kinds_of
from qingbo.errors import ArchiveRefused
from qingbo.extensions import db

Row = dict[str, Any]
MADE_WITH_THE_ATTIC = "rewind_attic"
"""The table whose rows `flask_rewind.create_attic` writes."""


def create_hidden(archive: Archive) -> str:
    """Create the hidden tables and columns of an archive without rows, if it was made on the engine of this blog.

    Returns:
        An empty text, or why they stay in the archive.
    """
    manifest = archive.manifest
    with db.engine.connect() as connection:
        engine = engine_of(connection)
    if manifest.engine != engine:
        return f"it was hidden on {manifest.engine}, and this database is {engine}"
    if names.ATTIC not in manifest.members:
        return "the archive does not say how to create it"
    purge_hidden()  # the move to the revision of the archive may have hidden something, without rows
    try:
        flask_rewind.create_attic(archive.text(names.ATTIC))
    except (RewindError, SQLAlchemyError) as error:
        return str(getattr(error, "orig", None) or error).rstrip(".")
    return ""


def purge_hidden() -> None:
    """Delete everything hidden in this blog."""
    if flask_rewind.attic():
        flask_rewind.purge(everything=True)


def hidden_there(connection: Connection, tables: Sequence[Table], manifest: Manifest) -> list[Table]:
    """Return the hidden tables and the journal of this database, after comparing them with the archive.

    Raises:
        ArchiveRefused: if they differ.
    """
    hidden = [each for each in hidden_tables(connection) if each.name != MADE_WITH_THE_ATTIC]
    there = {each.name: kinds_of(hidden_content(each)) for each in (*hidden, *tables) if each.name in manifest.hidden}
    for name, content in manifest.hidden.items():
        found = {column: kind for column, kind in there.get(name, {}).items() if column in content.columns}
        if name != MADE_WITH_THE_ATTIC and found != content.columns:
            raise ArchiveRefused(
                f"The hidden part of {name} in the backup is not what the backup says of it.",
                "The rows of the blog were not changed. Try an older backup.",
            )
    return [each for each in hidden if each.name in manifest.hidden or each.name in JOURNAL]


def empty_journal(connection: Connection, hidden: Sequence[Table]) -> None:
    """Delete the journal of this database, which the one of the archive replaces."""
    for each in reversed(hidden):
        if not is_hidden(each.name):
            connection.execute(delete(each))


def with_hidden_values(archive: Archive, into: Table, rows: Iterator[Row], *, with_zone: bool) -> Iterator[Row]:
    """Yield the rows of a table with the values of its hidden columns, which the archive stores in the same order.

    Raises:
        ArchiveRefused: if the keys of the two files differ.
    """
    content = archive.manifest.hidden[into.name]
    hidden = archive.rows(names.HIDDEN, into.name, content, with_zone=with_zone)
    for row, values in zip(rows, hidden, strict=True):
        if any(row[key] != values[key] for key in values.keys() & row.keys()):
            raise ArchiveRefused(f"The hidden values of {into.name} belong to other rows.", "Try an older backup.")
        yield row | values
