"""Reading the attics of all databases, and deleting from them for good."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, column, func, inspect, select, table

from flask_rewind.attic_entries import Attic, Entry
from flask_rewind.errors import NotKept
from flask_rewind.hiding import hider_of
from flask_rewind.journal import Journal, Request
from flask_rewind.results import Kept
from flask_rewind.revisions import Revisions, commit, live_connection


def kept_in_attics(revisions: Revisions) -> tuple[Kept, ...]:
    """Return what is hidden in each database."""
    found: list[Kept] = []

    def work(heads: tuple[str, ...], context: MigrationContext) -> tuple[()]:
        connection, bind = live_connection(context), revisions.bind_of(context)
        found.extend(_as_kept(connection, entry, bind) for entry in _entries(connection))
        return ()

    revisions.run(work)
    return tuple(found)


def purge_attics(revisions: Revisions, place: str | None, older_than: timedelta | None) -> tuple[Kept, ...]:
    """Delete what `place` names or what is older, everything where neither is given.

    Raises:
        NotKept: where nothing of that name is hidden.
    """
    found: list[Kept] = []

    def work(heads: tuple[str, ...], context: MigrationContext) -> tuple[()]:
        connection, bind = live_connection(context), revisions.bind_of(context)
        gone = []
        for entry in reversed(list(_chosen(_entries(connection), place, older_than))):
            gone.append(_as_kept(connection, entry, bind))
            _purge(connection, entry)
        Attic(connection).drop_if_empty()
        if gone:
            _note(Journal(connection), _asked(place, older_than), heads, gone)
        found.extend(gone)
        commit(context)
        return ()

    revisions.run(work, moves=True)
    if place is not None and not found:
        raise NotKept(f"The attic has nothing named {place}.", "What it keeps: flask db attic")
    return tuple(reversed(found))


def _asked(place: str | None, older_than: timedelta | None) -> str:
    if older_than is not None:
        return f"older than {older_than.total_seconds() / 3600:g} h"
    return place or "all"


def _note(journal: Journal, asked: str, heads: tuple[str, ...], gone: list[Kept]) -> None:
    """Write down what was forgotten, and by whom."""
    purged = [{"place": each.place, "kind": each.kind, "rows": each.rows, "since": each.since} for each in gone]
    move = journal.begin_move(Request("purge", asked, {"purged": purged}), heads)
    journal.end_move(move, "done", heads)


def _chosen(entries: list[Entry], place: str | None, older_than: timedelta | None) -> Iterator[Entry]:
    # A type is in use until the last of its columns is gone, so it goes with everything only.
    limit = datetime.now(UTC).replace(tzinfo=None) - older_than if older_than is not None else None
    for entry in entries:
        if place is not None and place not in {str(entry.place), entry.name}:
            continue
        if limit is None or entry.hidden_at < limit:
            yield entry


def _entries(connection: Connection) -> list[Entry]:
    return Attic(connection).entries()


def _purge(connection: Connection, entry: Entry) -> None:
    hider = hider_of(connection)
    if hider is not None and _is_there(connection, entry):
        (hider.purge_column if entry.place.column else hider.purge_table)(entry)
    Attic(connection).forget(entry)


def _is_there(connection: Connection, entry: Entry) -> bool:
    place, inspector = entry.place, inspect(connection)
    if place.is_type:
        return True
    if place.column is None:
        return inspector.has_table(entry.name, place.schema)
    return inspector.has_table(place.table, place.schema) and entry.name in {
        each["name"] for each in inspector.get_columns(place.table, place.schema)
    }


def _as_kept(connection: Connection, entry: Entry, bind: str) -> Kept:
    place = entry.place
    kind = "type" if place.is_type else "column" if place.column else "table"
    full = f"{place.schema}.{place.table}" if place.schema else place.table
    rows = _rows(connection, entry) if kind != "type" and _is_there(connection, entry) else 0
    since = f"{entry.hidden_at.isoformat()}Z"
    return Kept(bind, entry.name, kind, full, place.column or "", entry.revision, entry.direction, since, rows)


def _rows(connection: Connection, entry: Entry) -> int:
    place = entry.place
    if place.column is None:
        query = select(func.count()).select_from(table(entry.name, schema=place.schema))
    else:
        query = select(func.count(column(entry.name))).select_from(table(place.table, schema=place.schema))
    return connection.scalar(query) or 0
