"""MariaDB and MySQL: a statement waits for a lock only briefly, and is executed again where nobody waits for us.

Each DDL statement commits first, so that a session holds nothing while it waits for the lock of the next one.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.exc import SQLAlchemyError

from flask_rewind.acting import is_bookkeeping
from flask_rewind.engines.blockers import held_by
from flask_rewind.engines.lock_probe import table_of
from flask_rewind.engines.mysql.algorithms import NOT_KNOWN, NOT_SO, asserted, rungs_of
from flask_rewind.engines.mysql.blockers import blockers_of
from flask_rewind.own_names import is_own_table
from flask_rewind.sql.changes import AlterTable
from flask_rewind.sql.parser import read, renames
from flask_rewind.sql.statements import DDL, split, verb
from flask_rewind.steps import StepKind, current_purpose
from flask_rewind.waiting import TRY_SECONDS, Patience

log = logging.getLogger("alembic.runtime.migration")

LOCK_WAIT_TIMEOUT, DEADLOCK = 1205, 1213
_WAITS = "rewind_waits"
_LIMITS = "SELECT @@SESSION.lock_wait_timeout, @@SESSION.innodb_lock_wait_timeout, @@innodb_rollback_on_timeout"
_LIMITING = "SET SESSION lock_wait_timeout = {}, innodb_lock_wait_timeout = {}"

Run = Callable[[str], None]
"""Executes a statement with the parameters that it has."""


@contextmanager
def waiting_briefly(connection: Connection, patience: Patience, may_wait: Callable[[], bool]) -> Iterator[None]:
    """See `Engine.waiting_briefly`."""
    of_table, of_row, loses_transaction = _answer(connection, _LIMITS)
    _answer(connection, _LIMITING.format(min(of_table, TRY_SECONDS), min(of_row, TRY_SECONDS)))
    _listen(connection)
    connection.info[_WAITS] = BriefWaits(connection, patience, (lambda: False) if loses_transaction else may_wait)
    try:
        yield
    finally:
        # Of a connection that is gone, so is the session.
        with suppress(SQLAlchemyError, connection.dialect.loaded_dbapi.Error):
            connection.info.pop(_WAITS, None)
            _answer(connection, _LIMITING.format(of_table, of_row))


def _listen(connection: Connection) -> None:
    # Permanently: removing a listener is not safe beside other threads. It does nothing outside of moves.
    if not event.contains(connection.engine, "do_execute", _execute):
        event.listen(connection.engine, "do_execute", _execute)


def _execute(cursor: Any, statement: str, parameters: Any, context: Any) -> bool:
    """Execute a statement of a move; return False to leave others to SQLAlchemy."""
    waits: BriefWaits | None = context.root_connection.info.get(_WAITS) if context else None
    if waits is None:
        return False
    waits.execute(statement, lambda text: context.dialect.do_execute(cursor, text, parameters, context))
    return True


class BriefWaits:
    """Executes the statements of a move on one connection."""

    def __init__(self, connection: Connection, patience: Patience, may_wait: Callable[[], bool]) -> None:
        self._connection = connection
        self._dialect = connection.dialect
        self._patience = patience
        self._may_wait = may_wait

    def execute(self, statement: str, run: Run) -> None:
        """Execute a statement; one that alters a table for Rewind by the best algorithm and under the least lock."""
        if not self._is_own_alter(statement) or not self._is_asserted(statement, run):
            self._try(statement, statement, run)

    def _is_own_alter(self, statement: str) -> bool:
        if current_purpose().kind is StepKind.SCRIPT or is_bookkeeping():
            return False
        # A new name of a table is no matter of algorithms: see `MySQLProbe.run`.
        is_named = any(not each.column for each in renames(statement, self._dialect.name))
        return isinstance(read(statement, self._dialect.name), AlterTable) and not is_named

    def _is_asserted(self, statement: str, run: Run) -> bool:
        """Execute a statement with an algorithm and a lock; return False where the server takes it with none."""
        is_copying = False
        for algorithm, lock in rungs_of(self._dialect):
            if algorithm == "COPY" and not is_copying:
                is_copying = True
                self._warn_of_copy(statement)
            try:
                self._try(asserted(statement, algorithm, lock), statement, run)
            except self._dialect.loaded_dbapi.Error as error:
                if number_of(error) in NOT_KNOWN:
                    return False
                if number_of(error) not in NOT_SO:
                    raise
            else:
                return True
        return False

    def _warn_of_copy(self, statement: str) -> None:
        table = table_of(statement, self._dialect.name)
        if not is_own_table(table):
            log.warning("The server copies the table %s, and lets nobody write to it meanwhile: %s", table, statement)

    def _try(self, text: str, statement: str, run: Run) -> None:
        """Execute `text`, which says what the statement says, until it gets its locks."""
        wait = self._patience.begin()
        while True:
            try:
                return run(text)
            except self._dialect.loaded_dbapi.Error as error:
                if not (self._may_go_on(error, statement) and wait.goes_on()):
                    raise
            table = table_of(statement, self._dialect.name)
            found = blockers_of(self._connection, statement)
            wait.pause(f"a lock on {table or 'a table'}, {held_by(found)}")

    def _may_go_on(self, error: Exception, statement: str) -> bool:
        number = number_of(error)
        if number not in {LOCK_WAIT_TIMEOUT, DEADLOCK} or len(split(statement, self._dialect.name)) > 1:
            return False
        # A deadlock ends the transaction, and with it what the journal has written.
        return verb(statement, self._dialect.name) in DDL or (number == LOCK_WAIT_TIMEOUT and self._may_wait())


def number_of(error: BaseException) -> int | None:
    """Return the server's number of an error."""
    arguments = getattr(getattr(error, "orig", error), "args", ())
    return arguments[0] if arguments and isinstance(arguments[0], int) else None


def _answer(connection: Connection, query: str) -> Any:
    # Past SQLAlchemy, which would begin a transaction first.
    with closing(connection.connection.cursor()) as cursor:
        cursor.execute(query)
        return cursor.fetchone()
