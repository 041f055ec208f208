"""A server of one test's own, which the test may kill, fill or break."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import sqlalchemy as sa
from database_servers import SERVERS, Runner, free_port
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

_DURABLE = {"mariadb": ["--innodb-flush-log-at-trx-commit=1"], "postgresql": ["-c", "synchronous_commit=on"]}
"""What a server needs so that a kill costs no commit. The other test servers are quicker without."""


class PrivateServer:
    """A MariaDB or PostgreSQL server in a folder of its own."""

    def __init__(self, name: str, folder: Path) -> None:
        self._server = SERVERS[name](folder)
        self._name = name
        self._run = Runner(self._server.users)
        self._log = folder / f"{name}.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._port = free_port()
        self.data = self._server.data
        self.data.parent.mkdir(parents=True)
        self._run.give(self.data.parent)
        self._server.prepare(self._run)

    def start(self) -> None:
        """Start it, for the first time or after `kill`, at the same address."""
        with self._log.open("a") as log:
            self._process = self._run.start([*self._server.command(self._port), *_DURABLE[self._name]], log)
        self._server.wait(make_url(self._url(self._server.admin_database)), self._process)

    def kill(self) -> None:
        """End it with all its processes, as a power cut does."""
        if self._process is None:
            return
        os.kill(self._process.pid, signal.SIGSTOP)  # it starts no other one meanwhile
        children = _children_of(self._process.pid)
        for process in [self._process.pid, *children]:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self._process.wait()
        self._process = None
        while any(Path(f"/proc/{child}").exists() for child in children):
            time.sleep(0.01)  # a new server refuses to start beside the processes of the old one

    def empty_database(self, name: str) -> str:
        """Make an empty database and return its address."""
        with self.admin.connect() as connection:
            for statement in self._server.reset_statements(name):
                connection.exec_driver_sql(statement)
        return self._url(name)

    @property
    def admin(self) -> sa.Engine:
        """An engine for statements of the administrator."""
        url = self._url(self._server.admin_database)
        return sa.create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")

    def wait_for(self, statement: str) -> None:
        """Wait until a session executes a statement that begins so."""
        query = {
            "mariadb": "SELECT count(*) FROM information_schema.processlist WHERE info LIKE :statement",
            "postgresql": "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE :statement",
        }[self._name]
        with self.admin.connect() as connection:
            while not connection.scalar(sa.text(query), {"statement": f"{statement}%"}):
                time.sleep(0.02)

    def _url(self, database: str) -> str:
        return f"{self._server.driver}://root@127.0.0.1:{self._port}/{database}"


def _children_of(parent: int) -> list[int]:
    """Return the processes that a process has started; each of PostgreSQL's is in a group of its own."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(path.read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(path.parent.name))
    return found


@contextmanager
def private_server(name: str) -> Iterator[PrivateServer]:
    """Have a running server for as long as the block lasts; the test is skipped where there is no program of it."""
    if not all(SERVERS[name](Path()).programs()):
        pytest.skip(f"no {SERVERS[name].title} here")
    folder = Path(tempfile.mkdtemp(prefix="rewind-server-"))
    folder.chmod(0o755)
    server = PrivateServer(name, folder)
    try:
        server.start()
        yield server
    finally:
        server.kill()
        shutil.rmtree(folder, ignore_errors=True)
