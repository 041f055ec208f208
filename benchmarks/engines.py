"""The private database servers of the benchmarks, configured as for a real blog; their data is kept between runs.

The servers of the tests are configured for speed and may lose commits, which would make every write look faster.
"""

import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/support"))

import database_servers  # noqa: E402 - shared with the tests
from database_servers import ENGINES, FOLDER, MariaDB, PostgreSQL, Runner, Server, stop_servers  # noqa: E402

__all__ = ["ENGINES", "KEPT", "database_url", "server_versions", "servers"]

KEPT = Path(os.environ.get("BENCH_FOLDER") or Path(tempfile.gettempdir()) / "qingbo-bench")
"""Folder in which filled blogs and databases are kept for the next run."""


class _Kept(Server):
    """A server whose data folder is reused."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.data = KEPT / self.name / "data"

    def prepare(self, run: Runner) -> None:
        if not self.data.exists():
            super().prepare(run)  # type: ignore[safe-super] # the next class has it


class _KeptMariaDB(_Kept, MariaDB):
    def command(self, port: int) -> list[str]:
        durable = ["--innodb-flush-log-at-trx-commit=1", "--innodb-buffer-pool-size=1G", "--innodb-log-file-size=1G"]
        return [*super().command(port), *durable, "--local-infile=1"]


class _KeptPostgreSQL(_Kept, PostgreSQL):
    def command(self, port: int) -> list[str]:
        durable = ["fsync=on", "synchronous_commit=on", "full_page_writes=on", "shared_buffers=1GB", "max_wal_size=4GB"]
        return [*super().command(port), *(word for each in durable for word in ("-c", each))]


@contextmanager
def servers() -> Iterator[None]:
    """Stop the servers that `database_url` started when the block ends, also on SIGTERM."""
    KEPT.mkdir(mode=0o755, parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="qingbo-bench-servers-"))
    folder.chmod(0o755)  # the servers run as other users
    os.environ[FOLDER] = str(folder)
    database_servers.SERVERS.update({"mariadb": _KeptMariaDB, "postgresql": _KeptPostgreSQL})
    signal.signal(signal.SIGTERM, lambda *_signal: sys.exit("Stopped."))
    try:
        yield
    finally:
        stop_servers()


def database_url(engine: str, name: str, home: Path, *, is_new: bool) -> str:
    """Return the URL of a database, emptied first if `is_new`."""
    if engine == "sqlite":
        return f"sqlite:///{home / 'qingbo.db'}"
    server = database_servers.SERVERS[engine](database_servers.folder())
    url = server.url()
    if is_new:
        for statement in server.reset_statements(name):
            _execute(url, statement)
    return url.set(database=name).render_as_string(hide_password=False)


def server_versions(url: str) -> str:
    """Return the version that the database at a URL reports."""
    engine = sa.create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        statement = "sqlite_version()" if engine.dialect.name == "sqlite" else "version()"
        return str(connection.exec_driver_sql(f"SELECT {statement}").scalar()).split(" (")[0].split(" on ")[0]


def _execute(url: Any, statement: str) -> None:
    engine = sa.create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
