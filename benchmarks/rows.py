"""Counts the rows that the database reads for a page after a change, when nothing is kept of it."""

from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any

import sqlalchemy as sa
from generator import Filled, app_of
from qingbo.extensions import db
from qingbo.page_cache.changes import public_write

_STEPS = 100
"""Steps of SQLite's virtual machine between two calls of its progress handler."""
_IN_TRANSACTION = (
    "SELECT coalesce(sum(seq_tup_read), 0) + coalesce(sum(idx_tup_fetch), 0) FROM pg_stat_xact_user_tables"
)


def rows_read(filled: Filled, pages: Mapping[str, str]) -> dict[str, int]:
    """Return the rows that each page reads; on SQLite virtual-machine steps, of which each row takes several."""
    with app_of(filled, page_cache_megabytes="0") as app:
        engine = db.engine
        count = _counter(engine)
    found = {}
    for page, path in pages.items():
        reader = app.test_client()
        reader.get(path)  # makes the renderings
        with public_write(engine):
            pass
        count()
        if (answer := reader.get(path)).status_code != 200:
            raise RuntimeError(f"{path} answered {answer.status_code}")
        found[page] = count()
    return found


def _counter(engine: sa.Engine) -> Callable[[], int]:
    """Return a function that returns the rows read since its last call."""
    engine.dispose()  # connections that are already open would not be counted
    match engine.dialect.name:
        case "sqlite":
            return _count_steps(engine)
        case "postgresql":
            return _count_transactions(engine)
    return _count_handlers(engine)


def _count_steps(engine: sa.Engine) -> Callable[[], int]:
    steps: list[int] = []

    def open_connection(driver: Any, record: Any) -> None:
        driver.set_progress_handler(lambda: steps.append(_STEPS), _STEPS)

    sa.event.listen(engine, "connect", open_connection)
    return lambda: _taken(steps)


def _count_transactions(engine: sa.Engine) -> Callable[[], int]:
    rows: list[int] = []

    def end(connection: sa.Connection) -> None:
        with closing(connection.connection.cursor()) as cursor:
            cursor.execute(_IN_TRANSACTION)
            (row,) = cursor.fetchall()
            rows.append(int(row[0]))

    for how in ("commit", "rollback"):
        sa.event.listen(engine, how, end)
    return lambda: _taken(rows)


def _count_handlers(engine: sa.Engine) -> Callable[[], int]:
    own = sa.create_engine(engine.url)
    last = [0]

    def taken() -> int:
        with own.connect() as connection:
            status = connection.exec_driver_sql("SHOW GLOBAL STATUS LIKE 'Handler_read%%'").all()
        now = sum(int(value) for _name, value in status)
        before, last[0] = last[0], now
        return now - before

    return taken


def _taken(numbers: list[int]) -> int:
    count = sum(numbers)
    numbers.clear()
    return count
