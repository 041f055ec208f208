"""Side tables: they hold hidden columns of tables that have no room for more columns.

A row of the side table has the primary key of the row that it belongs to, and follows its changes: on MariaDB and MySQL
by a cascading foreign key, on SQLite by triggers. A row without a row in the side table has no hidden value.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.exc import DBAPIError

from flask_rewind.attic_entries import PREFIX, SIDE, Entry, Place
from flask_rewind.details import ColumnDetails, Side
from flask_rewind.engines.access import columns_of


@dataclass(frozen=True, slots=True)
class Owner:
    """The table that the values of a side table belong to."""

    table: str
    key: list[str]
    """Its columns that the key of the side table refers to, in the same order."""


class SideTables:
    """Moves hidden columns out of their tables and back; the details of an entry tell where one is.

    PostgreSQL uses this base class, which moves none: dropped columns count there, too, so moving makes no room.
    """

    _equals = "="

    def __init__(self, hider: Any) -> None:
        self._hider = hider

    @staticmethod
    def is_out(entry: Entry) -> bool:
        """Return whether the values of a hidden column are in a side table."""
        return isinstance(entry.details, ColumnDetails) and entry.details.side is not None

    @staticmethod
    def place_of(entry: Entry) -> Place:
        """Return the column of the side table that has the values."""
        return Place(entry.place.schema, f"{entry.name}{SIDE}", entry.name)

    @staticmethod
    def adding(entry: Entry) -> str:
        """Return the ALTER TABLE action that adds the hidden column to its table again."""
        return f"ADD COLUMN {entry.name} {SideTables.side_of(entry).definition}"

    @staticmethod
    def side_of(entry: Entry) -> Side:
        """Return the details of the hidden column that are needed to add it to its table again."""
        side = entry.details_as(ColumnDetails).side
        if side is None:
            raise ValueError(f"{entry.name} is in no side table")
        return side

    def _side(self, entry: Entry) -> str:
        return str(self._hider.table_of(self.place_of(entry)))

    def owner_of(self, entry: Entry) -> Owner | None:
        """Return the table that a side table belongs to, under its present name; None if there is none."""
        return None

    def refuse_triggers(self, entry: Entry) -> None:
        """Refuse if a trigger would fire when the values are moved back into the table.

        Raises:
            Refused: before anything is changed, since that could not be taken back.
        """
        return

    def copy_out(self, entry: Entry, key: Sequence[str]) -> ColumnDetails | None:
        """Copy the values of a hidden column into a side table, and return the new details of its entry.

        Return None if the values must stay in the table. The caller drops the column afterwards.
        """
        return None

    def has_other_types(self, entry: Entry, owner: Owner) -> bool:
        """Return whether the types of a table's key have changed since the values were copied."""
        return False

    def fits(self, entry: Entry) -> bool:
        """Return whether the table of `entry`, under its present name, has room for the column in its side table."""
        return True

    def is_in_the_way(self, error: DBAPIError) -> bool:
        """Return whether a statement may have failed because its table has a side table."""
        return False

    def copy_in(self, entry: Entry) -> ColumnDetails:
        """Add the hidden column to its table again, with its values, and return the new details of its entry.

        The caller drops the side table afterwards.
        """
        self._add_column(entry)
        owner = self.owner_of(entry)
        key, side = owner.key if owner else [], self.place_of(entry)
        self._hider.values.fill_by_key(entry.place, side, key, key_of_side(key), equals=self._equals, column=entry.name)
        return replace(entry.details_as(ColumnDetails), side=None)

    def _add_column(self, entry: Entry) -> None:
        """Add the column with its former definition, if it is not there."""
        raise NotImplementedError

    def _side_for(self, entry: Entry, definition: str, types: Sequence[str] = ()) -> Side:
        """Return the details that are needed to add a column again at the same position."""
        columns = self._columns(entry)
        before = [column for column in columns[: columns.index(entry.name)] if not column.startswith(PREFIX)]
        return Side(definition, before[-1] if before else None, tuple(types))

    def _columns(self, entry: Entry) -> list[str]:
        """Return all columns of the table of an entry, in order."""
        return [*columns_of(inspect(self._hider.connection), entry.place.schema, entry.place.table)]

    def drop(self, entry: Entry) -> None:
        """Drop a side table permanently."""
        self._hider.run_literally(f"DROP TABLE IF EXISTS {self._side(entry)}")


def key_of_side(key: Sequence[str]) -> list[str]:
    """Return the names of the key columns in a side table: numbered, because other columns may have the key's names."""
    return [f"k{number}" for number in range(1, len(key) + 1)]
