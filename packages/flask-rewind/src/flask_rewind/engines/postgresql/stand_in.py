"""PostgreSQL: a stand-in is a separate transaction, which is rolled back."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, event

from flask_rewind.engines.postgresql.beyond_stand_in import ENDS_TRANSACTION, reaches_past
from flask_rewind.engines.stand_in import Opaque
from flask_rewind.transactions import is_autocommit

LOCK_TIMEOUT, STATEMENT_TIMEOUT = "500ms", "3s"
"""A plan holds the locks of its move until it ends. With these timeouts it gives up before it blocks the site."""


@contextmanager
def stand_in(connection: Connection) -> Iterator[Connection]:
    """Yield a connection to a stand-in, a transaction that is rolled back when the block ends.

    Raises:
        Opaque: if a statement commits, or has an effect that no rollback undoes.
    """
    with connection.engine.connect() as own:
        if is_autocommit(own):
            own.execution_options(isolation_level="READ COMMITTED")  # a rollback needs a transaction
        own.info["rewind_shadow"] = True
        own.detach()  # settings that a script makes for its session end with this connection
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
