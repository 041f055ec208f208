"""How many rows the statements on a database read, by the engine's own counters."""

from contextlib import closing
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

import sqlalchemy as sa

_NUMBERS = {
    "sqlite": "(WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count})"
    " SELECT n FROM numbers)",
    "mysql": "(SELECT seq AS n FROM seq_1_to_{count})",
    "postgresql": "(SELECT n FROM generate_series(1, {count}) n)",
}
_IN_TRANSACTION = """
SELECT relid, coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_all_tables
WHERE schemaname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
"""
_STEPS = 100
"""Of SQLite's virtual machine between two calls of its progress handler."""


def insert_numbered(engine: sa.Engine, count: int, into: str, values: str) -> None:
    """Insert `count` rows in one statement; `values` are SQL expressions of the row's number, ``n``."""
    numbers = _NUMBERS[engine.dialect.name].format(count=count)
    with engine.begin() as connection:
        connection.execute(sa.text(f"INSERT INTO {into} SELECT {values} FROM {numbers} numbers"))


class RowsRead:
    """Counts from when it is made; on SQLite steps of the virtual machine, which takes some for each row."""

    _counting: ClassVar["WeakKeyDictionary[sa.Engine, RowsRead]"] = WeakKeyDictionary()
    """The newest of an engine: to read the counters sets them back, so that only one may."""

    def __init__(self, engine: sa.Engine) -> None:
        self.count = 0
        self._counting[engine] = self
        self._in_transaction: dict[int, int] = {}
        engine.dispose()  # connections that are open already would not be counted
        count = {"sqlite": self._count_steps, "postgresql": self._count_transactions}.get(
            engine.dialect.name, self._count_sessions
        )
        count(engine)

    def taken(self) -> int:
        """Return the count so far, and begin again."""
        count, self.count = self.count, 0
        return count

    def _count_steps(self, engine: sa.Engine) -> None:
        def add() -> None:
            self.count += _STEPS

        sa.event.listen(engine, "connect", lambda driver, record: driver.set_progress_handler(add, _STEPS))

    def _count_sessions(self, engine: sa.Engine) -> None:
        def look(driver: Any) -> int:
            with driver.cursor() as cursor:
                cursor.execute("SHOW SESSION STATUS LIKE 'Handler_read%'")
                read = sum(int(value) for _, value in cursor.fetchall())
                cursor.execute("FLUSH STATUS")
                return read

        def add(driver: Any, record: Any) -> None:
            if driver is not None and self._counting.get(engine) is self:
                self.count += look(driver)

        sa.event.listen(engine, "connect", lambda driver, record: look(driver))
        sa.event.listen(engine, "checkin", add)

    def _count_transactions(self, engine: sa.Engine) -> None:
        def look(connection: sa.Connection) -> None:
            with closing(connection.connection.cursor()) as cursor:
                cursor.execute(_IN_TRANSACTION)
                self._in_transaction |= dict(cursor.fetchall())

        def look_before_drop(connection: sa.Connection, cursor: Any, statement: str, *rest: Any) -> None:
            if statement.startswith("DROP"):  # which takes its counter with it
                look(connection)

        def add(connection: sa.Connection) -> None:
            look(connection)
            self.count += sum(self._in_transaction.values())
            self._in_transaction.clear()

        sa.event.listen(engine, "before_cursor_execute", look_before_drop)
        sa.event.listen(engine, "commit", add)
