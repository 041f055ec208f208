"""Room in full tables: hidden columns are shortened, or moved into side tables and back."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.exc import DBAPIError

from flask_rewind.attic_entries import Entry, Place
from flask_rewind.keeper.context import CrossingContext, without_column
from flask_rewind.keeper.refusals import Refusals
from flask_rewind.sql.changes import AlterTable
from flask_rewind.sql.parser import read
from flask_rewind.steps import StepKind

_LENGTHENING = {"ADD", "CHANGE", "MODIFY", "CONVERT"}
"""Actions of ALTER TABLE that may make rows longer."""


class Room:
    """Makes room in tables for what a script adds to them."""

    def __init__(self, crossing: CrossingContext, refusals: Refusals) -> None:
        self._crossing = crossing
        self._refusals = refusals
        self._sides = crossing.sides

    def make_room(self, statement: str) -> None:
        """Let what is hidden in a table take less room, if an ALTER TABLE of the script would not fit."""
        change = read(statement, self._crossing.dialect)
        if not isinstance(change, AlterTable):
            return
        # No other actions: an empty copy of the table is altered to see, and RENAME would make another table of it.
        actions = [each.text for each in change.actions if each.text.split()[0].upper() in _LENGTHENING]
        if actions:
            self._make_room_in(self._crossing.place_of(change.table), actions)

    def _make_room_in(self, table: Place, actions: Sequence[str]) -> None:
        staying: set[str] = set()
        while True:
            with self._crossing.hiding(StepKind.MAKE_ROOM, table):
                going = self._crossing.hider.room.make(table, actions, staying)
            found = [entry for entry in self._crossing.attic.entries() if entry.name in going[:1]] if going else []
            if not found:
                return
            if not self._move_out(found[0]):
                staying |= {found[0].name}

    def _move_out(self, entry: Entry) -> bool:
        """Move a hidden column into a side table, where its values follow their rows; False where they cannot."""
        hider = self._crossing.hider
        key = hider.tables.primary_key(entry.place)
        if not key:
            return False
        self._sides.refuse_triggers(entry)
        with self._crossing.hiding(StepKind.MOVE_OUT, entry.place, self._sides.place_of(entry).table):
            if self._sides.is_out(entry):  # a return that was broken off has left the column, and not its values
                hider.columns.purge(entry)
                return True
            details = self._sides.copy_out(entry, key)
            if details is None:
                return False
            self._crossing.attic.rewrite(entry, details)
            hider.columns.purge(entry)
        return True

    def moved_in(self, entry: Entry) -> Entry:
        """Move a hidden column from its side table, if it is in one, back into its rows."""
        if not self._sides.is_out(entry):
            return entry
        table = without_column(entry.place)
        self._sides.refuse_triggers(entry)
        self._make_room_in(table, [self._sides.adding(entry)])
        with self._crossing.hiding(StepKind.MOVE_IN, entry.place, self._sides.place_of(entry).table):
            try:
                details = self._sides.copy_in(entry)
            except DBAPIError as error:
                self._refusals.refuse_full_table(error, table)
                raise
            self._crossing.attic.rewrite(entry, details)
            self._sides.drop(entry)
        return replace(entry, details=details)
