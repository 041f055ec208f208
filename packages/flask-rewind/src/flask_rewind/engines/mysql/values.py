"""Values on MariaDB and MySQL, where triggers cannot be switched off."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import ColumnElement, and_, column, literal_column

from flask_rewind.attic_entries import Entry, Place
from flask_rewind.details import MySQLColumnDetails
from flask_rewind.engines.mysql.markers import NEWBORN, is_marked, marker_of
from flask_rewind.engines.values import Values
from flask_rewind.errors import Refused


class MySQLValues(Values):
    """Reads and changes values in a MariaDB or MySQL database."""

    def measure(
        self, entry: Entry, columns: list[str], condition: ColumnElement[bool] | None = None
    ) -> tuple[int, int]:
        if entry.place.column and is_marked(entry):  # newborn rows only have a placeholder
            is_old: ColumnElement[bool] = column(marker_of(entry)) == 0
            condition = is_old if condition is None else and_(condition, is_old)
        return super().measure(entry, columns, condition)

    def stamped_columns(self, place: Place) -> list[str]:
        names = self.run(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = COALESCE(:schema, DATABASE())"
            " AND table_name = :table AND lower(extra) LIKE '%on update%' ORDER BY 1",
            schema=place.schema,
            table=place.table,
        )
        return [str(name) for (name,) in names]

    def fill(self, place: Place, column: str, expression: str, condition: str) -> None:
        super().fill(place, column, expression, self._within_keys(place, condition))

    def _within_keys(self, place: Place, condition: str) -> str:
        """Return a condition that an UPDATE can look up by the primary key, where that consists of integers.

        An UPDATE locks every row that it reads until the crossing goes on. Newborn rows are next to each other.
        """
        key = self.run(
            "SELECT column_name FROM information_schema.statistics WHERE index_name = 'PRIMARY' AND seq_in_index = 1"
            " AND table_schema = COALESCE(:schema, DATABASE()) AND table_name = :table",
            schema=place.schema,
            table=place.table,
        ).scalar()
        if key is None:
            return condition
        name = self.quote(key)
        query = f"SELECT min({name}), max({name}) FROM {self.table_of(place)} WHERE {condition}"
        first, last = self.run_literally(query).one()
        return f"{condition} AND {name} BETWEEN {first} AND {last}" if isinstance(first, int) else condition

    @contextmanager
    def unnoticed(self, place: Place) -> Iterator[None]:
        """Refuse if there are UPDATE triggers: if they were dropped meanwhile, writes of others would not fire them."""
        triggers = self.run(
            "SELECT trigger_name FROM information_schema.triggers WHERE event_manipulation = 'UPDATE' AND"
            " event_object_schema = COALESCE(:schema, DATABASE()) AND event_object_table = :table ORDER BY 1",
            schema=place.schema,
            table=place.table,
        ).all()
        if triggers:
            names = ", ".join(name for (name,) in triggers)
            raise Refused(
                f"rows of {place.table} need a value for {place}, and that UPDATE would fire the trigger {names}.",
                "Drop the trigger before the move, and create it again afterwards.",
            )
        yield

    def bytes_of(self, column: str) -> str:
        return f"LENGTH({column})"

    def forget(self, entry: Entry, condition: ColumnElement[bool]) -> int:
        value = f"DEFAULT({entry.name})"
        if isinstance(entry.details, MySQLColumnDetails) and entry.details.is_numbered:
            value = f"(SELECT n FROM (SELECT max({entry.name}) + 1 AS n FROM {self.table_of(entry.place)}) AS numbers)"
        values: dict[str, Any] = {entry.name: literal_column(value)}
        if is_marked(entry):
            values[marker_of(entry)] = NEWBORN
        return self.set_value(entry.place, values, condition)
