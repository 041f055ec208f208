"""MariaDB and MySQL: a statement waits for a lock only briefly, and is executed again where nobody waits for us.

Each DDL statement commits first, so that a session holds nothing while it waits for the lock of the next one.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from flask_rewind.acting import is_bookkeeping
from flask_rewind.engines.blockers import held_by
from flask_rewind.engines.failures import note_failure
from flask_rewind.engines.lock_probe import table_of
from flask_rewind.engines.mysql.algorithms import NOT_KNOWN, NOT_SO, asserted, is_own_alter, rungs_of
from flask_rewind.engines.mysql.blockers import blockers_of
from flask_rewind.engines.mysql.lock_timeouts import LOCK_WAIT_TIMEOUT, is_lock_timeout, number_of
from flask_rewind.own_names import is_own_table
from flask_rewind.sql.statements import DATA, DDL, has_lock_timeout, sets_lock_timeout, split, verb
from flask_rewind.waiting import TRY_SECONDS, Patience

log = logging.getLogger("alembic.runtime.migration")

_WAITS = "rewind_waits"
_LIMITS = "SELECT @@SESSION.lock_wait_timeout, @@SESSION.innodb_lock_wait_timeout, @@innodb_rollback_on_timeout"

Run = Callable[[str], None]
"""Executes a statement with the parameters that it has."""


def limit_again(connection: Connection) -> None:
    """Let statements wait briefly again, whatever a script has set for itself."""
    waits: BriefWaits | None = connection.info.get(_WAITS)
    if waits:
        waits.limit_again()


@contextmanager
def waiting_briefly(connection: Connection, patience: Patience, may_wait: Callable[[], bool]) -> Iterator[None]:
    """See `Engine.waiting_briefly`."""
    waits = connection.info[_WAITS] = BriefWaits(connection, patience, may_wait)
    _listen(connection)
    try:
        yield
    finally:
        # Where the connection is gone, so is the session, and SQLAlchemy answers nothing about it.
        with suppress(SQLAlchemyError, connection.dialect.loaded_dbapi.Error):
            connection.info.pop(_WAITS, None)
            waits.end()


def _listen(connection: Connection) -> None:
    # Permanently: removing a listener is not safe beside other threads. They do nothing outside of moves.
    if not event.contains(connection.engine, "do_execute", _execute):
        event.listen(connection.engine, "do_execute", _execute)
        event.listen(connection.engine, "do_executemany", _execute_many)


def _execute(cursor: Any, statement: str, parameters: Any, context: Any) -> bool:
    """Execute a statement of a move; return False to leave others to SQLAlchemy."""
    if waits := _waits_of(context):
        waits.execute(statement, lambda text: context.dialect.do_execute(cursor, text, parameters, context))
    return waits is not None


def _execute_many(cursor: Any, statement: str, parameters: Any, context: Any) -> bool:
    """Execute a statement of a move for many rows."""
    if waits := _waits_of(context):
        waits.execute_once(statement, lambda text: context.dialect.do_executemany(cursor, text, parameters, context))
    return waits is not None


def _waits_of(context: Any) -> "BriefWaits | None":
    found: BriefWaits | None = context.root_connection.info.get(_WAITS) if context else None
    return found


class BriefWaits:
    """Executes the statements of a move on one connection."""

    def __init__(self, connection: Connection, patience: Patience, may_wait: Callable[[], bool]) -> None:
        self._connection = connection
        self._dialect = connection.dialect
        self._patience = patience
        self._may_wait = may_wait
        self._of_table, self._of_row, self._loses_transaction = _answer(connection, _LIMITS)
        self.limit_again()

    def limit_again(self) -> None:
        """Begin to limit how long statements wait."""
        self._is_left_to_script = False
        self._now: int | None = None
        self._set("innodb_lock_wait_timeout", min(self._of_row, TRY_SECONDS))

    def end(self) -> None:
        """Let the session wait as it did before."""
        self._set("lock_wait_timeout", self._of_table)
        self._set("innodb_lock_wait_timeout", self._of_row)

    def execute(self, statement: str, run: Run) -> None:
        """Execute a statement; one that alters a table for Rewind by the best algorithm and under the least lock."""
        self._is_left_to_script |= sets_lock_timeout(statement, self._dialect.name)
        self._limit(statement)
        with self._failure_noted(statement):
            if not is_own_alter(statement, self._dialect.name) or not self._is_asserted(statement, run):
                self._try(statement, statement, run)

    def execute_once(self, statement: str, run: Run) -> None:
        """Execute a statement that may have been executed for some of its rows when it fails."""
        self._limit(statement)
        with self._failure_noted(statement):
            run(statement)

    @contextmanager
    def _failure_noted(self, statement: str) -> Iterator[None]:
        # SQLAlchemy's own event is no more to be had, once it has reflected a table: it sets skip_user_error_events.
        errors = self._dialect.loaded_dbapi.Error
        try:
            yield
        except errors as error:
            note_failure(self._connection, DBAPIError.instance(statement, None, error, errors, dialect=self._dialect))
            raise

    def _limit(self, statement: str) -> None:
        """Set how long a statement waits for a table.

        Those that read the catalog wait as long as ever: they leave a table out that they do not get in time.
        """
        first = verb(statement, self._dialect.name)
        if first in DATA and is_bookkeeping():  # nobody else locks the journal
            return
        is_brief = first in DATA | DDL and "information_schema" not in statement.lower()
        wanted = min(self._of_table, TRY_SECONDS) if is_brief else self._of_table
        if wanted != self._now and not self._is_left_to_script:
            self._set("lock_wait_timeout", wanted)
            self._now = wanted

    def _set(self, variable: str, seconds: int) -> None:
        _answer(self._connection, f"SET SESSION {variable} = {seconds}")

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
            log.warning("The server copies the table %s, and nobody can write to it meanwhile: %s", table, statement)

    def _try(self, text: str, statement: str, run: Run) -> None:
        """Execute `text`, which is the statement with an algorithm or as it stands, until it gets its locks."""
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
        is_left = self._is_left_to_script or has_lock_timeout(statement, self._dialect.name)
        if not is_lock_timeout(error) or is_left or len(split(statement, self._dialect.name)) > 1:
            return False
        if verb(statement, self._dialect.name) in DDL:
            return True
        # After a deadlock, or where the server is set so, the transaction is gone, and with it rows of the journal.
        is_transaction_there = number_of(error) == LOCK_WAIT_TIMEOUT and not self._loses_transaction
        return is_transaction_there and self._may_wait()


def _answer(connection: Connection, query: str) -> Any:
    # Past SQLAlchemy, which would begin a transaction first.
    with closing(connection.connection.cursor()) as cursor:
        cursor.execute(query)
        return cursor.fetchone()
