"""The right to move a database: who has it moves, everybody else waits, and then finds what is left to do.

SQLite needs none: a move begins by the one write transaction that a file can have, for which its driver waits.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from flask_rewind.dialects import engine_of
from flask_rewind.errors import DatabaseUnreachable, LeaseTaken

log = logging.getLogger("alembic.runtime.migration")

_PAUSE = 0.1
"""Seconds between two tries."""


@contextmanager
def lease_held(connection: Connection, timeout: float, held: set[str]) -> Iterator[None]:
    """Hold the lease of the database behind `connection` for the block, on a connection of its own.

    It ends with that connection, so also where the process dies.

    Args:
        connection: to the database.
        timeout: how many seconds to wait for another who has it.
        held: the databases whose leases this run has already; this one is added.

    Raises:
        DatabaseUnreachable: where there is no connection to be had for it.
        LeaseTaken: where another has it for longer.
    """
    engine = engine_of(connection)
    if not engine.taking_lease:
        yield
        return
    pool = connection.engine.pool.recreate()  # the app's own may have no room for one more
    try:
        with closing(_connected(pool, connection.dialect.loaded_dbapi.Error)) as own:
            database = str(_answer(own, engine.naming_database))
            if database not in held:
                held.add(database)
                _wait(own, engine.taking_lease, engine.holding_lease, timeout)
            yield
    finally:
        pool.dispose()


def _connected(pool: Any, errors: type[Exception]) -> Any:
    try:
        return pool.connect()
    except (SQLAlchemyError, errors) as error:
        raise DatabaseUnreachable(
            f"A move holds its lease on a connection of its own, and the database gives none: {error}",
            "Allow the user one connection more.",
        ) from error


def _wait(own: Any, taking: str, holding: str, timeout: float) -> None:
    deadline, is_said = time.monotonic() + timeout, False
    while not _answer(own, taking):
        holder = _answer(own, holding) or "somebody"
        if time.monotonic() >= deadline:
            raise LeaseTaken(
                f"Another move holds this database: {holder}.",
                "Run the same command again when that is through, or give REWIND_LEASE_TIMEOUT more seconds.",
            )
        if not is_said:
            log.warning("Another move holds this database: %s. Waiting up to %g seconds.", holder, timeout)
            is_said = True
        time.sleep(_PAUSE)


def _answer(own: Any, query: str) -> Any:
    with closing(own.cursor()) as cursor:
        cursor.execute(query)
        row = cursor.fetchone()
    own.commit()  # no transaction of it is left open meanwhile
    return row[0] if row else None
