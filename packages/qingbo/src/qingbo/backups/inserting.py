"""Inserts the rows of a backup in batches."""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Connection, Table, insert
from sqlalchemy.exc import SQLAlchemyError

from qingbo.errors import RestoreFailed
from qingbo.progress import Step

ROWS_AT_ONCE, BYTES_AT_ONCE = 500, 4_000_000
"""The most that one INSERT carries: MariaDB takes 16 MB by default."""


def insert_rows(
    connection: Connection, into: Table, rows: Iterable[dict[str, Any]], step: Step = lambda _name, count=1: None
) -> int:
    """Insert rows in batches, and return how many they were.

    Raises:
        RestoreFailed: with the rows that cannot be written.
    """
    count = 0
    for batch in _batches(rows):
        try:
            connection.execute(insert(into), batch)
        except SQLAlchemyError as error:
            reason = getattr(error, "orig", None) or error
            raise RestoreFailed(
                f"Rows {count + 1} to {count + len(batch)} of {into.name} cannot be written: {reason}",
                "The rows of the blog were not changed.",
            ) from error
        count += len(batch)
        step(into.name, len(batch))
    return count


def _batches(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    size = 0
    for row in rows:
        batch.append(row)
        size += sum(len(value) for value in row.values() if isinstance(value, str | bytes))
        if len(batch) == ROWS_AT_ONCE or size > BYTES_AT_ONCE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
