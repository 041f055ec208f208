"""The values of columns and the rows of tables: counting, copying, filling and deleting them."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, column, delete, func, literal_column, select, table, update
from sqlalchemy.exc import DBAPIError

from flask_rewind.attic_entries import Entry, Place
from flask_rewind.engines.access import Part
from flask_rewind.engines.faults import fault_of
from flask_rewind.errors import Refused

_ASKED_AT_ONCE = 500
"""Sums in one SELECT: a result of SQLite has no more columns than a table."""


class Values(Part, ABC):
    """Reads and changes values and rows in one database."""

    def measure(
        self, entry: Entry, columns: list[str], condition: ColumnElement[bool] | None = None
    ) -> tuple[int, int]:
        """Return how many rows hold a value of what an entry hides, and how many bytes these take.

        Args:
            entry: a hidden column or table that is there.
            columns: those of the hidden table.
            condition: what finds the rows; None for all.
        """
        place = entry.place
        names = [entry.name] if place.column else columns
        there = table(place.table if place.column else entry.name, *map(column, names), schema=place.schema)
        sizes: list[Any] = [
            func.coalesce(func.sum(literal_column(self.bytes_of(self.quote(name)))), 0) for name in names
        ]
        counted: Any = func.count(there.c[entry.name]) if place.column else func.count()
        rows = size = 0
        for first in range(0, max(len(sizes), 1), _ASKED_AT_ONCE):  # PostgreSQL has tables without columns
            query = select(counted, *sizes[first : first + _ASKED_AT_ONCE]).select_from(there)
            row = self.connection.execute(query if condition is None else query.where(condition)).one()
            rows, size = int(row[0]), size + sum(map(int, row[1:]))
        return rows, size

    def copy_rows(self, source: Place, target: Place, columns: list[str]) -> int:
        """Copy these columns of all rows from one table into another, and return the number of rows."""
        names = ", ".join(self.quote(name) for name in columns)
        done = self.run_literally(
            f"INSERT INTO {self.table_of(target)} ({names}) SELECT {names} FROM {self.table_of(source)}"
        )
        return int(done.rowcount)

    def delete_rows(self, hidden: Place, condition: ColumnElement[bool]) -> int:
        """Delete rows of a hidden table and return their number."""
        return self.connection.execute(delete(table(hidden.table, schema=hidden.schema)).where(condition)).rowcount

    def set_value(self, place: Place, values: dict[str, Any], condition: ColumnElement[bool]) -> int:
        """Give rows the values of SQL expressions, and return their number."""
        kept: dict[str, Any] = {name: column(name) for name in self.stamped_columns(place)}
        there = table(place.table, *map(column, {**values, **kept}), schema=place.schema)
        count = self.connection.scalar(select(func.count()).select_from(there).where(condition))
        if count:
            with self.unnoticed(place):
                self.connection.execute(update(there).where(condition).values(values | kept))
        return int(count or 0)

    def nulls_in(self, place: Place) -> int:
        """Return how many rows have NULL in a column."""
        statement = f"SELECT count(*) FROM {self.table_of(place)} WHERE {self.quote(str(place.column))} IS NULL"
        return int(self.run_literally(statement).scalar_one())

    def null_rows(self, entry: Entry) -> int:
        """Return how many rows have NULL in a hidden column."""
        return self.nulls_in(replace(entry.place, column=entry.name))

    def fill(self, place: Place, column: str, expression: str, condition: str) -> None:
        """Give the rows that `condition` finds the value of a SQL expression.

        Raises:
            Refused: where it has none.
        """
        stamps = [self.quote(name) for name in self.stamped_columns(place)]
        values = ", ".join([f"{self.quote(column)} = {expression}", *(f"{stamp} = {stamp}" for stamp in stamps)])
        with self.unnoticed(place):
            try:
                self.run_literally(f"UPDATE {self.table_of(place)} SET {values} WHERE {condition}")
            except DBAPIError as error:
                if fault_of(error):
                    raise
                raise Refused(
                    f"rows of {place.table} cannot get {expression} for {place}: {error.orig}",
                    f"Say what else they get, as SQL: --fill \"{place}=''\"",
                ) from error

    def fill_hidden(self, entry: Entry, expression: str, condition: str, *, nullable: bool) -> None:
        """Give rows that have no value in a hidden column the value of a SQL expression.

        Raises:
            Refused: where it has none for a row, or NULL and that is not `nullable`.
        """
        self.fill(entry.place, entry.name, expression, condition)
        if not nullable and (count := self.null_rows(entry)):
            raise Refused(
                f"{entry.place} returns NOT NULL, and {expression} is NULL for {count} rows inserted meanwhile.",
                f"Say what else they get, as SQL: --fill \"{entry.place}=''\"",
            )

    def fill_by_key(
        self,
        place: Place,
        source: Place,
        key: Sequence[str],
        source_key: Sequence[str] | None = None,
        *,
        equals: str = "=",
        column: str | None = None,
        leave_nulls: bool = False,
    ) -> None:
        """Give a column the values that a column of another table has in the rows of the same key.

        Args:
            place: the column that is filled.
            source: the column that the values are in.
            key: columns that tell the rows apart.
            source_key: those of the other table, where they have other names there.
            column: the name of the column in the database, where it is hidden.
            equals: what compares a value of the other key with one of the key.
            leave_nulls: whether a NULL there leaves the value here.
        """
        # An alias that no table of an app has: it stands beside the name of the table that is filled.
        table, value = self.quote(place.table), f"rewind_source.{self.column_of(source)}"
        pairs = zip(source_key or key, key, strict=True)
        same = " AND ".join(
            f"rewind_source.{self.quote(there)} {equals} {table}.{self.quote(here)}" for there, here in pairs
        )
        rows = f"FROM {self.table_of(source)} rewind_source WHERE {same}"
        counting = f"{rows} AND {value} IS NOT NULL" if leave_nulls else rows
        filled = column or place.column or ""
        self.fill(place, filled, f"(SELECT {value} {rows})", f"EXISTS (SELECT 1 {counting})")

    def stamped_columns(self, place: Place) -> list[str]:
        """Return the columns that the engine sets by itself when a row changes."""
        return []

    @contextmanager
    def unnoticed(self, place: Place) -> Iterator[None]:
        """Let no trigger see the rows of a table change: what it would do is for changes that the app makes.

        Raises:
            Refused: where the engine cannot keep it quiet.
        """
        yield

    @abstractmethod
    def bytes_of(self, column: str) -> str:
        """Return the SQL expression for how many bytes the value of a quoted column takes."""

    @abstractmethod
    def forget(self, entry: Entry, condition: ColumnElement[bool]) -> int:
        """Let rows be as if they were born while the column was hidden, and return their number."""
