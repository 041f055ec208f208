"""The statements of writers."""

from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from under_load.tables import COUNTED, TABLES

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """A change of one row."""

    table: str
    """A name in `TABLES`."""
    name: str
    """What it was called when the change was chosen."""
    verb: str
    """``insert``, ``update`` or ``delete``."""
    key: int
    values: Row = field(default_factory=dict)
    """Of a new row, besides its key; or by how much `COUNTED` grows."""

    def execute(self, connection: sa.Connection) -> int:
        """Execute it, and return the number of rows."""
        return connection.execute(sa.text(self._statement()), {self._key: self.key} | self.values).rowcount

    def is_there(self, connection: sa.Connection, name: str, counted_before: int) -> bool:
        """Return whether it is in the database.

        Args:
            connection: to the database.
            name: what the table is called now.
            counted_before: the `COUNTED` of the row without the change.
        """
        query = sa.text(f"SELECT {COUNTED} FROM {name} WHERE {self._key} = {self.key}")
        found = connection.scalar(query)
        if self.verb == "update":
            return bool(found != counted_before)
        return (found is not None) == (self.verb == "insert")

    @property
    def _key(self) -> str:
        return TABLES[self.table].key

    def _statement(self) -> str:
        if self.verb == "insert":
            columns = (self._key, *self.values)
            values = ", ".join(f":{each}" for each in columns)
            return f"INSERT INTO {self.name} ({', '.join(columns)}) VALUES ({values})"
        if self.verb == "update":
            return f"UPDATE {self.name} SET {COUNTED} = {COUNTED} + :{COUNTED} WHERE {self._key} = :{self._key}"
        return f"DELETE FROM {self.name} WHERE {self._key} = :{self._key}"
