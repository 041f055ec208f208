"""Whether a connection has transactions: under AUTOCOMMIT every statement is committed by itself, if none is begun."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, event

from flask_rewind.acting import books_are_kept

_OWN = "rewind_own_transaction"
_TOGETHER = "rewind_committed_together"


def is_autocommit(connection: Connection) -> bool:
    """Return whether a connection commits every statement, by its own options or by those of its engine."""
    if connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT":
        return True
    driver = connection.connection.dbapi_connection
    if asks := getattr(driver, "get_autocommit", None):  # PyMySQL, mysqlclient
        return bool(asks())
    return getattr(driver, "autocommit", False) is True  # PostgreSQL's drivers; sqlite3 has a number there


@contextmanager
def savepoint(connection: Connection) -> Iterator[None]:
    """Run a block that may fail, and leave the transaction usable; without one there is nothing to save."""
    if is_autocommit(connection):
        yield
    else:
        with connection.begin_nested():
            yield


@books_are_kept()
def begin_own(connection: Connection) -> bool:
    """Begin a transaction under AUTOCOMMIT, if none is open, for what must be committed together.

    Return whether it was begun.
    """
    if not is_autocommit(connection) or _is_open(connection.connection.driver_connection):
        return False
    # Permanently: removing a listener is not safe beside other threads.
    if not event.contains(connection.engine, "handle_error", _roll_own_back):
        event.listen(connection.engine, "handle_error", _roll_own_back)
    connection.exec_driver_sql("BEGIN")
    connection.info[_OWN] = True
    return True


@books_are_kept()
def end_own(connection: Connection, how: str) -> None:
    """End such a transaction by ``COMMIT`` or ``ROLLBACK``, if one is open and not that of `committed_together`."""
    if connection.closed or connection.invalidated or connection.info.get(_TOGETHER):
        return
    if connection.info.pop(_OWN, False):
        connection.exec_driver_sql(how)


@contextmanager
def committed_together(connection: Connection) -> Iterator[None]:
    """Commit the DDL statements of a block together, also under AUTOCOMMIT, on an engine that can roll DDL back.

    On MariaDB and MySQL, each DDL statement is committed by itself all the same.
    """
    if not begin_own(connection):
        yield
        return
    info, how = connection.info, "ROLLBACK"
    info[_TOGETHER] = True
    try:
        yield
        how = "COMMIT"
    finally:
        info.pop(_TOGETHER, None)
        end_own(connection, how)


def _is_open(driver: Any) -> bool:
    """Return whether a driver's connection is in a transaction; False where it cannot say that."""
    status = getattr(getattr(driver, "info", None), "transaction_status", 0)  # psycopg
    status = status or getattr(driver, "server_status", 0) & 1  # PyMySQL
    return bool(status) or getattr(driver, "in_transaction", False) is True  # sqlite3


def _roll_own_back(context: Any) -> None:
    # At once: after an error, PostgreSQL executes nothing else, and its driver does not let AUTOCOMMIT be ended.
    if context.connection is not None and not context.is_disconnect:
        context.connection.info.pop(_TOGETHER, None)
        end_own(context.connection, "ROLLBACK")
