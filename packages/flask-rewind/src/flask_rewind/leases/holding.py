"""Hold the lease of a database for the duration of a run.

On a server, the engine gives the lease to a separate connection. On SQLite, it is a lock on a file beside the database.
A memory database needs none: no other process sees it.
"""

import errno
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, event
from sqlalchemy.exc import SQLAlchemyError

from flask_rewind.engines.engine import Engine
from flask_rewind.engines.lease import Lease, held_by
from flask_rewind.engines.registry import engine_of
from flask_rewind.errors import DatabaseUnreachable, LeaseLost, LeaseTaken
from flask_rewind.file_locks import FileLock
from flask_rewind.leases.heartbeat import renewed

log = logging.getLogger("alembic.runtime.migration")

SUFFIX = ".lease"
"""Suffix of the lock file beside a SQLite file."""
_REMEDIES = {
    errno.ENOSPC: "Free some space on the disk of {}.",
    errno.EROFS: "The file system of {} is mounted read-only: mount it for writing, or move the database.",
}
_LET_WRITE = "Let this user write in {}, as SQLite needs it for its journal, and to that file."
_PAUSE = 0.1
"""Seconds between two tries."""


@contextmanager
def lease_held(connection: Connection, timeout: float, held: set[str]) -> Iterator[None]:
    """Hold the lease of the database of `connection` for the block.

    Args:
        connection: to the database.
        timeout: how many seconds to wait for another holder.
        held: the databases whose leases this run has already; this one is added.

    Raises:
        DatabaseUnreachable: if there is no connection or no file for the lease.
        LeaseTaken: if another holder has it for longer.
    """
    engine = engine_of(connection)
    if file := engine.database_file():
        with _file_held(file.resolve(), timeout, held):
            yield
    elif engine.taking_lease:
        with _server_held(connection, engine, timeout, held):
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
            _wait(lock.take, lambda: held_by(lock.holder()), timeout)
        except OSError as error:
            raise DatabaseUnreachable(
                f"A move holds its lease on the file {file}, and cannot: {error.strerror or error}.",
                _REMEDIES.get(error.errno or 0, _LET_WRITE).format(file.parent),
            ) from error
        held.add(str(database))
        yield


@contextmanager
def _server_held(connection: Connection, engine: Engine, timeout: float, held: set[str]) -> Iterator[None]:
    pool = connection.engine.pool.recreate()  # the app's own may have no room for one more
    own_engine = sa.Engine(pool, connection.dialect, connection.engine.url)
    try:
        with _connected(own_engine) as own:
            lease = engine.lease(own)
            with ExitStack() as stack:
                if lease.database not in held:
                    held.add(lease.database)
                    _wait(lease.take, lease.obstacle, timeout)
                    stack.enter_context(_kept(lease, own_engine, connection))
                lease.catch_up(connection)
                yield
    finally:
        own_engine.dispose()


@contextmanager
def _connected(engine: sa.Engine) -> Iterator[Connection]:
    """Give a separate connection to the database, and close it without a rollback."""
    errors = engine.dialect.loaded_dbapi.Error
    try:
        own = engine.connect()
    except (SQLAlchemyError, errors) as error:
        raise DatabaseUnreachable(
            f"A move holds its lease on a connection of its own, and the database gives none: {error}",
            "Allow the user one connection more.",
        ) from error
    driver: Any = own.connection.driver_connection
    try:
        yield own
    finally:
        if not own.invalidated:
            # The pool would roll back first, and log a traceback if the server is gone.
            own.detach()
            with suppress(errors):
                driver.close()


@contextmanager
def _kept(lease: Lease, own_engine: sa.Engine, connection: Connection) -> Iterator[None]:
    """Renew the lease for the block, and refuse every statement of the move once the lease is lost."""

    def confirm(*_: object) -> None:
        try:
            lease.confirm()
        except LeaseLost:
            # If a node has aborted the transaction, the next rollback says so, and its error would hide this one.
            with suppress(connection.dialect.loaded_dbapi.Error):
                connection.connection.rollback()
            raise

    event.listen(connection, "before_cursor_execute", confirm)
    try:
        with renewed(lease, own_engine):
            yield
    finally:
        event.remove(connection, "before_cursor_execute", confirm)
        lease.release()


def _wait(take: Callable[[], bool], obstacle: Callable[[], str], timeout: float) -> None:
    deadline, is_said = time.monotonic() + timeout, False
    while not take():
        said = obstacle()
        if not is_said:
            log.warning("%s Waiting up to %g seconds.", said, timeout)
            is_said = True
        if time.monotonic() >= deadline:
            raise LeaseTaken(
                said, "Run the same command again when that is through, or give REWIND_LEASE_TIMEOUT more seconds."
            )
        time.sleep(_PAUSE)
