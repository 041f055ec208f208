"""Snapshots of a test's database: a proof begins each of its cases at the same state."""

import shutil
import sqlite3
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from database_servers import SERVERS, folder
from other_sessions import OF_DATABASE
from sqlalchemy.pool import NullPool


class Snapshots(ABC):
    """Saves the state of one database under names, and goes back to it."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def save(self, name: str) -> None:
        """Save the state; nobody may be connected any more."""
        self._engine.dispose()
        self._save(name)

    def restore(self, name: str) -> None:
        """Go back to a state; whoever is still connected is thrown out."""
        self._engine.dispose()
        self._restore(name)

    @abstractmethod
    def _save(self, name: str) -> None: ...

    @abstractmethod
    def _restore(self, name: str) -> None: ...

    @abstractmethod
    def forget(self) -> None:
        """Take all states away."""


class OfSQLite(Snapshots):
    """Copies of the file."""

    def _save(self, name: str) -> None:
        # SQLite copies it: it takes back what a killed process has left in the journal beside the file.
        with closing(sqlite3.connect(self._file)) as source, closing(sqlite3.connect(self._copy(name))) as copy:
            source.backup(copy)

    def _restore(self, name: str) -> None:
        for suffix in ("-journal", "-wal", "-shm"):
            self._file.with_name(f"{self._file.name}{suffix}").unlink(missing_ok=True)
        shutil.copy(self._copy(name), self._file)

    def forget(self) -> None:
        return

    @property
    def _file(self) -> Path:
        return Path(str(self._engine.url.database))

    def _copy(self, name: str) -> Path:
        return self._file.with_name(f"{self._file.name}.{name}")


class OfServer(Snapshots):
    """What both servers need: a connection to another database."""

    admin_database: str

    def __init__(self, engine: sa.Engine) -> None:
        super().__init__(engine)
        self._database = str(engine.url.database)
        self._admin = sa.create_engine(
            engine.url.set(database=self.admin_database), poolclass=NullPool, isolation_level="AUTOCOMMIT"
        )

    @contextmanager
    def _administrating(self) -> Iterator[sa.Connection]:
        with self._admin.connect() as connection:
            for session in connection.execute(sa.text(self._sessions), {"database": self._database}).scalars():
                with suppress(sa.exc.OperationalError):  # it has just ended by itself
                    connection.exec_driver_sql(self._end_session.format(session))
            yield connection

    _sessions: str
    _end_session: str


class OfMariaDB(OfServer):
    """Dumps."""

    admin_database = "mysql"
    _sessions = f"SELECT id FROM information_schema.processlist WHERE {OF_DATABASE.format(':database')}"
    _end_session = "KILL SOFT {}"

    def __init__(self, engine: sa.Engine) -> None:
        super().__init__(engine)
        self._dumps: dict[str, bytes] = {}

    def _save(self, name: str) -> None:
        self._dumps[name] = self._run("mariadb-dump", "--routines", "--skip-comments", "--skip-lock-tables").stdout

    def _restore(self, name: str) -> None:
        with self._administrating() as connection:
            for statement in SERVERS["mariadb"](folder()).reset_statements(self._database):
                connection.exec_driver_sql(statement)
        self._run("mariadb", input=self._dumps[name])

    def forget(self) -> None:
        self._dumps.clear()

    def _run(self, program: str, *options: str, **more: Any) -> "subprocess.CompletedProcess[bytes]":
        url = self._engine.url
        command = [program, "--no-defaults", f"--host={url.host}", f"--port={url.port}", f"--user={url.username}"]
        command += [f"--password={url.password}"] if url.password else []
        command += ["--protocol=tcp", "--default-character-set=utf8mb4", *options, self._database]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, **more)


class OfPostgreSQL(OfServer):
    """Databases of their own: a database can be made as a copy of another."""

    admin_database = "postgres"
    _sessions = "SELECT pid FROM pg_stat_activity WHERE datname = :database"
    _end_session = "SELECT pg_terminate_backend({}, 5000)"

    def __init__(self, engine: sa.Engine) -> None:
        super().__init__(engine)
        self._names: set[str] = set()

    def _save(self, name: str) -> None:
        self._names.add(name)
        self._copy(self._database, self._snapshot(name))

    def _restore(self, name: str) -> None:
        self._copy(self._snapshot(name), self._database)

    def _copy(self, source: str, target: str) -> None:
        with self._administrating() as connection:
            connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {target} WITH (FORCE)")
            connection.exec_driver_sql(f"CREATE DATABASE {target} TEMPLATE {source} STRATEGY FILE_COPY")

    def forget(self) -> None:
        with self._admin.connect() as connection:
            for name in self._names:
                connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {self._snapshot(name)} WITH (FORCE)")

    def _snapshot(self, name: str) -> str:
        return f"{self._database}_{name}"


_OF_ENGINE: dict[str, Callable[[sa.Engine], Snapshots]] = {
    "sqlite": OfSQLite,
    "mysql": OfMariaDB,
    "postgresql": OfPostgreSQL,
}


def snapshots_of(engine: sa.Engine) -> Snapshots:
    """Return the snapshots of a database."""
    return _OF_ENGINE[engine.dialect.name](engine)
