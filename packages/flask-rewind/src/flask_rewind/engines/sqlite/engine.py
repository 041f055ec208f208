"""SQLite: begin real transactions before DDL, and switch foreign keys off while tables are rebuilt.

Measured (shared notes, engines, findings 3 and 4): the driver begins no transaction before DDL unless it is told to,
and a batch rebuild with ``foreign_keys=ON`` deletes the child rows of the table or sets their keys to NULL.
"""

import logging
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.engine import Engine as SQLAlchemyEngine
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import SingletonThreadPool, StaticPool

from flask_rewind.engines.engine import Engine
from flask_rewind.errors import BadRequest, LeaseTaken

log = logging.getLogger("alembic.runtime.migration")

MOVING = "rewind_move"
REFERENCES_OFF = "rewind_references_off"
DRIVERS_TIMEOUT = "rewind_drivers_timeout"
_ONE_TRY = 1000
"""Milliseconds that SQLite waits at most for other writers in one try."""
_PAUSE = 0.1
"""Seconds between two tries."""


class SQLite(Engine):
    """A SQLite file or memory database."""

    rebuilds_tables = True
    runs_several_statements = False
    adds_any_column = False

    def prepare_move(self, options: dict[str, Any], timeout: float) -> None:
        """Switch foreign keys off, and use BEGIN IMMEDIATE from here on."""
        super().prepare_move(options, timeout)
        options.setdefault("transactional_ddl", True)
        _listen(self.connection.engine)
        self._switch_references_off()
        self.connection.info.setdefault(DRIVERS_TIMEOUT, self._pragma("busy_timeout"))
        _begin_immediately(self.connection, timeout)

    def database_file(self) -> Path | None:
        """Return the main file; None for a memory database."""
        rows = self._ask("PRAGMA database_list")
        name = next(row[2] for row in rows if row[1] == "main")
        return Path(name) if name else None

    def broken_references(self) -> set[tuple[Any, ...]]:
        """Return (table, number of rows, parent) for each broken reference, if the move switched foreign keys off."""
        if not self.connection.info.get(REFERENCES_OFF):
            return set()
        rows = self.connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        counts = Counter((row[0], row[2]) for row in rows)
        return {(table, count, parent) for (table, parent), count in counts.items()}

    def _switch_references_off(self) -> None:
        # Inside a transaction SQLite silently ignores the pragma, so it must come before BEGIN.
        if not self._pragma("foreign_keys"):
            return
        driver: Any = self.connection.connection.driver_connection
        if driver.in_transaction:
            self._begin_anew()
        self._pragma("foreign_keys=OFF")
        self.connection.info[REFERENCES_OFF] = True

    def _begin_anew(self) -> None:
        """End a transaction that env.py, or a listener of the app, has just begun; `_begin_immediately` begins another.

        Raises:
            BadRequest: if the pool shares the connection, whose transaction may contain work of others.
        """
        if isinstance(self.connection.engine.pool, StaticPool | SingletonThreadPool):
            raise BadRequest(
                "The app has an open transaction on the only connection to this SQLite database, so foreign keys"
                " cannot be switched off for the move.",
                "Commit or roll back first: db.session.commit()",
            )
        self._execute("ROLLBACK")

    def _pragma(self, text: str) -> Any:
        return self._execute(f"PRAGMA {text}")

    def _execute(self, statement: str) -> Any:
        rows = self._ask(statement)
        return rows[0][0] if rows else None

    def _ask(self, statement: str) -> list[Any]:
        # By the driver's cursor: SQLAlchemy would begin a transaction first.
        with closing(self.connection.connection.cursor()) as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())


def _begin_immediately(connection: Connection, timeout: float) -> None:
    connection.execution_options(**{MOVING: timeout})
    if connection.in_transaction():  # env.py has begun in SQLAlchemy; the driver would begin with the first write
        _begin(connection)


def _listen(engine: SQLAlchemyEngine) -> None:
    # The listeners are never removed: that is not safe while other threads run.
    if not event.contains(engine, "begin", _begin):
        event.listen(engine, "begin", _begin)
        event.listen(engine, "checkin", _end_move)


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if MOVING in options and options.get("isolation_level") != "AUTOCOMMIT":
        driver: Any = connection.connection.driver_connection
        if not driver.in_transaction:  # a listener of the app may have begun one
            _wait_and_begin(connection, options[MOVING])


def _wait_and_begin(connection: Connection, timeout: float) -> None:
    """Begin a transaction as soon as no other program writes.

    Raises:
        LeaseTaken: if another program still writes after `timeout` seconds.
    """
    own = connection.info[DRIVERS_TIMEOUT]
    deadline, is_said = time.monotonic() + timeout, False
    # Each try is short, so that Ctrl-C works.
    one_try = min(own, _ONE_TRY, round(timeout * 500))
    connection.exec_driver_sql(f"PRAGMA busy_timeout = {one_try}")
    while not _has_begun(connection):
        if not is_said:
            log.warning("Another program writes to this SQLite database. Waiting up to %g seconds.", timeout)
            is_said = True
        if time.monotonic() >= deadline:
            raise LeaseTaken(
                f"Another program has been writing to this SQLite database for {timeout:g} seconds.",
                "Run the same command again when it has ended, or set REWIND_LEASE_TIMEOUT and --budget to more.",
            )
        time.sleep(_PAUSE)
    # The commit may have to wait for readers.
    connection.exec_driver_sql(f"PRAGMA busy_timeout = {max(own, round(timeout * 1000))}")


def _has_begun(connection: Connection) -> bool:
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    except OperationalError as error:
        if "is locked" not in str(error.orig):
            raise
        return False
    return True


def _end_move(dbapi_connection: Any, record: Any) -> None:
    # At check-in the transaction has ended, with every driver, and no one else has the connection yet.
    if dbapi_connection is None:
        return
    pragmas = ["foreign_keys=ON"] if record.info.pop(REFERENCES_OFF, False) else []
    if (timeout := record.info.pop(DRIVERS_TIMEOUT, None)) is not None:
        pragmas.append(f"busy_timeout={timeout}")
    for pragma in pragmas:
        with closing(dbapi_connection.cursor()) as cursor:
            cursor.execute(f"PRAGMA {pragma}")
