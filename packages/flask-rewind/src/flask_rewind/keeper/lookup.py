"""Finding what is hidden: by its place, in a table, or beside one."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import inspect

from flask_rewind.attic_entries import Entry, Place
from flask_rewind.details import ColumnDetails, SQLiteColumnDetails
from flask_rewind.engines.access import columns_of
from flask_rewind.keeper.context import CrossingContext, without_column


class Lookup:
    """Finds the entries of what is hidden."""

    def __init__(self, crossing: CrossingContext) -> None:
        self._crossing = crossing
        self._attic = crossing.attic
        self._sides = crossing.sides

    def kept(self, place: Place) -> Entry | None:
        """Return the newest entry that the opposite crossing hid at `place`, if its column or table still exists.

        Raises:
            Refused: where another engine hid it.
        """
        found = self._attic.hidden_by(self._crossing.revision, self._crossing.opposite, place)
        if not found:
            return None
        inspector = inspect(self._crossing.connection)
        is_inside = place.column is not None and self._crossing.is_there(without_column(place))
        columns = columns_of(inspector, place.schema, place.table) if is_inside else {}
        for entry in found:
            is_hidden_table = not place.column and inspector.has_table(entry.name, place.schema)
            if is_hidden_table or entry.name in columns or (is_inside and self.is_beside(entry, place)):
                entry.refuse_other_engine(self._attic.engine)
                return entry
        return None

    def all_in(self, table: Place, called: Place) -> list[Entry]:
        """Return the entries of the columns that are hidden in a table, or beside it.

        Args:
            table: its present name, which may be one of the attic.
            called: its name in scripts. A restored table may have a hidden column whose number is another table's.
        """
        there = columns_of(inspect(self._crossing.connection), table.schema, table.table)
        columns = [each for each in self._attic.entries() if each.place.column]
        found = [each for each in columns if self._crossing.is_of(called, each.place)]
        return [each for each in found if each.name in there or self.is_beside(each, table)]

    def hidden_in(self, table: Place, called: Place, column: str) -> Entry | None:
        """Return the newest entry of a column that a crossing in this direction hid in a table; see `all_in`."""
        same = self._crossing.names.same
        inside = [each for each in reversed(self.all_in(table, called)) if self._crossing.is_of_this(each)]
        return next((each for each in inside if same(each.place, replace(called, column=column))), None)

    def is_beside(self, entry: Entry, table: Place) -> bool:
        """Return whether the values of a hidden column are in a side table of this table."""
        owner = self._sides.owner_of(entry) if self._sides.is_out(entry) else None
        return owner is not None and self._crossing.is_of(replace(table, table=owner.table), table)

    def is_in_side_table(self, place: Place) -> bool:
        """Return whether the column that the opposite crossing hid is in a side table."""
        entry = self.kept(place)
        return entry is not None and self._sides.is_out(entry)

    def in_side_tables(self) -> list[Entry]:
        """Return the entries of all columns that are in side tables."""
        return [each for each in self._attic.entries() if self._sides.is_out(each)]

    def tables_with_hidden_columns(self) -> set[Place]:
        """Return the tables that hidden columns are in; those in side tables do not count."""
        inside = [each for each in self._attic.entries() if each.place.column and not self._sides.is_out(each)]
        return {without_column(entry.place) for entry in inside}

    def hidden_before(self, entries: Sequence[Entry]) -> list[Entry]:
        """Return entries without those of this crossing: once it is taken back, there is nothing to purge."""
        return [each for each in entries if not self._crossing.is_of_this(each)]

    def hidden_in_other_schemas(self) -> list[Place]:
        """Return what the opposite crossing hid outside the default schema, the only one that is described."""
        entries = [each for each in reversed(self._attic.entries()) if self._crossing.is_of_opposite(each)]
        return [each.place for each in entries if each.place.schema and not each.place.is_type]

    def parts_gone(self, table: str) -> list[str]:
        """Return what the text of a SQLite table lost with its hidden columns."""
        columns = [each for each in self._details_in(table) if isinstance(each, SQLiteColumnDetails)]
        return [part for each in columns for part in (each.definition, *each.uniques, *each.keys, *each.checks)]

    def keys_gone(self, table: str) -> list[str]:
        """Return the foreign keys that the text of a SQLite table lost with hidden columns of other tables."""
        columns = [each.details for each in self._attic.entries() if isinstance(each.details, SQLiteColumnDetails)]
        named = [keys for each in columns for name, keys in each.keys_to if name.lower() == table.lower()]
        quote = self._crossing.hider.quote
        return [f"{quote(column)} {sql}" if column else sql for keys in named for column, sql in keys]

    def indexes_gone(self, table: str) -> set[str]:
        """Return the names of the indexes that a table lost with its hidden columns."""
        columns = [each for each in self._details_in(table) if isinstance(each, ColumnDetails)]
        return {name for each in columns for name, _ in each.indexes}

    def _details_in(self, table: str) -> list[object]:
        entries = self._attic.entries()
        return [each.details for each in entries if self._crossing.is_of(Place(None, table), each.place)]
