"""Sessions beside the one that moves a database: they hold locks, look at the others, and end them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

OF_DATABASE = "db = {} AND locate('information_schema.', coalesce(info, '')) = 0"
"""Which sessions of MariaDB are in a database. One that reads the catalog seems to be in each one it looks into."""


class Session(NamedTuple):
    """A session of the server."""

    number: int
    statement: str


@dataclass(frozen=True)
class _Queries:
    """How an engine is asked."""

    all: str
    executing: str
    waiting: str
    endings: dict[str, str]
    own: str
    locking: str


_MARIADB = _Queries(
    all=f"SELECT id, coalesce(info, '') FROM information_schema.processlist WHERE {OF_DATABASE.format('DATABASE()')}",
    executing=" AND command <> 'Sleep'",
    waiting=" AND state = 'Waiting for table metadata lock'",
    endings={"cut": "KILL CONNECTION {}", "cancelled": "KILL QUERY {}"},
    own="SELECT CONNECTION_ID()",
    locking="SELECT 1 FROM `{}` LIMIT 1",
)
_POSTGRESQL = _Queries(
    all="SELECT pid, query FROM pg_stat_activity WHERE datname = current_database()",
    executing=" AND state = 'active'",
    waiting=" AND wait_event_type = 'Lock' AND wait_event <> 'advisory'",
    endings={"cut": "SELECT pg_terminate_backend({})", "cancelled": "SELECT pg_cancel_backend({})"},
    own="SELECT pg_backend_pid()",
    locking='LOCK TABLE "{}" IN ACCESS SHARE MODE NOWAIT',
)


class OtherSessions:
    """What a database administrator does on one database while it is moved."""

    def __init__(self, url: sa.URL) -> None:
        self._engine = sa.create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        self._queries = _MARIADB if self._engine.dialect.name == "mysql" else _POSTGRESQL
        self._own: set[int] = set()

    def all(self) -> list[Session]:
        """Return the sessions of the database, those of this object left out."""
        return self._asked(self._queries.all)

    def executing(self) -> list[Session]:
        """Return those that execute a statement."""
        return self._asked(self._queries.all + self._queries.executing)

    def waiting(self) -> list[Session]:
        """Return those that wait for a lock on a table."""
        return self._asked(self._queries.all + self._queries.waiting)

    def end(self, number: int, how: str) -> None:
        """End a session (``cut``) or only what it executes (``cancelled``)."""
        with self._engine.connect() as connection:
            connection.exec_driver_sql(self._queries.endings[how].format(number))

    @contextmanager
    def tables_locked(self) -> Iterator[Callable[[], None]]:
        """Hold a lock on every table of the app that is free, so that no statement can change one.

        Gives a function that lets them go.
        """
        with self._engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
            tables = sa.inspect(connection).get_table_names()
            for table in [each for each in tables if not each.startswith(("rewind_", "alembic_"))]:
                with suppress(sa.exc.OperationalError), connection.begin_nested():
                    connection.exec_driver_sql(self._queries.locking.format(table))
            self._own.add(self._number_of(connection))
            yield connection.rollback

    def _asked(self, query: str) -> list[Session]:
        with self._engine.connect() as connection:
            own = {*self._own, self._number_of(connection)}
            found = [Session(*row) for row in connection.exec_driver_sql(query)]
        return [each for each in found if each.number not in own]

    def _number_of(self, connection: sa.Connection) -> int:
        return int(connection.scalar(sa.text(self._queries.own)) or 0)
