"""SQLite: real transactions around DDL, and foreign keys that do not fire while a table is rebuilt.

Measured (shared notes, engines, findings 3 and 4): the driver begins no transaction before DDL unless told to, and
a batch rebuild with ``foreign_keys=ON`` deletes or nulls the child rows of the table.
"""

from collections import Counter
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.engine import Engine as SQLAlchemyEngine
from sqlalchemy.pool import SingletonThreadPool, StaticPool

from flask_rewind.dialects.base import Engine
from flask_rewind.errors import BadRequest

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
        if not self._pragma("foreign_keys"):
            return
        driver: Any = self.connection.connection.driver_connection
        if driver.in_transaction:
            self._begin_anew()
        self._pragma("foreign_keys=OFF")
        self.connection.info[REFERENCES_OFF] = True

    def _begin_anew(self) -> None:
        """End a transaction that env.py, or a listener of the app, has just begun; `_begin_immediately` begins again.

        A connection that others use too may hold their work: theirs is not ours to end.
        """
        if isinstance(self.connection.engine.pool, StaticPool | SingletonThreadPool):
            raise BadRequest(
                "The app has an open transaction on the one connection of this SQLite database, so foreign keys cannot "
                "be switched off for the move.",
                "Commit or roll back first: db.session.commit()",
            )
        self._execute("ROLLBACK")

    def _pragma(self, text: str) -> Any:
        return self._execute(f"PRAGMA {text}")

    def _execute(self, statement: str) -> Any:
        # Past SQLAlchemy, which would begin a transaction first.
        cursor = self.connection.connection.cursor()
        cursor.execute(statement)
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
