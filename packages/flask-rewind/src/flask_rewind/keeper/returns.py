"""Bringing back the column or table that the opposite crossing hid."""

from contextlib import AbstractContextManager
from typing import Any

from sqlalchemy import Column, Table

from flask_rewind import alembic_private
from flask_rewind.attic_entries import Entry, Place
from flask_rewind.details import ColumnDetails
from flask_rewind.errors import Refused
from flask_rewind.keeper.compatibility import Compatibility
from flask_rewind.keeper.context import CrossingContext
from flask_rewind.keeper.drops import Drops
from flask_rewind.keeper.hidden_types import HiddenTypes
from flask_rewind.keeper.lookup import Lookup
from flask_rewind.keeper.outcome import Outcome
from flask_rewind.keeper.recreation import Recreation
from flask_rewind.keeper.refusals import Refusals
from flask_rewind.keeper.room import Room
from flask_rewind.steps import StepKind


class Returns:
    """Brings hidden columns and tables back."""

    def __init__(
        self,
        crossing: CrossingContext,
        outcome: Outcome,
        lookup: Lookup,
        *,
        compatibility: Compatibility,
        drops: Drops,
        recreation: Recreation,
        refusals: Refusals,
        room: Room,
        types: HiddenTypes,
    ) -> None:
        self._crossing = crossing
        self._outcome = outcome
        self._lookup = lookup
        self._compatibility = compatibility
        self._drops = drops
        self._recreation = recreation
        self._refusals = refusals
        self._room = room
        self._types = types

    def bring_back(self, place: Place) -> bool:
        """Return a column or table as it was when it was hidden; False where the opposite crossing hid none."""
        entry = self._lookup.kept(place)
        if entry is None:
            return False
        self._refusals.refuse_taken(entry)
        self._types.bring_back()
        if place.column:
            moved = self._room.moved_in(entry)
            is_nullable = not moved.details_as(ColumnDetails).not_null
            self._return_column(moved, nullable=is_nullable, fill=self._crossing.fill_for(place))
        else:
            self._return_table(entry)
        return True

    def bring_back_column(self, place: Place, column: Column[Any]) -> bool:
        """Return the column that the opposite crossing hid; False where there is none of this type."""
        entry = self._lookup.kept(place)
        if entry is None:
            return False
        self._types.bring_back()
        entry = self._room.moved_in(entry)
        if not self._compatibility.has_type_of(entry, column):
            return False
        self._refusals.refuse_taken(entry)
        fill = self._crossing.fill_for(entry.place) or alembic_private.default_text(self._crossing.impl, column)
        self._return_column(entry, nullable=bool(column.nullable), fill=fill)
        return True

    def _return_column(self, entry: Entry, *, nullable: bool, fill: str | None) -> None:
        details, columns = entry.details_as(ColumnDetails), self._crossing.hider.columns
        nullable = nullable and not details.stays_not_null
        # SQLAlchemy reads only a part of a default from a sequence
        fill = self._crossing.fill_for(entry.place) or details.numbered_by or fill
        needed = self._fill_needed(entry, fill, nullable=nullable)
        with self._bringing_back(entry):
            is_prepared = columns.prepare_return(entry, nullable=nullable)
        if is_prepared and needed is None:  # rows may have been inserted meanwhile
            needed = self._fill_needed(entry, fill, nullable=nullable)
        self._note_return(entry)
        with self._bringing_back(entry):
            restores = columns.bring_back(entry, nullable=nullable, fill=needed)
            if late := columns.late_rows(entry):
                _refuse_rows_without_value(entry.place, late, fill, nullable=nullable)
                columns.fill_late(entry, fill or "NULL")
        self._recreation.add_of_column(entry, restores)

    def _bringing_back(self, entry: Entry) -> AbstractContextManager[None]:
        return self._crossing.hiding(StepKind.BRING_BACK, entry.place, entry.name)

    def _fill_needed(self, entry: Entry, fill: str | None, *, nullable: bool) -> str | None:
        """Return the value for rows that have none in a column that returns; None where all rows have one.

        Raises:
            Refused: where such rows need a value, and nothing says which.
        """
        place, details = entry.place, entry.details_as(ColumnDetails)
        count = self._crossing.hider.columns.newborn_rows(entry)
        _refuse_rows_without_value(place, count, fill, nullable=nullable)
        if not nullable and not details.not_null and not details.is_numbered:
            fill, count = self._crossing.fill_for(place), self._crossing.hider.values.null_rows(entry)
            if count and fill is None:
                raise Refused(
                    f"{place} could be NULL when it was hidden; it returns NOT NULL, and {count} rows have no value.",
                    f"Give these rows a value, as a SQL expression: --fill \"{place}=''\"",
                )
        return fill if count else None

    def bring_back_table(self, table: Table) -> bool:
        """Return the table that the opposite crossing hid; False where it cannot have the columns of this one.

        A downgrade by the journal hid the table as its crossing had left it. Columns that it got or lost after it was
        made are hidden or returned now, as the script will expect them.
        """
        columns = [column.name for column in table.columns]
        entry = self._lookup.kept(Place(table.schema, table.name))
        if entry is None or not self._compatibility.has_columns(entry, columns):
            return False
        self._refusals.refuse_taken(entry)
        self._types.bring_back()
        self._return_table(entry)
        place, fold = entry.place, self._crossing.names.of_column
        visible = {fold(name): name for name in self._crossing.visible_columns(place)}
        missing = [name for name in columns if fold(name) not in visible]
        found = [self._lookup.hidden_in(place, place, name) for name in missing]
        inner = [each for each in found if each]
        surplus = [visible[name] for name in visible.keys() - {*map(fold, columns)}]
        if any(self._crossing.sides.is_out(each) for each in inner):  # there is no room for them beside the surplus
            self._drops.hide_surplus(place, surplus)
            surplus = []
        for each in inner:
            moved = self._room.moved_in(each)
            self._return_column(moved, nullable=not moved.details_as(ColumnDetails).not_null, fill=None)
        self._drops.hide_surplus(place, surplus)
        return True

    def _return_table(self, entry: Entry) -> None:
        self._note_return(entry)
        with self._crossing.hiding(StepKind.BRING_BACK, entry.place, entry.name):
            restores = self._crossing.hider.tables.bring_back(entry)
        self._recreation.add_of_table(restores)
        self._outcome.note_table_back(entry)

    def _note_return(self, entry: Entry) -> None:
        self._crossing.attic.note_return(entry)
        self._outcome.note_return(entry)


def _refuse_rows_without_value(place: Place, count: int, fill: str | None, *, nullable: bool) -> None:
    if count and fill is None and not nullable:
        raise Refused(
            f"{place} returns NOT NULL without a default, and {count} rows were inserted while it was hidden.",
            f"Give these rows a value, as a SQL expression: --fill \"{place}=''\"",
        )
