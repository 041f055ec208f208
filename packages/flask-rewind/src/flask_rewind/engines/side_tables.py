"""Hidden values in a table of their own, beside a table that has all the columns which its engine allows.

A row of the side table has the primary key of the row that it belongs to, and follows it: on MariaDB and MySQL by a
foreign key that cascades, on SQLite by triggers. A row of the table without one there has no value of its own.
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
    """Its columns that the key of the side table is of, in that order."""


class SideTables:
    """Moves hidden columns out of their tables and back; the details of an entry say where one is.

    This one is of PostgreSQL, and moves none: there dropped columns count as well, so nobody has room for more.
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
        """Return where the values are while they are out."""
        return Place(entry.place.schema, f"{entry.name}{SIDE}", entry.name)

    @staticmethod
    def adding(entry: Entry) -> str:
        """Return the action of ALTER TABLE that makes a column again which is out."""
        return f"ADD COLUMN {entry.name} {SideTables.side_of(entry).definition}"

    @staticmethod
    def side_of(entry: Entry) -> Side:
        """Return how to make a column again which is out."""
        side = entry.details_as(ColumnDetails).side
        if side is None:
            raise ValueError(f"{entry.name} is in no side table")
        return side

    def _side(self, entry: Entry) -> str:
        return str(self._hider.table_of(self.place_of(entry)))

    def owner_of(self, entry: Entry) -> Owner | None:
        """Return the table that a side table belongs to, under its name of now; None where there is no such one."""
        return None

    def refuse_triggers(self, entry: Entry) -> None:
        """Refuse where a trigger would see the rows change when their values come back.

        Raises:
            Refused: before anything is done, since nothing could take it back.
        """
        return

    def copy_out(self, entry: Entry, key: Sequence[str]) -> ColumnDetails | None:
        """Copy the values of a hidden column into a side table, and return the details of its entry from then on.

        None where they must stay. The column itself is to be dropped afterwards.
        """
        return None

    def has_other_types(self, entry: Entry, owner: Owner) -> bool:
        """Return whether the key of a table has other types than when the values were copied."""
        return False

    def fits(self, entry: Entry) -> bool:
        """Return whether the table of `entry`, under its name of now, has room for a column that is out."""
        return True

    def is_in_the_way(self, error: DBAPIError) -> bool:
        """Return whether an error is of the kind that statements on the table of a side table end in."""
        return False

    def copy_in(self, entry: Entry) -> ColumnDetails:
        """Make the hidden column in its table again, with its values, and return the details of its entry as before.

        The side table is to be dropped afterwards.
        """
        self._add_column(entry)
        owner = self.owner_of(entry)
        key, side = owner.key if owner else [], self.place_of(entry)
        self._hider.values.fill_by_key(entry.place, side, key, key_of_side(key), equals=self._equals, column=entry.name)
        return replace(entry.details_as(ColumnDetails), side=None)

    def _add_column(self, entry: Entry) -> None:
        """Add the column as it was when it was copied, where it is not there."""
        raise NotImplementedError

    def _side_for(self, entry: Entry, definition: str, types: Sequence[str] = ()) -> Side:
        """Return what it takes to make a column again, where it stood."""
        columns = self._columns(entry)
        before = [column for column in columns[: columns.index(entry.name)] if not column.startswith(PREFIX)]
        return Side(definition, before[-1] if before else None, tuple(types))

    def _columns(self, entry: Entry) -> list[str]:
        """Return all columns of the table of an entry, in their order."""
        return [*columns_of(inspect(self._hider.connection), entry.place.schema, entry.place.table)]

    def drop(self, entry: Entry) -> None:
        """Drop a side table permanently."""
        self._hider.run_literally(f"DROP TABLE IF EXISTS {self._side(entry)}")


def key_of_side(key: Sequence[str]) -> list[str]:
    """Return the columns of the side table for those of a key: others may have the name that one of these has."""
    return [f"k{number}" for number in range(1, len(key) + 1)]
