"""Errors of statements while a crossing is made, whether its script catches them or not."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection
from sqlalchemy.exc import StatementError

_FAILED = "rewind_failed"


@contextmanager
def failures_of(connection: Connection) -> Iterator[list[StatementError]]:
    """Give the list of the errors that statements of the block end with, as far as an engine notes them."""
    failed = connection.info[_FAILED] = list[StatementError]()
    try:
        yield failed
    finally:
        if not connection.invalidated:
            connection.info.pop(_FAILED, None)


def note_failure(connection: Connection | None, error: StatementError | None) -> None:
    """Note the error of a statement, if somebody wants to know."""
    if connection is not None and error is not None and not connection.invalidated:
        failed: list[StatementError] | None = connection.info.get(_FAILED)
        if failed is not None:
            failed.append(error)
