"""Temporary copies of a column with the primary keys of its rows, for the time of a crossing.

Each copy has a key, so that a join with it finds every row by an index.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.exc import DBAPIError

from flask_rewind.attic_entries import SIDE, Place
from flask_rewind.engines.access import is_of_the_moment
from flask_rewind.engines.hider import Hider
from flask_rewind.errors import Refused


class KeyedCopies:
    """Makes such copies in one database."""

    def __init__(self, hider: Any) -> None:
        self._hider: Hider = hider
        self._run = hider.run_literally

    def has_key(self, source: Place, names: Sequence[str], place: Place, key: Sequence[str]) -> bool:
        """Return whether the primary key of `source` can serve as the index for a join with `place` by its key.

        Args:
            source: a table, or a column of it.
            names: its columns that are compared with the key.
            place: the other table, or a column of it.
            key: the columns of the primary key of `place`.
        """
        is_of_names = {*self._hider.tables.primary_key(source)} == {*names}
        return is_of_names and self._types(source, names) == self._types(place, key)

    def make(self, copy: Place, source: Place, key: Sequence[str]) -> None:
        """Copy a column of a table with the primary key of each row."""
        self._drop_former(copy)
        names = self._listed([*key, source.column or ""])
        self._create(copy, source, key, f"SELECT {names} FROM {self._hider.table_of(source)}")
        self._add_key(copy, key)

    @contextmanager
    def made_for(self, place: Place, key: Sequence[str], source: Place, names: Sequence[str]) -> Iterator[Place]:
        """Yield a copy of the column at `source`, whose key has the names and types of the key of `place`.

        Args:
            place: the column whose rows are to be found.
            key: the columns of the primary key of its table.
            source: the column whose values are copied.
            names: the names of the key's columns in the table of `source`.

        Raises:
            Refused: if values of `source` cannot be that key, for example because two rows have the same.
        """
        copy = Place(place.schema, f"{source.table}_kept", source.column)
        made = ", ".join([*(f"t.{self._hider.quote(name)}" for name in key), f"s.{self._hider.column_of(source)}"])
        tables = f"{self._hider.table_of(place)} t, {self._hider.table_of(source)} s"
        found = " AND ".join(f"{self._hider.quote(name)} IS NOT NULL" for name in names)
        rows = f"SELECT {self._listed([*names, source.column or ''])} FROM {self._hider.table_of(source)} WHERE {found}"
        self._drop_former(copy)
        try:
            self._create(copy, place, key, f"SELECT {made} FROM {tables} WHERE 1 = 0")
            self._run(f"INSERT INTO {self._hider.table_of(copy)} {rows}")
            self._add_key(copy, key)
            yield copy
        except BaseException as error:
            self._clean_up(copy)
            if not isinstance(error, DBAPIError) or is_of_the_moment(error):
                raise
            raise Refused(
                f"the values of {place} are in the hidden table {source.table}, and its rows do not fit the primary key"
                f" of {place.table}: {error.orig}",
                "Delete them permanently, then run the same command again:"
                f" flask db purge {source.table.removesuffix(SIDE)}",
            ) from error
        self.drop(copy)

    def drop(self, copy: Place) -> None:
        """Drop a copy."""
        self._run(f"DROP TABLE {self._hider.table_of(copy)}")

    def _clean_up(self, copy: Place) -> None:
        """Drop a copy on an engine where no rollback does so."""
        return

    def _drop_former(self, copy: Place) -> None:
        """Drop a copy that an interrupted process has left, where each DDL statement commits."""
        if inspect(self._hider.connection).has_table(copy.table, copy.schema):
            self.drop(copy)

    def _listed(self, names: Sequence[str]) -> str:
        return ", ".join(self._hider.quote(name) for name in names)

    def _create(self, copy: Place, place: Place, key: Sequence[str], rows: str) -> None:
        """Create the copy from a SELECT; its key columns have the types of the key of `place`."""
        self._run(f"CREATE TABLE {self._hider.table_of(copy)} AS {rows}")

    def _add_key(self, copy: Place, key: Sequence[str]) -> None:
        self._run(f"ALTER TABLE {self._hider.table_of(copy)} ADD PRIMARY KEY ({self._listed(key)})")

    def _types(self, table: Place, names: Sequence[str]) -> list[Any]:
        """Return for each column the attributes that must be equal in two columns for an index to serve in a join."""
        raise NotImplementedError
