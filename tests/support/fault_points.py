"""The points of a move at which a proof breaks it off: before and after each statement that changes the database.

They are seen where the drivers pass statements on, beneath everything that Rewind and SQLAlchemy do, in the process
that calls `watch`: a forked child, or a program that a test starts.
"""

import re
from collections.abc import Callable
from typing import Any

import psycopg
import pymysql
from sqlalchemy.engine.default import DefaultDialect

Reach = Callable[["FaultPoint"], None]

_CHANGING = re.compile(
    r"\s*(ALTER|BEGIN IMMEDIATE|COMMENT|COMMIT|CREATE|DELETE|DROP|INSERT|RENAME|REPLACE|TRUNCATE|UPDATE)\b",
    re.IGNORECASE,
)
_DDL = re.compile(r"\s*(ALTER|COMMENT|CREATE|DROP|RENAME|TRUNCATE)\b", re.IGNORECASE)

_BOOKS = re.compile(r"\b(rewind_(moves|crossings|steps|attic|lease)|alembic_version)\b")
_uncommitted: set[int] = set()
"""The connections that have changed something since their last commit."""


class FaultPoint:
    """A moment before or after a statement, or a commit, reaches the database."""

    def __init__(self, when: str, statement: str, connection: Any) -> None:
        self.when = when
        self.statement = statement
        self.connection = connection
        """The driver's."""

    def __str__(self) -> str:
        return f"{self.when} {' '.join(self.statement.split())}"[:200]

    @property
    def is_ddl(self) -> bool:
        """Whether the statement changes the schema."""
        return bool(_DDL.match(self.statement))

    @property
    def is_of_script(self) -> bool:
        """Whether it is DDL of anything but Rewind's and Alembic's own tables."""
        return self.is_ddl and not _BOOKS.search(self.statement)


def watch(reach: Reach) -> None:
    """Call `reach` at each fault point of this process from now on."""
    _watch_pymysql(reach)
    _watch_psycopg(reach)
    _watch_sqlite(reach)


def _around(reach: Reach, statement: Any, connection: Any, run: Callable[[], Any]) -> Any:
    text = statement.decode(errors="replace") if isinstance(statement, bytes) else str(statement)
    if not _CHANGING.match(text) or (text == "COMMIT" and id(connection) not in _uncommitted):
        return run()
    (_uncommitted.discard if text == "COMMIT" else _uncommitted.add)(id(connection))
    reach(FaultPoint("before", text, connection))
    result = run()
    reach(FaultPoint("after", text, connection))
    return result


def _watch_pymysql(reach: Reach) -> None:
    of: Any = pymysql.connections.Connection
    query, commit = of.query, of.commit

    def watched_query(self: Any, sql: Any, unbuffered: bool = False) -> Any:
        return _around(reach, sql, self, lambda: query(self, sql, unbuffered))

    def watched_commit(self: Any) -> Any:
        return _around(reach, "COMMIT", self, lambda: commit(self))

    of.query, of.commit = watched_query, watched_commit


def _watch_psycopg(reach: Reach) -> None:
    of_cursor: Any = psycopg.Cursor
    of_connection: Any = psycopg.Connection
    execute, execute_many, commit = of_cursor.execute, of_cursor.executemany, of_connection.commit

    def watched_execute(self: Any, query: Any, *rest: Any, **options: Any) -> Any:
        return _around(reach, query, self.connection, lambda: execute(self, query, *rest, **options))

    def watched_many(self: Any, query: Any, *rest: Any, **options: Any) -> Any:
        return _around(reach, query, self.connection, lambda: execute_many(self, query, *rest, **options))

    def watched_commit(self: Any) -> Any:
        return _around(reach, "COMMIT", self, lambda: commit(self))

    of_cursor.execute, of_cursor.executemany, of_connection.commit = watched_execute, watched_many, watched_commit


def _watch_sqlite(reach: Reach) -> None:
    """SQLite's driver is written in C: its statements are seen where SQLAlchemy passes them on."""
    of: Any = DefaultDialect
    execute, execute_many, commit = of.do_execute, of.do_executemany, of.do_commit

    def watched(run: Callable[..., Any]) -> Callable[..., Any]:
        def watched_run(self: Any, cursor: Any, statement: str, *rest: Any) -> Any:
            if self.name != "sqlite":
                return run(self, cursor, statement, *rest)
            return _around(reach, statement, cursor.connection, lambda: run(self, cursor, statement, *rest))

        return watched_run

    def watched_commit(self: Any, connection: Any) -> Any:
        if self.name != "sqlite":
            return commit(self, connection)
        return _around(reach, "COMMIT", connection, lambda: commit(self, connection))

    of.do_execute, of.do_executemany, of.do_commit = watched(execute), watched(execute_many), watched_commit
