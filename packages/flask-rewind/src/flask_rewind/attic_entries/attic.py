"""The entries of one database: written, read and deleted."""

import itertools
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    delete,
    func,
    insert,
    select,
    true,
    update,
)

from flask_rewind.acting import books_are_kept
from flask_rewind.attic_entries.entry import PREFIX, Entry
from flask_rewind.attic_entries.table import details_of, table, values_of
from flask_rewind.details import Details, engine_called
from flask_rewind.missing_columns import add_missing_columns, columns_there
from flask_rewind.places import Names, Place
from flask_rewind.revision_ids import widen_revision
from flask_rewind.taken_numbers import taken_numbers

_HIDDEN, _RETURNING = "hidden", "returning"
"""States of an entry. It is returning until the version row of the crossing that brings the thing back is committed."""


class Attic:
    """The attic of one database, on the connection of the move and inside its transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.names = Names(connection)
        self._crossing = 0
        self._taken: dict[str | None, set[int]] = {}
        self._columns: set[str] | None = None
        """Names of the columns of the table, empty where there is none; None before anybody asked."""
        self.engine = engine_called(connection.dialect.name)
        self.seen: dict[str, Entry] = {}
        """What was read or put here, by its name in the attic; for where nothing can be read, as after an error."""

    @property
    def exists(self) -> bool:
        """Whether anything was ever hidden here."""
        return bool(self._found_columns())

    def _found_columns(self) -> set[str]:
        if self._columns is None:
            self._columns = columns_there(self._connection, table)
        return self._columns

    @books_are_kept()
    def widen(self) -> None:
        """Change a table that an older version made into what it is now; a move does so before it writes there."""
        if self.exists:
            widen_revision(self._connection, table)
            add_missing_columns(self._connection, table, self._found_columns())
            self._columns = {*table.columns.keys()}

    @books_are_kept()
    def put(
        self,
        place: Place,
        revision: str,
        direction: str,
        details: Details,
        since: datetime | None = None,
        *,
        is_own: bool = False,
    ) -> Entry:
        """Write the entry down; the hiding itself comes after. It is of now, or of `since` where it goes on."""
        if not self.exists:
            table.create(self._connection)
            self._columns = {*table.columns.keys()}
        hidden_at = since or datetime.now(UTC).replace(tzinfo=None, microsecond=0)
        number = self._free_number(place.schema)
        row = {
            "id": number,
            "table_schema": place.schema,
            "table_name": place.table,
            "column_name": place.column,
            "revision": revision,
            "direction": direction,
            "hidden_at": hidden_at,
            "is_type": place.is_type,
            **values_of(details),
            "state": _HIDDEN,
            "crossing_id": self._crossing,
            "is_own": is_own,
        }
        self._connection.execute(insert(table).values(row))
        return self._remembered(Entry(number, place, revision, direction, hidden_at, details, is_own))

    def begin_crossing(self, crossing: int) -> None:
        """Let what is written from now on belong to a crossing, by its number in the journal."""
        # Numbered as if it were the first of its move: a plan of several says the same.
        self._crossing, self._taken = crossing, {}

    def _free_number(self, schema: str | None) -> int:
        """Return a number that no entry has, and no name in the default schema or in this one."""
        # Not left to the database: a plan that is rolled back would use the numbers up, and name things otherwise.
        last = self._connection.scalar(select(func.max(table.c.id))) or 0
        taken = self._taken_in(None) | self._taken_in(schema)
        return next(number for number in itertools.count(last + 1) if number not in taken)

    def _taken_in(self, schema: str | None) -> set[int]:
        """Return the numbers taken in a schema when the crossing hid there first."""
        if schema not in self._taken:
            self._taken[schema] = taken_numbers(self._connection, schema)
        return self._taken[schema]

    def entries(self) -> list[Entry]:
        """Return the entries of what is hidden, the oldest first."""
        has_states = "state" in self._found_columns()  # else an older version made the table, and all are hidden
        return self._read(table.c.state == _HIDDEN if has_states else true())

    def returning(self, crossing: int | None = None) -> list[Entry]:
        """Return the entries of what a crossing which has not ended brings back, or any crossing, the oldest first."""
        is_of_crossing = true() if crossing is None else table.c.crossing_id == crossing
        return self._read((table.c.state == _RETURNING) & is_of_crossing)

    def hidden_in(self, crossing: int) -> list[Entry]:
        """Return the entries of what a crossing, by its number in the journal, has hidden, the oldest first."""
        return self._read((table.c.state == _HIDDEN) & (table.c.crossing_id == crossing))

    def _read(self, condition: ColumnElement[bool]) -> list[Entry]:
        if not self.exists:
            return []
        columns = self._found_columns()
        query = select(*[column for column in table.columns if column.name in columns]).order_by(table.c.id)
        rows = self._connection.execute(query.where(condition))
        return [self._remembered(self._entry(row)) for row in rows]

    def _entry(self, row: Any) -> Entry:
        place = self.names.plain(Place(row.table_schema, row.table_name, row.column_name, row.is_type))
        is_own = bool(getattr(row, "is_own", False))
        return Entry(row.id, place, row.revision, row.direction, row.hidden_at, details_of(row, place), is_own)

    def _remembered(self, entry: Entry) -> Entry:
        self.seen[entry.name] = entry
        return entry

    def hidden_by(self, revision: str, direction: str, place: Place) -> list[Entry]:
        """Return the entries that a crossing hid at `place`, the newest first."""
        return [
            entry
            for entry in reversed(self.entries())
            if (entry.revision, entry.direction) == (revision, direction) and self.names.same(entry.place, place)
        ]

    @books_are_kept()
    def note_return(self, entry: Entry) -> None:
        """Note that the crossing brings back what the entry stands for."""
        self._set_state(entry, _RETURNING)

    @books_are_kept()
    def note_still_hidden(self, entry: Entry) -> None:
        """Note that what the entry stands for did not come back after all."""
        self._set_state(entry, _HIDDEN)

    def _set_state(self, entry: Entry, state: str) -> None:
        values = {"state": state, "crossing_id": self._crossing}
        self._connection.execute(update(table).where(table.c.id == entry.number).values(values))

    @books_are_kept()
    def end_crossing(self) -> None:
        """Delete the entries of what came back: nothing takes that back any more."""
        if self.exists:
            self._connection.execute(delete(table).where(table.c.state == _RETURNING))

    @books_are_kept()
    def forget(self, entry: Entry) -> None:
        """Delete the entry: what it stood for is gone."""
        if self.exists:
            self._connection.execute(delete(table).where(table.c.id == entry.number))

    @books_are_kept()
    def rewrite(self, entry: Entry, details: Details) -> None:
        """Note what it takes by now to bring back what an entry hides."""
        self._connection.execute(update(table).where(table.c.id == entry.number).values(values_of(details)))
        self._remembered(replace(entry, details=details))

    @books_are_kept()
    def follow(self, names: Mapping[str, str]) -> None:
        """Let entries of columns go with their tables: the new name of the table for each ``_attic_<number>``."""
        for name, new in names.items():
            number = int(name.removeprefix(PREFIX))
            self._connection.execute(update(table).where(table.c.id == number).values(table_name=new))

    @books_are_kept()
    def disown(self, crossing: int) -> None:
        """Let no crossing bring back what this one had made: it is not going to be finished."""
        if self.exists:
            is_own = (table.c.crossing_id == crossing) & table.c.is_own
            self._connection.execute(update(table).where(is_own).values(revision="", is_own=False))

    @books_are_kept()
    def detach(self) -> None:
        """Let no crossing bring anything back by itself: the version table was written by hand."""
        if self.exists:
            self._connection.execute(update(table).values(revision=""))

    @books_are_kept()
    def drop_if_empty(self) -> None:
        """Drop the table of entries where nothing is kept."""
        if self.exists and self._connection.scalar(select(func.count()).select_from(table)) == 0:
            table.drop(self._connection)
            self._columns = set()
