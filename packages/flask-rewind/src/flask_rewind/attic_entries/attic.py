"""Write, read and delete the entries of one database."""

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
"""States of an entry. It stays ``returning`` until the version row of the crossing that brings the thing back is
committed; then the entry is deleted."""


class Attic:
    """The attic of one database. It uses the connection of the move and writes in its transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.names = Names(connection)
        self._crossing = 0
        self._taken: dict[str | None, set[int]] = {}
        self._columns: set[str] | None = None
        """Names of the columns of `rewind_attic`, empty if it does not exist; None until the database was asked."""
        self.engine = engine_called(connection.dialect.name)
        self.seen: dict[str, Entry] = {}
        """Entries that were read or written, by their names ``_attic_<number>``: after an error nothing can be read."""

    @property
    def exists(self) -> bool:
        """Whether the database has the table `rewind_attic`."""
        return bool(self._found_columns())

    def _found_columns(self) -> set[str]:
        if self._columns is None:
            self._columns = columns_there(self._connection, table)
        return self._columns

    @books_are_kept()
    def widen(self) -> None:
        """Add the columns that a table of an older version lacks; a move calls this before it writes there."""
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
        """Write an entry, before its thing is hidden. It gets the present time, or `since` if it was hidden before."""
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

    def read_again(self) -> None:
        """Forget what was read and put here: the crossing that did so was taken back."""
        self._columns, self.seen = None, {}
        self.entries()

    def begin_crossing(self, crossing: int) -> None:
        """Assign entries that are written from now on to a crossing, by its number in the journal."""
        # Read the taken numbers again: names must not depend on earlier crossings of the move, or plans would differ.
        self._crossing, self._taken = crossing, {}

    def _free_number(self, schema: str | None) -> int:
        """Return a number that no entry has, and no name ``_attic_<number>`` in the default schema or this schema."""
        # No sequence: a plan that is rolled back would use up its numbers, so that the move would get other names.
        last = self._connection.scalar(select(func.max(table.c.id))) or 0
        taken = self._taken_in(None) | self._taken_in(schema)
        return next(number for number in itertools.count(last + 1) if number not in taken)

    def _taken_in(self, schema: str | None) -> set[int]:
        """Return the numbers that were taken in a schema when the crossing first hid something there."""
        if schema not in self._taken:
            self._taken[schema] = taken_numbers(self._connection, schema)
        return self._taken[schema]

    def entries(self) -> list[Entry]:
        """Return the entries of hidden things, oldest first."""
        has_states = "state" in self._found_columns()  # else an older version made the table: all entries are hidden
        return self._read(table.c.state == _HIDDEN if has_states else true())

    def returning(self, crossing: int | None = None) -> list[Entry]:
        """Return the entries in state ``returning``, of one unfinished crossing or of all, oldest first."""
        is_of_crossing = true() if crossing is None else table.c.crossing_id == crossing
        return self._read((table.c.state == _RETURNING) & is_of_crossing)

    def hidden_in(self, crossing: int) -> list[Entry]:
        """Return the entries that a crossing, by its number in the journal, has hidden, oldest first."""
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
        """Return the entries that crossings of this revision and direction hid at `place`, newest first."""
        return [
            entry
            for entry in reversed(self.entries())
            if (entry.revision, entry.direction) == (revision, direction) and self.names.same(entry.place, place)
        ]

    @books_are_kept()
    def note_return(self, entry: Entry) -> None:
        """Set the entry's state to ``returning``: the crossing brings the hidden thing back."""
        self._set_state(entry, _RETURNING)

    @books_are_kept()
    def note_still_hidden(self, entry: Entry) -> None:
        """Set the entry's state back to ``hidden``: the thing did not return."""
        self._set_state(entry, _HIDDEN)

    def _set_state(self, entry: Entry, state: str) -> None:
        values = {"state": state, "crossing_id": self._crossing}
        self._connection.execute(update(table).where(table.c.id == entry.number).values(values))

    @books_are_kept()
    def end_crossing(self) -> None:
        """Delete the entries of everything that returned: the crossing can no longer be taken back."""
        if self.exists:
            self._connection.execute(delete(table).where(table.c.state == _RETURNING))

    @books_are_kept()
    def forget(self, entry: Entry) -> None:
        """Delete the entry: its hidden thing no longer exists, or is visible again."""
        if self.exists:
            self._connection.execute(delete(table).where(table.c.id == entry.number))

    @books_are_kept()
    def rewrite(self, entry: Entry, details: Details) -> None:
        """Replace the details of an entry."""
        self._connection.execute(update(table).where(table.c.id == entry.number).values(values_of(details)))
        self._remembered(replace(entry, details=details))

    @books_are_kept()
    def follow(self, names: Mapping[str, str]) -> None:
        """Write the new table names into the entries of columns whose tables were renamed.

        Args:
            names: the new name of the table, for each ``_attic_<number>``.
        """
        for name, new in names.items():
            number = int(name.removeprefix(PREFIX))
            self._connection.execute(update(table).where(table.c.id == number).values(table_name=new))

    @books_are_kept()
    def disown(self, crossing: int) -> None:
        """Detach the entries of things that a crossing made itself, because it will not be finished."""
        if self.exists:
            is_own = (table.c.crossing_id == crossing) & table.c.is_own
            self._connection.execute(update(table).where(is_own).values(revision="", is_own=False))

    @books_are_kept()
    def detach(self) -> None:
        """Detach all entries from their revisions, so that no crossing brings them back: `stamp` set the version."""
        if self.exists:
            self._connection.execute(update(table).values(revision=""))

    @books_are_kept()
    def drop_if_empty(self) -> None:
        """Drop `rewind_attic` if it has no rows."""
        if self.exists and self._connection.scalar(select(func.count()).select_from(table)) == 0:
            table.drop(self._connection)
            self._columns = set()
