"""What a writer knows of the tables, until it is told that they are others."""

import time
from collections.abc import Callable
from typing import Any, TypeVar

import sqlalchemy as sa

from under_load.changes import Row
from under_load.faults import Fault, fault_of
from under_load.tables import HIDDEN, TABLES, name_of

_READING_SECONDS = 60
_PAUSE_SECONDS = 0.004
T = TypeVar("T")


class KnownSchema:
    """Names and columns, read when they are first needed."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._names: dict[str, str] = {}
        self._columns: dict[str, list[Any]] = {}

    def forget(self) -> None:
        """Read everything again when it is needed."""
        self._names.clear()
        self._columns.clear()

    def name(self, table: str) -> str | None:
        """Return what a table is called; None while it is not there."""
        if table not in self._names and (name := self.reading(lambda: name_of(self._connection, TABLES[table]))):
            self._names[table] = name
        return self._names.get(table)

    def new_row(self, table: str, key: int) -> Row:
        """Return values for a new row: texts, and what may not be NULL. References to other tables stay NULL."""
        if table not in self._columns:
            self._columns[table] = self.reading(lambda: self._written_columns(table))
        return {
            each["name"]: f"{key}" if isinstance(each["type"], sa.String) else key + 1 for each in self._columns[table]
        }

    def _written_columns(self, table: str) -> list[Any]:
        name = self.name(table)
        found = sa.inspect(self._connection).get_columns(name) if name else []
        return [each for each in found if each["name"] != TABLES[table].key and _is_written(each)]

    def reading(self, read: Callable[[], T]) -> T:
        """Read, again and again while that fails because a table is just being moved.

        Raises:
            TimeoutError: if it fails for too long.
        """
        ends = time.monotonic() + _READING_SECONDS
        while time.monotonic() < ends:
            try:
                found = read()
                self._connection.rollback()
            except sa.exc.NoSuchTableError:
                self._names.clear()
            except sa.exc.DBAPIError as error:
                if fault_of(error) is Fault.UNEXPECTED:
                    raise
                self._names.clear()
            else:
                return found
            self._connection.rollback()
            time.sleep(_PAUSE_SECONDS)
        raise TimeoutError("the tables cannot be read")


def _is_written(column: Any) -> bool:
    if column["name"].startswith(HIDDEN) or column.get("computed"):
        return False
    is_text = isinstance(column["type"], sa.String) and not isinstance(column["type"], (sa.Enum, sa.Text))
    return is_text or (not column["nullable"] and column["default"] is None)
