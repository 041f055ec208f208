"""The right to move a database: who has it moves, everybody else waits, and then finds what is left to do.

On a server it is a lock of a session, beside a SQLite file a lock on a file of its own: both end with the process. A
memory database needs none, since no other process sees it.
"""

import errno
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from flask_rewind.engines.engine import Engine
from flask_rewind.engines.registry import engine_of
from flask_rewind.errors import DatabaseUnreachable, LeaseTaken
from flask_rewind.file_locks import FileLock

log = logging.getLogger("alembic.runtime.migration")

SUFFIX = ".lease"
"""How the name of the file ends that lies beside a SQLite file."""
_REMEDIES = {
    errno.ENOSPC: "Free some space on the disk of {}.",
    errno.EROFS: "The file system of {} is mounted read-only: mount it for writing, or move the database.",
}
_LET_WRITE = "Let this user write in {}, as SQLite needs it for its journal, and to that file."
_PAUSE = 0.1
"""Seconds between two tries."""


@contextmanager
def lease_held(connection: Connection, timeout: float, held: set[str]) -> Iterator[None]:
    """Hold the lease of the database of `connection` for the block; it ends with the process at the latest.

    Args:
        connection: to the database.
        timeout: how many seconds to wait for another who has it.
        held: the databases whose leases this run has already; this one is added.

    Raises:
        DatabaseUnreachable: where there is no connection, or no file, to be had for it.
        LeaseTaken: where another has it for longer.
    """
    engine = engine_of(connection)
    if file := engine.database_file():
        with _file_held(file.resolve(), timeout, held):
            yield
    elif engine.taking_lease:
        with _session_held(connection, engine, timeout, held):
            yield
    else:
        yield


@contextmanager
def _file_held(database: Path, timeout: float, held: set[str]) -> Iterator[None]:
    if str(database) in held:
        yield
        return
    file = database.with_name(f"{database.name}{SUFFIX}")
    with ExitStack() as stack:
        try:
            lock = stack.enter_context(closing(FileLock(file, database)))
            _wait(lock.take, lock.holder, timeout)
        except OSError as error:
            raise DatabaseUnreachable(
                f"A move holds its lease on the file {file}, and cannot: {error.strerror or error}.",
                _REMEDIES.get(error.errno or 0, _LET_WRITE).format(file.parent),
            ) from error
        held.add(str(database))
        yield


@contextmanager
def _session_held(connection: Connection, engine: Engine, timeout: float, held: set[str]) -> Iterator[None]:
    pool = connection.engine.pool.recreate()  # the app's own may have no room for one more
    try:
        with _connected(pool, connection.dialect.loaded_dbapi.Error) as own:
            database = str(_answer(own, engine.naming_database))
            if database not in held:
                held.add(database)
                _wait(
                    lambda: bool(_answer(own, engine.taking_lease)),
                    lambda: str(_answer(own, engine.holding_lease) or ""),
                    timeout,
                )
            yield
    finally:
        pool.dispose()


@contextmanager
def _connected(pool: Any, errors: type[Exception]) -> Iterator[Any]:
    """Give a separate connection to the database, and close it without a rollback."""
    try:
        own = pool.connect()
    except (SQLAlchemyError, errors) as error:
        raise DatabaseUnreachable(
            f"A move holds its lease on a connection of its own, and the database gives none: {error}",
            "Allow the user one connection more.",
        ) from error
    try:
        yield own
    finally:
        # The pool would roll back first, and log a traceback if the server is gone.
        driver = own.dbapi_connection
        own.detach()
        with suppress(errors):
            driver.close()


def _wait(take: Callable[[], bool], holder: Callable[[], str], timeout: float) -> None:
    deadline, is_said = time.monotonic() + timeout, False
    while not take():
        who = holder() or "somebody"
        if not is_said:
            log.warning("Another move holds this database: %s. Waiting up to %g seconds.", who, timeout)
            is_said = True
        if time.monotonic() >= deadline:
            raise LeaseTaken(
                f"Another move holds this database: {who}.",
                "Run the same command again when that is through, or give REWIND_LEASE_TIMEOUT more seconds.",
            )
        time.sleep(_PAUSE)


def _answer(own: Any, query: str) -> Any:
    with closing(own.cursor()) as cursor:
        cursor.execute(query)
        row = cursor.fetchone()
    own.commit()  # no transaction of it is left open meanwhile
    return row[0] if row else None
