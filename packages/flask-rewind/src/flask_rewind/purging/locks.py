"""`purge` and `eject` wait for locks as a move does: briefly, so that others pass, and as long as the budget lasts."""

from collections.abc import Callable
from contextlib import nullcontext

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from flask_rewind.engines.blocked import blocked, lock_of, statement_of
from flask_rewind.engines.blockers import held_by
from flask_rewind.engines.registry import engine_of
from flask_rewind.interrupts import statement_ends
from flask_rewind.transactions import savepoint
from flask_rewind.waiting import Patience


def with_brief_waits(connection: Connection, patience: Patience, failed: str, do: Callable[[], None]) -> None:
    """Do something, and do it again where a session has rolled it back because it did not get a lock.

    On MariaDB and MySQL each statement is executed again by itself.

    Args:
        connection: which it uses.
        patience: how long it may be tried.
        failed: how the message begins if it was not done in time.
        do: leaves nothing but changes of the database if it fails.

    Raises:
        Blocked: where it did not get its locks in time.
    """
    engine, dialect = engine_of(connection), connection.dialect.name
    if not engine.has_lock_timeouts:
        do()
        return
    wait = patience.begin()
    with engine.waiting_briefly(patience, lambda: True):
        while True:
            try:
                engine.limit_waits()
                with nullcontext() if engine.commits_each_ddl_statement else savepoint(connection):
                    do()
                return
            except DBAPIError as error:
                if not engine.is_lock_timeout(error):
                    raise
                statement_ends()
                blockers = engine.blockers(statement_of(error))
                if engine.commits_each_ddl_statement or not wait.goes_on():
                    raise blocked(failed, error, blockers, patience.spent, dialect) from error
                what = f"{lock_of(error, dialect)}, {held_by(blockers)}"
            wait.pause(what)
