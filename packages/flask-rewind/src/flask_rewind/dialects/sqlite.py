"""SQLite: real transactions around DDL, and foreign keys that do not fire while a table is rebuilt.

Measured (shared notes, engines, findings 3 and 4): the driver begins no transaction before DDL unless told to, and
a batch rebuild with ``foreign_keys=ON`` deletes or nulls the child rows of the table.
"""

from collections import Counter
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.engine import Engine as SQLAlchemyEngine

from flask_rewind.dialects.base import Engine

MOVING = "rewind_move"
REFERENCES_OFF = "rewind_references_off"


class SQLite(Engine):
    """A SQLite file or memory database."""

    def prepare_move(self, options: dict[str, Any]) -> None:
        """Switch foreign keys off and begin immediately from here on."""
        super().prepare_move(options)
        options.setdefault("transactional_ddl", True)
        _listen(self.connection.engine)
        self._switch_references_off()
        _begin_immediately(self.connection)

    def database_file(self) -> Path | None:
        """Return the main file; a memory database has none."""
        rows = self.connection.exec_driver_sql("PRAGMA database_list").all()
        name = next(row[2] for row in rows if row[1] == "main")
        return Path(name) if name else None

    def broken_references(self) -> set[tuple[Any, ...]]:
        """Return (table, number of rows, parent) for each reference that is broken, where foreign keys were on."""
        if not self.connection.info.get(REFERENCES_OFF):
            return set()
        rows = self.connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        counts = Counter((row[0], row[2]) for row in rows)
        return {(table, count, parent) for (table, parent), count in counts.items()}

    def _switch_references_off(self) -> None:
        # Inside a transaction the pragma does nothing, without a word; it must come before BEGIN.
        if self._pragma("foreign_keys"):
            self._pragma("foreign_keys=OFF")
            self.connection.info[REFERENCES_OFF] = not self._pragma("foreign_keys")

    def _pragma(self, text: str) -> Any:
        # Past SQLAlchemy, which would begin a transaction first.
        cursor = self.connection.connection.cursor()
        cursor.execute(f"PRAGMA {text}")
        row = cursor.fetchone()
        cursor.close()
        return row[0] if row else None


def _begin_immediately(connection: Connection) -> None:
    connection.execution_options(**{MOVING: True})
    if connection.in_transaction():  # env.py began already: the driver has not, until the first write
        _begin(connection)


def _listen(engine: SQLAlchemyEngine) -> None:
    # For good instead of for one run: removing a listener is not safe beside other threads.
    if not event.contains(engine, "begin", _begin):
        event.listen(engine, "begin", _begin)
        event.listen(engine, "checkin", _switch_references_on)


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get(MOVING) and options.get("isolation_level") != "AUTOCOMMIT":
        driver: Any = connection.connection.driver_connection
        if not driver.in_transaction:  # an app may have a listener of its own that began
            connection.exec_driver_sql("BEGIN IMMEDIATE")


def _switch_references_on(dbapi_connection: Any, record: Any) -> None:
    # At check-in the transaction is over, on every kind of driver, and nobody else has the connection yet.
    if dbapi_connection is not None and record.info.pop(REFERENCES_OFF, False):
        cursor = dbapi_connection.cursor()
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()
