"""Values of columns and tables that a script makes anew, copied from what is hidden."""

import itertools
import logging
from dataclasses import replace
from typing import Any

from sqlalchemy import Column, Table, inspect
from sqlalchemy.types import TypeEngine

from flask_rewind.attic_entries import SIDE, Entry, Place
from flask_rewind.details import TableDetails
from flask_rewind.engines.access import columns_of
from flask_rewind.engines.side_tables import key_of_side
from flask_rewind.errors import Refused
from flask_rewind.keeper.context import CrossingContext
from flask_rewind.keeper.lookup import Lookup
from flask_rewind.keeper.outcome import Outcome
from flask_rewind.steps import StepKind

log = logging.getLogger("alembic.runtime.migration")


class Values:
    """Copies hidden values into columns and tables that did not return themselves, and fills NULLs."""

    def __init__(self, crossing: CrossingContext, outcome: Outcome, lookup: Lookup) -> None:
        self._crossing = crossing
        self._outcome = outcome
        self._lookup = lookup

    def copy_rows_that_fit(self, table: Table) -> None:
        """Copy rows of the table that the opposite crossing hid into one that was made with other columns.

        The hidden table stays, with the columns that have no place in the new one.
        """
        place = self._crossing.names.found(Place(table.schema, table.name))
        entry = self._lookup.kept(place)
        if entry is None:
            return
        fold = self._crossing.names.of_column
        there = columns_of(inspect(self._crossing.connection), place.schema, entry.name)
        hidden: dict[str, TypeEngine[Any]] = {fold(name): column["type"] for name, column in there.items()}
        fitting = [
            column.name
            for column in table.columns
            if fold(column.name) in hidden
            and column.computed is None
            and not self._crossing.impl.compare_type(Column(column.name, hidden[fold(column.name)]), column)
        ]
        if fitting:
            with self._crossing.hiding(StepKind.COPY_ROWS, place, entry.name):
                count = self._crossing.hider.values.copy_rows(Place(place.schema, entry.name), place, fitting)
            log.warning("%s rows of %s were copied with the columns that fit: %s.", count, place, ", ".join(fitting))

    def source_of(self, place: Place) -> Place | None:
        """Return where the values are of a column that the opposite crossing hid in a table which is hidden since.

        That is so where a later revision has put another table in its place, the way SQLite's documentation
        recommends for changes of a table (sqlite.org/lang_altertable.html).
        """
        same, is_of = self._crossing.names.same, self._crossing.is_of
        entries = [*reversed(self._crossing.attic.entries())]
        columns = [each for each in entries if self._crossing.is_of_opposite(each) and each.place.column]
        hidden = [each for each in columns if same(replace(each.place, table=place.table), place)]
        tables = [each for each in entries if not each.place.column and not each.place.is_type]
        inspector = inspect(self._crossing.connection)
        for entry, outer in itertools.product(hidden, tables):
            names = (entry.place.table, *outer.details_as(TableDetails).former_names)
            called = [replace(place, table=name) for name in names]
            if not any(is_of(place, each) for each in called) or not is_of(entry.place, outer.place):
                continue
            if entry.name in columns_of(inspector, place.schema, outer.name):
                return Place(place.schema, outer.name, entry.name)
            if self._lookup.is_beside(entry, Place(place.schema, outer.name)):
                return self._crossing.sides.place_of(entry)
        return None

    def fill_from_source(self, place: Place) -> None:
        """Give a column that was made anew its former values, if they are hidden in another table."""
        if source := self.source_of(place):
            self.fill_from(place, source)

    def fill_from(self, place: Place, source: Place) -> None:
        """Give a column that was made anew its former values, and protect them from the script's data statements."""
        self._fill_by_key(place, source)
        self._outcome.columns_back[place] = str(source.column)

    def fill_replaced_tables(self) -> None:
        """Fill the columns that only one side of a revision knows which replaces a table by another.

        Such a revision makes a new table, copies the rows, drops the old table and takes its name, in any order. The
        opposite crossing did the same and hid the table with these columns; the one hidden now is without them.
        """
        for place in self._outcome.tables_hidden:
            former = self._outcome.former_names(place)
            target = next((each for each in [place, *former] if former and self._crossing.is_there(each)), None)
            entry = self._lookup.kept(place) if target else None
            if entry is not None and target is not None and target not in self._outcome.tables_back:
                self._fill_replaced(target, place, entry)

    def _fill_replaced(self, target: Place, place: Place, entry: Entry) -> None:
        visible, fold = self._crossing.visible_columns, self._crossing.names.of_column
        now_hidden = self._crossing.attic.hidden_by(self._crossing.revision, self._crossing.direction, place)[0]
        known = {fold(name) for name in visible(Place(place.schema, now_hidden.name))}
        there = {fold(name) for name in visible(target)}
        for name in visible(Place(place.schema, entry.name)):
            if fold(name) in there - known:
                self._fill_by_key(replace(target, column=name), Place(place.schema, entry.name, name))

    def _fill_by_key(self, place: Place, source: Place) -> None:
        """Give a column the values of another one, in a hidden table, row by row of the same primary key.

        Raises:
            Refused: where no primary key tells the rows apart.
        """
        hider, copies = self._crossing.hider, self._crossing.copies
        key = hider.tables.primary_key(place)
        there = self._key_of(source, key)
        columns = columns_of(inspect(self._crossing.connection), source.schema, source.table)
        if not key or not set(there) <= set(columns):
            raise Refused(
                f"the values of {place} are in the hidden table {source.table}, and no primary key tells which rows"
                " they belong to.",
                "Delete them permanently, then run the same command again:"
                f" flask db purge {source.table.removesuffix(SIDE)}",
            )
        with self._crossing.hiding(StepKind.BRING_VALUES_BACK, place, source.table):
            if copies.has_key(source, there, place, key):
                hider.values.fill_by_key(place, source, key, there)
            else:
                with copies.made_for(place, key, source, there) as copy:
                    hider.values.fill_by_key(place, copy, key)

    def _key_of(self, source: Place, key: list[str]) -> list[str]:
        """Return the names that the columns of a primary key have in `source`, which may be a side table."""
        sides = self._crossing.sides
        entry = self._crossing.attic.seen.get(str(source.column))
        if entry is None or sides.place_of(entry) != source:
            return key
        owner = sides.owner_of(entry)
        return key_of_side(key) if owner and owner.key == key else key

    def fill_nulls(self, place: Place) -> None:
        """Give rows that are NULL in a column which becomes NOT NULL again the value of ``--fill``.

        Raises:
            Refused: where it gives none.
        """
        hider = self._crossing.hider
        count = hider.values.nulls_in(place)
        if not count:
            return
        fill = self._crossing.fill_for(place)
        if fill is None:
            raise Refused(
                f"{place} becomes NOT NULL again, and {count} rows have no value in it.",
                f"Give these rows a value, as a SQL expression: --fill \"{place}=''\"",
            )
        with self._crossing.hiding(StepKind.FILL, place):
            hider.values.fill(place, str(place.column), fill, f"{hider.quote(str(place.column))} IS NULL")
        self._outcome.filled.add(place)
