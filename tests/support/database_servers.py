"""A pytest plugin: the databases that tests run on.

Servers are private. They are started from the installed programs, on a free port and in a temporary folder (in memory,
where there is room), when a test first needs one, and stopped at the end of the run. With xdist, all workers share
them, each with separate databases.
``TEST_MARIADB_URL`` and ``TEST_POSTGRESQL_URL`` name a running server instead (its databases ``rewind_test_*`` are
dropped and created freely). Tests of a missing engine are skipped, with a conspicuous line in the summary; with
``REQUIRE_ENGINES=mariadb,postgresql`` they fail.
"""

import contextlib
import fcntl
import json
import os
import pwd
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from emptied_postgresql import emptied
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import NullPool

FOLDER = "TEST_SERVERS_FOLDER"
ENGINES = ("sqlite", "mariadb", "postgresql")
START_SECONDS = 180
MEMORY = "/dev/shm"
MEMORY_NEEDED = 6 * 2**30


class Server(ABC):
    """A database server of the tests. Another engine needs these few methods."""

    name: str
    title: str
    admin_database: str
    driver: str
    parameters = ""
    """What the address says of the connection, from its question mark on."""
    url_variable: str
    users: tuple[str, ...]
    """System users to run as when the tests run as root, the first that exists."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / self.name / "data"

    @abstractmethod
    def programs(self) -> list[str | None]:
        """Return the paths of what it takes to start one, None for each that is missing."""

    @abstractmethod
    def prepare(self, run: "Runner") -> None:
        """Make the data folder."""

    @abstractmethod
    def command(self, port: int) -> list[str]:
        """Return the command line of the server in the foreground."""

    @abstractmethod
    def reset_statements(self, database: str) -> list[str]:
        """Return the SQL that makes an empty database of that name, whatever was there."""

    def empty(self, database: URL) -> bool:
        """Empty a database where that is quicker than to make it anew; return whether that was done."""
        return False

    @property
    def is_here(self) -> bool:
        return bool(os.environ.get(self.url_variable)) or all(self.programs())

    def url(self) -> URL:
        """Return the address of the running server, started if need be."""
        if named := os.environ.get(self.url_variable):
            return make_url(named).set(drivername=self.driver)
        return make_url(self._started()).set(drivername=self.driver)

    def _started(self) -> str:
        self.folder.mkdir(parents=True, exist_ok=True)
        state = self.folder / f"{self.name}.json"
        with (self.folder / f"{self.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not state.exists():
                state.write_text(json.dumps(self._start()))
        started: dict[str, str] = json.loads(state.read_text())
        return started["url"]

    def _start(self) -> dict[str, object]:
        run = Runner(self.users)
        self.data.parent.mkdir(parents=True, exist_ok=True)
        run.give(self.data.parent)
        self.prepare(run)
        port = free_port()
        with (self.folder / f"{self.name}.log").open("w") as log:
            process = run.start(self.command(port), log)
        url = f"{self.name}://root@127.0.0.1:{port}/{self.admin_database}{self.parameters}"
        self.wait(make_url(url).set(drivername=self.driver), process)
        process.returncode = 0  # this process need not wait for it: the controller ends it
        return {"url": url, "pid": process.pid}

    def wait(self, url: URL, process: "subprocess.Popen[bytes]") -> None:
        """Return when the server of a process answers.

        Raises:
            RuntimeError: if it does not.
        """
        engine = sa.create_engine(url, poolclass=NullPool)
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                with engine.connect():
                    return
            except sa.exc.OperationalError:
                if process.poll() is not None or time.monotonic() > end:
                    log = (self.folder / f"{self.name}.log").read_text(errors="replace")
                    raise RuntimeError(f"{self.title} did not start:\n{log[-3000:]}") from None
                time.sleep(0.05)


class MariaDB(Server):
    """MariaDB or MySQL."""

    name = "mariadb"
    title = "MariaDB"
    admin_database = "mysql"
    driver = "mysql+pymysql"
    # Else PyMySQL reads all certificates of the machine for each connection, which takes more time than many a test.
    parameters = "?ssl_disabled=true"
    url_variable = "TEST_MARIADB_URL"
    users = ("mysql", "nobody")

    def programs(self) -> list[str | None]:
        places = f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin"
        return [shutil.which(name, path=places) for name in ("mariadbd", "mariadb-install-db")]

    def prepare(self, run: "Runner") -> None:
        install = str(self.programs()[1])
        run.call([install, "--no-defaults", f"--datadir={self.data}", "--auth-root-authentication-method=normal",
                  "--skip-test-db"])  # fmt: skip

    def command(self, port: int) -> list[str]:
        home = self.data.parent
        return [
            str(self.programs()[0]), "--no-defaults", f"--datadir={self.data}", f"--port={port}",
            "--bind-address=127.0.0.1", f"--socket={home}/socket", f"--pid-file={home}/pid",
            f"--tmpdir={home}",  # a server that starts deletes the temporary tables of all others in its directory
            # Speed: a crash of the machine may cost the tests' data.
            "--innodb-flush-log-at-trx-commit=0", "--sync-binlog=0", "--innodb-buffer-pool-size=128M",
            "--skip-name-resolve", "--skip-log-bin",
        ]  # fmt: skip

    def reset_statements(self, database: str) -> list[str]:
        # latin1, so that only what asks for utf8mb4 by itself gets it.
        return [f"DROP DATABASE IF EXISTS {database}", f"CREATE DATABASE {database} CHARACTER SET latin1"]


class PostgreSQL(Server):
    """PostgreSQL."""

    name = "postgresql"
    title = "PostgreSQL"
    admin_database = "postgres"
    driver = "postgresql+psycopg"
    url_variable = "TEST_POSTGRESQL_URL"
    users = ("postgres", "nobody")

    def programs(self) -> list[str | None]:
        return [self.program("postgres"), self.program("initdb")]

    def program(self, name: str) -> str | None:
        """Return the path of a program of the newest PostgreSQL here."""
        newest_first = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
        return shutil.which(name, path=":".join([*map(str, newest_first), os.environ["PATH"]]))

    def prepare(self, run: "Runner") -> None:
        run.call([str(self.programs()[1]), "-D", str(self.data), "-U", "root", "-A", "trust", "-E", "UTF8",
                  "--locale=C.UTF-8", "--no-sync"])  # fmt: skip

    def command(self, port: int) -> list[str]:
        return [
            str(self.programs()[0]), "-D", str(self.data), "-p", str(port), "-k", str(self.data.parent),
            "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "synchronous_commit=off",
            "-c", "full_page_writes=off",
        ]  # fmt: skip

    def reset_statements(self, database: str) -> list[str]:
        return [f"DROP DATABASE IF EXISTS {database} WITH (FORCE)", f"CREATE DATABASE {database}"]

    def empty(self, database: URL) -> bool:
        return emptied(database)


class Runner:
    """Starts programs, as another user where this one is root: both servers refuse to be root's."""

    def __init__(self, users: tuple[str, ...]) -> None:
        known = {user.pw_name: user for user in pwd.getpwall()}
        self.user = next((known[name] for name in users if name in known), None) if os.geteuid() == 0 else None

    def give(self, folder: Path) -> None:
        if self.user:
            os.chown(folder, self.user.pw_uid, self.user.pw_gid)

    def call(self, command: list[str]) -> None:
        with tempfile.TemporaryFile() as output:
            process = self.start(command, output)
            if process.wait() != 0:
                output.seek(0)
                raise RuntimeError(f"{command[0]} failed:\n{output.read().decode(errors='replace')[-3000:]}")

    def start(self, command: list[str], output: object) -> "subprocess.Popen[bytes]":
        user = {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []} if self.user else {}
        process: subprocess.Popen[bytes] = subprocess.Popen(
            command,
            stdout=output,  # type: ignore[call-overload]
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            cwd="/",
            start_new_session=True,
            env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8"},
            **user,
        )
        return process


SERVERS: dict[str, type[Server]] = {"mariadb": MariaDB, "postgresql": PostgreSQL}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _version(folder: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in folder.parent.name.split(".") if part.isdigit())


def folder() -> Path:
    return Path(os.environ[FOLDER])


def quick_folder() -> str | None:
    """Return a folder in memory for data that may be lost, None where there is none with enough room.

    A DDL statement of MariaDB takes a third of the time there: it waits for the disk whatever the server is told.
    """
    is_roomy = Path(MEMORY).is_dir() and shutil.disk_usage(MEMORY).free > MEMORY_NEEDED
    return MEMORY if is_roomy and os.access(MEMORY, os.W_OK) else None


def pytest_configure(config: pytest.Config) -> None:
    if FOLDER not in os.environ:  # the controller, or a run without workers
        made = tempfile.mkdtemp(prefix="qingbo-tests-", dir=quick_folder())
        Path(made).chmod(0o755)  # another user's server works inside
        os.environ[FOLDER] = made
        config.add_cleanup(stop_servers)


def stop_servers() -> None:
    """End the servers of this run and take their folder away."""
    place = folder()
    for state in place.glob("*.json"):
        with contextlib.suppress(ProcessLookupError):
            os.kill(
                json.loads(state.read_text())["pid"], signal.SIGINT if "postgresql" in state.name else signal.SIGTERM
            )
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and any(_is_alive(state) for state in place.glob("*.json")):
        time.sleep(0.05)
    shutil.rmtree(place, ignore_errors=True)
    del os.environ[FOLDER]


def _is_alive(state: Path) -> bool:
    with contextlib.suppress(ChildProcessError):
        os.waitpid(json.loads(state.read_text())["pid"], os.WNOHANG)
    try:
        os.kill(json.loads(state.read_text())["pid"], 0)
    except ProcessLookupError:
        return False
    return True


def _missing() -> list[str]:
    return [name for name, server in SERVERS.items() if not server(folder()).is_here]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    ran = sorted({path.read_text() for path in folder().glob("ran-*")})
    if ran:
        terminalreporter.section("database engines these tests ran on", sep="-")
        terminalreporter.write_line(", ".join(ran))
    for name in _missing():
        title = SERVERS[name].title
        terminalreporter.section(f"NOT TESTED ON {title.upper()}: no server program found here", sep="!", red=True)


@pytest.fixture(params=ENGINES)
def engine_name(request: pytest.FixtureRequest) -> str:
    """Run the test on every engine."""
    name: str = request.param
    return name


@pytest.fixture
def database_url(engine_name: str, worker_id: str, tmp_path: Path) -> Iterator[str]:
    """Return the address of an empty database of the engine, this test's alone."""
    if engine_name == "sqlite":
        note_engine("sqlite", f"SQLite {sqlite3.sqlite_version}")
        yield f"sqlite:///{tmp_path / 'test.db'}"
    else:
        yield empty_database(engine_name, f"rewind_test_{worker_id}")


def empty_database(engine_name: str, database: str) -> str:
    """Make an empty database on the engine's server and return its address; skip or fail where there is none."""
    server = SERVERS[engine_name](folder())
    if not server.is_here:
        if engine_name in os.environ.get("REQUIRE_ENGINES", "").split(","):
            pytest.fail(f"{server.title} is required (REQUIRE_ENGINES) and no server program is here", pytrace=False)
        pytest.skip(f"no {server.title} here")
    url = server.url()
    engine = sa.create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        note_engine(engine_name, f"{server.title} {'.'.join(map(str, connection.dialect.server_version_info or ()))}")
        if not server.empty(url.set(database=database)):
            for statement in server.reset_statements(database):
                connection.exec_driver_sql(statement)
    return url.set(database=database).render_as_string(hide_password=False)


def note_engine(name: str, title: str) -> None:
    """Write down, for the summary, that a test ran on an engine."""
    (folder() / f"ran-{name}").write_text(title)
