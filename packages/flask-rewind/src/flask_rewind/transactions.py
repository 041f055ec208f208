"""Whether a connection has transactions at all: under AUTOCOMMIT every statement is committed by itself."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection


def is_autocommit(connection: Connection) -> bool:
    """Return whether a connection commits every statement, by its own options or by those of its engine."""
    if connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT":
        return True
    # Of PostgreSQL's drivers; sqlite3 has a number there, and PyMySQL says it by a method.
    return getattr(connection.connection.dbapi_connection, "autocommit", False) is True


@contextmanager
def savepoint(connection: Connection) -> Iterator[None]:
    """Run a block that may fail, and leave the transaction usable; without one there is nothing to save."""
    if is_autocommit(connection):
        yield
    else:
        with connection.begin_nested():
            yield
