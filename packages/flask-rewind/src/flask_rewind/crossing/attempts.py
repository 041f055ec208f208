"""A crossing that cannot get a lock is taken back and begun anew, so that nobody waits for the locks that it has.

On PostgreSQL it goes back to a savepoint from before its first statement, which releases its locks. On MariaDB and
MySQL, which commit each DDL statement, it is undone. There that is for statements that change rows: a DDL statement
holds nothing while it waits, and is executed again by itself (`engines.mysql.waits`).
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from sqlalchemy import NestedTransaction
from sqlalchemy.exc import SQLAlchemyError

from flask_rewind import alembic_private
from flask_rewind.crossing.moved_database import MovedDatabase
from flask_rewind.engines.blocked import blocked, lock_of, statement_of
from flask_rewind.engines.blockers import held_by
from flask_rewind.engines.failures import failures_of
from flask_rewind.interrupts import statement_ends
from flask_rewind.sql.statements import has_lock_timeout, sets_lock_timeout
from flask_rewind.transactions import is_autocommit
from flask_rewind.waiting import Patience, Wait

_SAVEPOINT = "rewind_attempt"


class Attempts:
    """Makes the crossings of one database, each as often as the patience of the move allows."""

    def __init__(self, database: MovedDatabase, patience: Patience) -> None:
        self._database = database
        self._connection = database.connection
        self._dialect = database.connection.dialect.name
        self._engine = database.engine
        self._patience = patience
        self._is_undone = database.engine.commits_each_ddl_statement
        """Whether a crossing is undone, and not rolled back."""
        self._outer: NestedTransaction | None = None
        """The savepoint of env.py's own that a crossing runs in."""

    def waiting_briefly(self, may_wait: Callable[[], bool]) -> AbstractContextManager[None]:
        """See `Engine.waiting_briefly`. Nobody else uses what a plan is tried on."""
        if self._database.record.planner:
            return nullcontext()
        return self._engine.waiting_briefly(self._patience, may_wait)

    def make(self, failed: str, attempt: Callable[[], list[str]], undo: Callable[[], list[str]]) -> None:
        """Make a crossing.

        Args:
            failed: how the message begins if it fails.
            attempt: makes it, once, and returns its statements.
            undo: lets another attempt find what this one had found, and returns the statements that stay.

        Raises:
            Blocked: where it did not get its locks in time.
        """
        if not self._can_begin_anew:
            attempt()
            return
        self._prepare()
        wait = self._patience.begin()
        while True:
            try:
                self._make_once(attempt)
                return
            except Exception as error:
                if not self._engine.is_lock_timeout(error):
                    raise
                statement_ends()  # Ctrl-C ends the move here, and while it pauses
                if not self._is_rolled_back():
                    raise
                what = self._give_way(failed, error, wait, undo)
            wait.pause(what)

    @property
    def _can_begin_anew(self) -> bool:
        is_live = self._engine.has_lock_timeouts and not self._database.record.planner
        return is_live and (self._is_undone or not is_autocommit(self._connection))

    def _prepare(self) -> None:
        self._engine.limit_waits()
        if not self._is_undone:
            self._connection.exec_driver_sql(f"SAVEPOINT {_SAVEPOINT}")
            self._outer = self._connection.get_nested_transaction()

    def _make_once(self, attempt: Callable[[], list[str]]) -> None:
        with failures_of(self._connection) as failed:
            statements = attempt()
        # The script caught it, having another error in mind, and has left out what did not get its lock.
        unexpected = [error for error in failed if self._is_unexpected(error)]
        if unexpected and not any(sets_lock_timeout(each, self._dialect) for each in statements):
            raise unexpected[0]

    def _is_unexpected(self, error: Exception) -> bool:
        return self._engine.is_lock_timeout(error) and not has_lock_timeout(statement_of(error), self._dialect)

    def _is_rolled_back(self) -> bool:
        """Go back to before the crossing; return False where its script has committed."""
        if self._is_undone:
            return True
        if not self._connection.in_transaction() and not self._is_shared:
            # A session of SQLAlchemy's ORM has rolled all of it back, as it does when it cannot write an object.
            alembic_private.begin_again(self._database.context)
            self._prepare()
            return True
        try:
            while (nested := self._connection.get_nested_transaction()) and nested is not self._outer:
                nested.rollback()
            self._connection.exec_driver_sql(f"ROLLBACK TO SAVEPOINT {_SAVEPOINT}")
        except SQLAlchemyError:
            return False
        return True

    def _give_way(self, failed: str, error: Exception, wait: Wait, undo: Callable[[], list[str]]) -> str:
        """Prepare for another attempt, and return what it waits for.

        Raises:
            Blocked: where there can be none.
        """
        may_go_on = wait.goes_on() and not self._holds_earlier_locks
        blockers = self._engine.blockers(statement_of(error))
        if not may_go_on or undo():
            raise blocked(failed, error, blockers, self._patience.spent, self._dialect) from error
        return f"{lock_of(error, self._dialect)}, {held_by(blockers)}"

    @property
    def _holds_earlier_locks(self) -> bool:
        """Whether the transaction has more than this crossing in it, and would go on holding that."""
        crossings = self._database.record.crossings
        if not alembic_private.runs_in_callers_transaction(self._database.context):
            crossings = [each for each in crossings if each.bind == self._database.bind]
        return not self._is_undone and self._is_shared and bool(crossings)

    @property
    def _is_shared(self) -> bool:
        return alembic_private.runs_in_one_transaction(self._database.context)
