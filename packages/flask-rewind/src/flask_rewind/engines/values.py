"""Count, copy, fill and delete the values of columns and the rows of tables."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, column, delete, func, literal_column, select, table, update
from sqlalchemy.exc import DBAPIError

from flask_rewind.attic_entries import Entry, Place
from flask_rewind.engines.access import Part, is_of_the_moment
from flask_rewind.errors import Refused

_ASKED_AT_ONCE = 500
"""Sums in one SELECT: a SQLite result may have at most as many columns as a table."""


class Values(Part, ABC):
    """Reads and changes values and rows in one database."""

    def measure(
        self, entry: Entry, columns: list[str], condition: ColumnElement[bool] | None = None
    ) -> tuple[int, int]:
        """Return how many rows have a hidden value of an entry, and how many bytes the values take.

        Args:
            entry: a hidden column or table that exists.
            columns: the columns of the hidden table.
            condition: selects the rows; None for all.
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
        """Copy these columns of all rows from one table to another, and return the number of rows."""
        names = ", ".join(self.quote(name) for name in columns)
        done = self.run_literally(
            f"INSERT INTO {self.table_of(target)} ({names}) SELECT {names} FROM {self.table_of(source)}"
        )
        return int(done.rowcount)

    def delete_rows(self, hidden: Place, condition: ColumnElement[bool]) -> int:
        """Delete rows of a hidden table and return their number."""
        return self.connection.execute(delete(table(hidden.table, schema=hidden.schema)).where(condition)).rowcount

    def set_value(self, place: Place, values: dict[str, Any], condition: ColumnElement[bool]) -> int:
        """Set columns of rows to SQL expressions, and return the number of rows."""
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
        """Set a column to a SQL expression in the rows that `condition` selects.

        Raises:
            Refused: if the expression fails, or its value does not fit the column.
        """
        hint = f"Give them another value, as a SQL expression: --fill \"{place}=''\""
        self._fill(place, column, expression, condition, (f"rows of {place.table} cannot get {expression}", hint))

    def _fill(self, place: Place, column: str, expression: str, condition: str, refusal: tuple[str, str]) -> None:
        """Do as `fill`; `refusal` is the beginning of the message where it fails, and the hint."""
        stamps = [self.quote(name) for name in self.stamped_columns(place)]
        values = ", ".join([f"{self.quote(column)} = {expression}", *(f"{stamp} = {stamp}" for stamp in stamps)])
        with self.unnoticed(place):
            try:
                self.run_literally(f"UPDATE {self.table_of(place)} SET {values} WHERE {condition}")
            except DBAPIError as error:
                if is_of_the_moment(error):
                    raise
                raise Refused(f"{refusal[0]} for {place}: {error.orig}", refusal[1]) from error

    def fill_hidden(self, entry: Entry, expression: str, condition: str, *, nullable: bool) -> None:
        """Set a hidden column to a SQL expression in the rows that `condition` selects: those without a value.

        Raises:
            Refused: if the expression fails, or it is NULL and the column returns as NOT NULL.
        """
        self.fill(entry.place, entry.name, expression, condition)
        if not nullable and (count := self.null_rows(entry)):
            raise Refused(
                f"{entry.place} returns NOT NULL, and {expression} is NULL for {count} rows that have no value.",
                f"Give them another value, as a SQL expression: --fill \"{entry.place}=''\"",
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
        """Fill a column with the values of a column of another table, joined by key.

        Args:
            place: the column to fill.
            source: the column that has the values.
            key: the key columns of the table of `place`.
            source_key: the key columns of the other table, if their names differ.
            column: the name of the column in the database, if it is hidden.
            equals: the operator that compares the other key with the key.
            leave_nulls: whether rows keep their value if the source is NULL.
        """
        # The alias must differ from the names of the app's tables: the name of the filled table is used beside it.
        table, value = self.quote(place.table), f"rewind_source.{self.column_of(source)}"
        pairs = zip(source_key or key, key, strict=True)
        same = " AND ".join(
            f"rewind_source.{self.quote(there)} {equals} {table}.{self.quote(here)}" for there, here in pairs
        )
        rows = f"FROM {self.table_of(source)} rewind_source WHERE {same}"
        counting = f"{rows} AND {value} IS NOT NULL" if leave_nulls else rows
        refusal = (
            f"rows of {place.table} cannot get their former values back",
            "Change the rows that conflict; or see what is hidden, to purge it: flask db attic",
        )
        filled = column or place.column or ""
        self._fill(place, filled, f"(SELECT {value} {rows})", f"EXISTS (SELECT 1 {counting})", refusal)

    def stamped_columns(self, place: Place) -> list[str]:
        """Return the columns that the engine sets itself when a row changes."""
        return []

    @contextmanager
    def unnoticed(self, place: Place) -> Iterator[None]:
        """Prevent triggers of a table from firing inside the block: they are meant for changes by the app.

        Raises:
            Refused: if there are triggers that the engine cannot switch off.
        """
        yield

    @abstractmethod
    def bytes_of(self, column: str) -> str:
        """Return the SQL expression for the size in bytes of a value of a quoted column."""

    @abstractmethod
    def forget(self, entry: Entry, condition: ColumnElement[bool]) -> int:
        """Delete the hidden value of rows, as if they were newborn rows, and return their number."""
