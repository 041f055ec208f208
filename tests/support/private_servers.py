"""Database servers of one test alone, which it may kill and start again; they keep what was committed."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa
from database_servers import MariaDB, PostgreSQL, Runner, Server, free_port, quick_folder


class LastingMariaDB(MariaDB):
    """A server that writes each commit to the disk's cache, which only a crash of the machine loses."""

    def command(self, port: int) -> list[str]:
        return [*super().command(port), "--innodb-flush-log-at-trx-commit=2"]


class LastingPostgreSQL(PostgreSQL):
    """A server that writes each commit to the disk's cache, which only a crash of the machine loses."""

    def command(self, port: int) -> list[str]:
        return [*super().command(port), "-c", "synchronous_commit=on"]


_LASTING: dict[str, type[Server]] = {"mariadb": LastingMariaDB, "postgresql": LastingPostgreSQL}


class PrivateServer:
    """A server that can be killed.

    Args:
        engine_name: which one.
        folder: where it may write, as another user.
    """

    def __init__(self, engine_name: str, folder: Path) -> None:
        self._server = _LASTING[engine_name](folder)
        self._run = Runner(self._server.users)
        self._folder = folder
        self._server.data.parent.mkdir(parents=True)
        self._run.give(self._server.data.parent)
        self._server.prepare(self._run)
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def url(self) -> sa.URL:
        """The address of its administration database."""
        address = f"{self._server.driver}://root@127.0.0.1:{self._port}/{self._server.admin_database}"
        return sa.make_url(address)

    def start(self) -> None:
        """Start it where it was, and wait until it answers."""
        with (self._folder / f"{self._server.name}.log").open("a") as log:
            self._process = self._run.start(self._server.command(self._port), log)
        self._server.wait(self.url, self._process)

    def kill(self) -> None:
        """Kill all its processes."""
        if self._process is None:
            return
        family = [self._process.pid, *_children(self._process.pid)]
        for number in family:
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        self._process.wait()
        self._process = None
        while any(Path(f"/proc/{number}").exists() for number in family[1:]):
            pass  # a new server refuses to start beside the processes of the old one


def _children(parent: int) -> list[int]:
    """Return the processes that a process has started, which PostgreSQL makes one of for each session."""
    listed = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [int(number) for number in listed]


@contextlib.contextmanager
def private_server(engine_name: str) -> Iterator[PrivateServer]:
    """Run a server in a folder of its own, with a database called ``blog``."""
    folder = Path(tempfile.mkdtemp(prefix="qingbo-private-", dir=quick_folder()))
    folder.chmod(0o755)  # another user's server works inside
    server = PrivateServer(engine_name, folder)
    try:
        engine = sa.create_engine(server.url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql("CREATE DATABASE blog")
        engine.dispose()
        yield server
    finally:
        server.kill()
        shutil.rmtree(folder, ignore_errors=True)
