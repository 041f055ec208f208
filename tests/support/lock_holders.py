"""Sessions beside the one of a move: they hold locks, and act when the move says that it waits."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

_NUMBER = {"mysql": "SELECT CONNECTION_ID()", "postgresql": "SELECT pg_backend_pid()"}
_NO_WAIT = {
    "mysql": "SET SESSION lock_wait_timeout = 0, innodb_lock_wait_timeout = 1",
    "postgresql": "SET SESSION lock_timeout = '1ms'",
}

WAITS = ("Waiting for a lock", "Still waiting")


class Session:
    """Another session."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self.number: int = connection.exec_driver_sql(_NUMBER[connection.dialect.name]).scalar_one()
        connection.rollback()

    def run(self, statement: str) -> list[tuple[Any, ...]]:
        """Execute a statement, in the transaction that is open or in a new one."""
        result = self._connection.exec_driver_sql(statement)
        return [tuple(row) for row in result] if result.returns_rows else []

    def run_at_once(self, statement: str) -> list[tuple[Any, ...]]:
        """Execute a statement in a transaction of its own; it fails if it does not get its locks at once."""
        self.run(_NO_WAIT[self._connection.dialect.name])
        found = self.run(statement)
        self.end()
        return found

    def end(self) -> None:
        """End the transaction."""
        self._connection.rollback()

    def keep(self) -> None:
        """End the transaction, and keep what it did."""
        self._connection.commit()


@contextmanager
def another_session(url: sa.URL, *statements: str) -> Iterator[Session]:
    """Give a session that has executed these statements, and has its transaction open."""
    engine = sa.create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        session = Session(connection)
        for statement in statements:
            session.run(statement)
        yield session


class Heard(logging.Filter):
    """Keeps what a move says while it waits, and acts each time; no handler, since env.py takes those away."""

    def __init__(self, *acts: Callable[[], Any], begins: tuple[str, ...] = WAITS) -> None:
        """Do something at each message that begins so; what comes last is done every time from then on."""
        super().__init__()
        self._begins = begins
        self._acts = [*acts]
        self.said: list[str] = []
        self.warned: list[str] = []

    def filter(self, record: logging.LogRecord) -> bool:
        """See a message pass."""
        message = record.getMessage()
        if message.startswith(self._begins):
            self.said.append(message)
            if self._acts:
                (self._acts.pop(0) if len(self._acts) > 1 else self._acts[0])()
        elif record.levelno >= logging.WARNING:
            self.warned.append(message)
        return True

    def __enter__(self) -> "Heard":
        logging.getLogger("alembic.runtime.migration").addFilter(self)
        return self

    def __exit__(self, *exc_info: object) -> None:
        logging.getLogger("alembic.runtime.migration").removeFilter(self)
