"""Room in a SQLite table, which may have 2,000 columns, including hidden ones."""

from collections.abc import Collection, Sequence
from sqlite3 import SQLITE_LIMIT_COLUMN
from typing import Any

from sqlalchemy.exc import DBAPIError

from flask_rewind.attic_entries import HIDDEN, PREFIX, Place
from flask_rewind.engines.room import Room
from flask_rewind.engines.sqlite.table import SQLiteTable
from flask_rewind.engines.sqlite.text import TableText

_MOST_COLUMNS = 2000
"""The default of SQLITE_MAX_COLUMN (sqlite.org/limits.html)."""


class SQLiteRoom(Room):
    """Makes room in the tables of a SQLite database."""

    def is_lacking(self, error: DBAPIError) -> bool:
        return "too many columns" in str(error.orig)

    def make(self, place: Place, actions: Sequence[str], staying: Collection[str] = ()) -> list[str]:
        excess = self.excess_of(place.table, len(actions))
        if not excess:
            return []
        columns = self._columns(place.table)
        text = TableText(SQLiteTable(self.connection, place.table).text)
        bound = {name.lower() for each in text.constraints() for name in each.columns} | {*staying}
        going = [name for name in columns if HIDDEN.fullmatch(name) and name not in bound]
        return sorted(going, key=lambda name: int(name.removeprefix(PREFIX)))[:excess]

    def excess_of(self, table: str, more: int) -> int:
        """Return by how many columns a table would exceed the limit after adding `more` columns."""
        driver: Any = self.connection.connection.driver_connection
        most = driver.getlimit(SQLITE_LIMIT_COLUMN) if hasattr(driver, "getlimit") else _MOST_COLUMNS
        return max(0, len(self._columns(table)) + more - most)

    def _columns(self, table: str) -> list[str]:
        return list(self.run("SELECT name FROM pragma_table_xinfo(:table)", table=table).scalars())
