"""PostgreSQL: a stand-in is a transaction of its own, which is rolled back."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, event

from flask_rewind.engines.postgresql.beyond_stand_in import ENDS_TRANSACTION, reaches_past
from flask_rewind.engines.stand_in import Opaque
from flask_rewind.transactions import is_autocommit

LOCK_TIMEOUT, STATEMENT_TIMEOUT = "500ms", "3s"
"""On PostgreSQL a plan holds the locks of its move until it is through; it gives up rather than stop the site."""


@contextmanager
def stand_in(connection: Connection) -> Iterator[Connection]:
    """Give a connection to a stand-in of the database for as long as the block lasts: a transaction.

    Raises:
        Opaque: where none can be made.
    """
    with connection.engine.connect() as own:
        if is_autocommit(own):
            own.execution_options(isolation_level="READ COMMITTED")  # this one is to be rolled back
        own.info["rewind_shadow"] = True
        own.detach()  # what a script sets for its session goes with this connection
        transaction = own.begin()
        event.listen(own, "commit", _refuse_commit)
        event.listen(own, "before_cursor_execute", _refuse_reaching_past)
        try:
            own.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
            own.exec_driver_sql(f"SET LOCAL statement_timeout = '{STATEMENT_TIMEOUT}'")
            yield own
        finally:
            transaction.rollback()
            own.info.pop("rewind_shadow", None)


def _refuse_commit(connection: Any) -> None:
    raise Opaque(ENDS_TRANSACTION)


def _refuse_reaching_past(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
    if reason := reaches_past(statement):
        raise Opaque(reason)
