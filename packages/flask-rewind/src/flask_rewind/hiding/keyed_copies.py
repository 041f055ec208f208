"""Copies of a column beside the keys of its rows, for as long as a crossing needs them.

Each has a key, so that joining it to a table finds every row by an index.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.exc import DBAPIError

from flask_rewind.attic_entries import Place
from flask_rewind.errors import Refused
from flask_rewind.hiding.base import Hider, is_of_the_moment
from flask_rewind.hiding.mysql import MySQLHider
from flask_rewind.sqlite import affinity


class KeyedCopies:
    """Makes the copies of one database; this one is of PostgreSQL."""

    def __init__(self, hider: Any) -> None:
        self._hider: Hider = hider
        self._run = hider.run_literally

    def has_key(self, source: Place, names: Sequence[str], place: Place, key: Sequence[str]) -> bool:
        """Return whether the primary key of one table finds the rows that the key of another one names.

        Args:
            source: a table, or a column of it.
            names: its columns that are compared with the key.
            place: the other table, or a column of it.
            key: the columns of the primary key of that.
        """
        is_of_names = {*self._hider.primary_key(source)} == {*names}
        return is_of_names and self._types(source, names) == self._types(place, key)

    def make(self, copy: Place, source: Place, key: Sequence[str]) -> None:
        """Copy a column of a table, with the primary key of each row."""
        self._drop_former(copy)
        names = self._listed([*key, source.column or ""])
        self._create(copy, source, key, f"SELECT {names} FROM {self._hider.table_of(source)}")
        self._add_key(copy, key)

    @contextmanager
    def made_for(self, place: Place, key: Sequence[str], source: Place, names: Sequence[str]) -> Iterator[Place]:
        """Give a copy of the column at `source` for a block, whose key has the names and types of that of `place`.

        Args:
            place: the column whose rows are to be found.
            key: the columns of the primary key of its table.
            source: the column whose values are copied.
            names: what the columns of the key are called there.

        Raises:
            Refused: where the rows of `source` do not have such a key.
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
                f"the values of {place} are hidden in {source.table}, and these rows cannot have the primary key of"
                f" {place.table}: {error.orig}",
                f"Delete them before this crossing: flask db purge {source.table}",
            ) from error
        self.drop(copy)

    def drop(self, copy: Place) -> None:
        """Drop a copy."""
        self._run(f"DROP TABLE {self._hider.table_of(copy)}")

    def _clean_up(self, copy: Place) -> None:
        """Drop a copy where no rollback does."""
        return

    def _drop_former(self, copy: Place) -> None:
        """Drop what a process that died has left where DDL is committed at once."""
        if inspect(self._hider.connection).has_table(copy.table, copy.schema):
            self.drop(copy)

    def _listed(self, names: Sequence[str]) -> str:
        return ", ".join(self._hider.quote(name) for name in names)

    def _create(self, copy: Place, place: Place, key: Sequence[str], rows: str) -> None:
        """Create the table from a SELECT whose columns for the key are those of `place`."""
        self._run(f"CREATE TABLE {self._hider.table_of(copy)} AS {rows}")

    def _add_key(self, copy: Place, key: Sequence[str]) -> None:
        self._run(f"ALTER TABLE {self._hider.table_of(copy)} ADD PRIMARY KEY ({self._listed(key)})")

    def _types(self, table: Place, names: Sequence[str]) -> list[Any]:
        """Return what decides whether an index over one of two columns serves to compare them."""
        rows = self._hider.run(
            "SELECT attname, atttypid, attcollation FROM pg_attribute WHERE attrelid = CAST(:table AS regclass)",
            table=self._hider.table_of(table),
        )
        types = {name: tuple(kind) for name, *kind in rows}
        return [types.get(name) for name in names]


class MySQLKeyedCopies(KeyedCopies):
    """Those of MariaDB and MySQL: the key comes with the table, since a server may take none without."""

    _hider: MySQLHider

    def _create(self, copy: Place, place: Place, key: Sequence[str], rows: str) -> None:
        line = next(line for line in self._hider.definition_lines(place) if line.startswith("PRIMARY KEY "))
        columns = ", ".join(re.findall(r"`(?:[^`]|``)*`(?:\(\d+\))?", line))
        table = self._hider.table_of(copy)
        self._run(f"CREATE TABLE {table} (PRIMARY KEY ({columns})) ENGINE=InnoDB AS {rows}")

    def _add_key(self, copy: Place, key: Sequence[str]) -> None:
        return

    def _clean_up(self, copy: Place) -> None:
        if not self._hider.connection.invalidated:
            self._drop_former(copy)

    def _types(self, table: Place, names: Sequence[str]) -> list[Any]:
        rows = self._hider.run(
            "SELECT lower(column_name), data_type, collation_name FROM information_schema.columns"
            " WHERE table_schema = COALESCE(:schema, DATABASE()) AND table_name = :table",
            schema=table.schema,
            table=table.table,
        )
        types = {name: tuple(kind) for name, *kind in rows}
        return [types.get(name.lower()) for name in names]


class SQLiteKeyedCopies(KeyedCopies):
    """Those of SQLite, where a key may be NULL, and the types of columns decide how values are compared."""

    def _add_key(self, copy: Place, key: Sequence[str]) -> None:
        index = self._hider.quote(f"{copy.table}_key")
        self._run(f"CREATE UNIQUE INDEX {index} ON {self._hider.table_of(copy)} ({self._listed(key)})")

    def _types(self, table: Place, names: Sequence[str]) -> list[Any]:
        rows = self._hider.run("SELECT lower(name), type FROM pragma_table_info(:table)", table=table.table)
        types = {name: affinity(kind) for name, kind in rows}
        return [types.get(name.lower()) for name in names]


_OF_DIALECT: dict[str, type[KeyedCopies]] = {
    "sqlite": SQLiteKeyedCopies,
    "mysql": MySQLKeyedCopies,
    "mariadb": MySQLKeyedCopies,
}


def keyed_copies_of(hider: Hider) -> KeyedCopies:
    """Return what makes such copies."""
    return _OF_DIALECT.get(hider.connection.dialect.name, KeyedCopies)(hider)
