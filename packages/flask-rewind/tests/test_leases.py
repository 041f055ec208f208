"""A move holds the lease of its database. Other moves wait, and then do what is left to do."""

import logging
import os
import re
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import flask_rewind
import pytest
import sqlalchemy as sa
from flask import Flask
from flask_rewind.engines.registry import engine_of
from flask_rewind.file_locks import FileLock
from flask_rewind.journal import who as described
from flask_rewind.leases import lease_held
from flask_rewind.sql.catalogs import catalog_of
from histories import History
from movers import Movers
from sqlalchemy.pool import NullPool

MakeApp = Callable[..., Flask]

SLOW = """op.create_table("t", sa.Column("id", sa.Integer, primary_key=True))
import time
time.sleep(1)
op.execute("INSERT INTO t (id) VALUES (1)")"""
ROUNDS = int(os.environ.get("ROUNDS", "1"))
MANY = 16
A_SECOND = timedelta(seconds=1)  # to which MariaDB rounds


@pytest.fixture
def movers(make_app: MakeApp, database_url: str, tmp_path: Path) -> Iterator[Movers]:
    made = Movers(History(make_app(database_url)), tmp_path)
    yield made
    made.end()


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.parametrize("round_", range(ROUNDS))
def test_of_many_processes_one_moves_and_all_succeed(movers: Movers, engine_name: str, round_: int) -> None:
    movers.start(MANY)
    if engine_name != "postgresql":  # PostgreSQL blocks readers of the version table, which is not committed yet
        assert flask_rewind.status()[0].current == ()
    assert movers.results() == [("1", 0), *[("0", 0)] * (MANY - 1)]
    assert [(each.outcome, len(each.crossings)) for each in flask_rewind.log()] == [("done", 1)]


@pytest.mark.slow
@pytest.mark.parametrize("round_", range(ROUNDS))
def test_of_many_threads_one_moves_and_all_succeed(make_app: MakeApp, database_url: str, round_: int) -> None:
    blog = History(make_app(database_url))
    blog.revision(SLOW, 'op.drop_table("t")')

    def crossed(barrier: threading.Barrier) -> int:
        barrier.wait()
        with blog.app.app_context():
            return len(flask_rewind.upgrade().crossings)

    with ThreadPoolExecutor(MANY) as threads:
        assert sorted(threads.map(crossed, [threading.Barrier(MANY)] * MANY)) == [*[0] * (MANY - 1), 1]
    assert blog.rows("SELECT id FROM t") == [(1,)]
    assert [(each.outcome, len(each.crossings)) for each in flask_rewind.log()] == [("done", 1)]


@pytest.mark.slow
def test_a_lease_ends_with_its_process(movers: Movers) -> None:
    movers.start(4)
    movers.all[0].process.kill()
    first, *others = movers.results()
    assert first[1] != 0
    assert sorted(others) == [("0", 0), ("0", 0), ("1", 0)]


@pytest.fixture
def held(make_app: MakeApp, database_url: str) -> History:
    blog = History(make_app(database_url, config={"REWIND_LEASE_TIMEOUT": 0.3, "REWIND_SQLITE_COPIES": 0}))
    blog.revision(SLOW.replace("sleep(1)", "sleep(0)"), 'op.drop_table("t")')
    return blog


@contextmanager
def another_mover(blog: History) -> Iterator[Callable[[], None]]:
    """Hold the lease like another process; yield a function that ends it."""
    if file := blog.engine.url.database if blog.engine.dialect.name == "sqlite" else None:
        lock = FileLock(Path(f"{file}.lease"), Path(file))
        assert lock.take()
        yield lock.close
        return
    with blog.engine.connect() as connection:
        assert engine_of(connection).lease(connection).take()
        yield connection.invalidate


def test_a_lease_that_is_not_given_up_is_said_with_its_holder(
    held: History, engine_name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    who = {
        "mariadb": r"connection \d+ of \S+ from \S+",
        "postgresql": rf"process \d+ of \S+ from \S+ \({re.escape(described()[:50])}.*\)",
        "sqlite": re.escape(described()),
    }
    said = re.compile(rf"Another move holds this database: {who[engine_name]}, since ([-\d]+T[:\d]+)Z\.$")
    begun = datetime.now(UTC).replace(microsecond=0, tzinfo=None)
    with another_mover(held) as dies:
        for move in (flask_rewind.upgrade, flask_rewind.stamp, flask_rewind.checkout):
            with pytest.raises(flask_rewind.LeaseTaken) as error:
                move()
            since = said.match(error.value.message)
            assert since, error.value.message
            assert timedelta(0) <= datetime.fromisoformat(since[1]) + A_SECOND - begun <= timedelta(minutes=1)
        assert "Waiting up to 0.3 seconds" in capsys.readouterr().err
        assert len(flask_rewind.plan().crossings) == 1
        assert flask_rewind.status()[0].current == ()
        assert not sa.inspect(held.engine).has_table("t")
        dies()
    flask_rewind.upgrade()
    assert held.rows("SELECT id FROM t") == [(1,)]


class Heard(logging.Filter):
    """Calls a function when a move logs that it waits. A filter, since env.py's logging settings remove handlers."""

    def __init__(self, then: Callable[[], None]) -> None:
        super().__init__()
        self.then = then
        self.said: list[str] = []

    def filter(self, record: logging.LogRecord) -> bool:
        if "Waiting up to" in record.getMessage():
            self.said.append(record.getMessage())
            self.then()
        return True

    def __enter__(self) -> "Heard":
        logging.getLogger("alembic.runtime.migration").addFilter(self)
        return self

    def __exit__(self, *exc_info: object) -> None:
        logging.getLogger("alembic.runtime.migration").removeFilter(self)


def patient(blog: History) -> None:
    state = blog.app.extensions["migrate"]
    state.settings = replace(state.settings, lease_timeout=30)


def test_one_who_waits_goes_on_when_the_lease_is_free(held: History) -> None:
    patient(held)
    with another_mover(held) as dies, Heard(dies) as heard:
        assert len(flask_rewind.upgrade().crossings) == 1
    assert len(heard.said) == 1


@pytest.fixture
def on_file(make_app: MakeApp, tmp_path: Path) -> History:
    blog = History(make_app(f"sqlite:///{tmp_path}/blog.db", config={"REWIND_LEASE_TIMEOUT": 0.3}))
    blog.revision(SLOW.replace("sleep(1)", "sleep(0)"), 'op.drop_table("t")')
    return blog


def test_a_move_waits_for_a_program_that_writes(on_file: History, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "blog.db", isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        with Heard(lambda: None) as heard, pytest.raises(flask_rewind.LeaseTaken, match="Another program has been"):
            flask_rewind.upgrade()
        assert heard.said == ["Another program writes to this SQLite database. Waiting up to 0.3 seconds."]
        assert flask_rewind.status()[0].current == ()
        patient(on_file)
        with Heard(writer.commit):
            assert len(flask_rewind.upgrade().crossings) == 1
    with on_file.engine.connect() as connection:
        assert connection.scalar(sa.text("PRAGMA busy_timeout")) == 5000


def test_a_budget_limits_the_wait_for_a_program_that_writes(on_file: History, tmp_path: Path) -> None:
    patient(on_file)
    with closing(sqlite3.connect(tmp_path / "blog.db", isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        with pytest.raises(flask_rewind.LeaseTaken, match="has been writing to this SQLite database for 0 s"):
            flask_rewind.upgrade(budget=0)
        with Heard(writer.commit) as heard:
            assert len(flask_rewind.upgrade(budget=20).crossings) == 1
    assert heard.said == ["Another program writes to this SQLite database. Waiting up to 20 seconds."]


def test_the_lease_of_a_file_is_for_the_same_users(on_file: History, tmp_path: Path) -> None:
    for mode in (0o600, 0o660, 0o640):
        (tmp_path / "blog.db").touch()
        (tmp_path / "blog.db").chmod(mode)
        flask_rewind.upgrade()
        assert (tmp_path / "blog.db.lease").stat().st_mode & 0o777 == mode
        flask_rewind.downgrade()


def test_a_link_to_a_file_is_that_file(on_file: History, make_app: MakeApp, tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(tmp_path / "blog.db")
    make_app(f"sqlite:///{tmp_path}/link.db", config={"REWIND_LEASE_TIMEOUT": 0.3})
    with another_mover(on_file), pytest.raises(flask_rewind.LeaseTaken):
        flask_rewind.upgrade()


def test_a_memory_database_needs_no_lease(make_app: MakeApp, tmp_path: Path) -> None:
    History(make_app("sqlite://")).revision("pass", "pass")
    assert len(flask_rewind.upgrade().crossings) == 1
    assert not list(tmp_path.rglob("*.lease"))


def test_a_file_that_cannot_be_made_is_named(on_file: History, tmp_path: Path) -> None:
    (tmp_path / "blog.db.lease").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(
        flask_rewind.DatabaseUnreachable, match=f"lease on the file {tmp_path}/blog.db.lease, and"
    ) as error:
        flask_rewind.upgrade()
    assert f"Let this user write in {tmp_path}" in error.value.hint
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.on("mariadb")
def test_a_database_that_gives_no_connection_more_says_so(held: History) -> None:
    held.run("CREATE USER 'rewind_one'@'%' IDENTIFIED BY 'one' WITH MAX_USER_CONNECTIONS 1")
    try:
        held.run("GRANT ALL ON *.* TO 'rewind_one'@'%'")
        engine = sa.create_engine(held.engine.url.set(username="rewind_one", password="one"))
        unreachable = pytest.raises(flask_rewind.DatabaseUnreachable, match="on a connection of its own")
        with engine.connect() as connection, unreachable, lease_held(connection, 0.3, set()):
            pass
        engine.dispose()
    finally:
        held.run("DROP USER 'rewind_one'@'%'")


SESSIONS = {
    "mariadb": "SELECT COUNT(*) FROM information_schema.processlist WHERE id = :id",
    "postgresql": "SELECT COUNT(*) FROM pg_stat_activity WHERE pid = :id",
}
BRIEF = {
    "mariadb": {"init_command": "SET SESSION wait_timeout = 1"},
    "postgresql": {"options": "-c idle_session_timeout=1s"},
}


@pytest.mark.on("mariadb", "postgresql")
def test_a_server_that_ends_idle_sessions_ends_no_lease(database_url: str, engine_name: str) -> None:
    brief = sa.create_engine(database_url, connect_args=BRIEF[engine_name])
    lasting = sa.create_engine(database_url, poolclass=NullPool)
    with brief.connect() as connection, lease_held(connection, 0.3, set()), brief.connect() as idle:
        session = idle.scalar(sa.text(catalog_of(idle.dialect.name).session))
        idle.commit()
        with lasting.connect() as looking:
            while looking.scalar(sa.text(SESSIONS[engine_name]), {"id": session}):
                looking.rollback()
                time.sleep(0.1)
        with lasting.connect() as other:
            assert not engine_of(other).lease(other).take()
    brief.dispose()


@pytest.mark.on("mariadb")  # elsewhere the transactions of two binds wait for each other
def test_several_binds_of_one_database_move_in_one_run(make_app: MakeApp, database_url: str) -> None:
    other = {"other": f"{database_url}{'&' if '?' in database_url else '?'}connect_timeout=9"}
    app = make_app(database_url, config={"SQLALCHEMY_BINDS": other, "REWIND_LEASE_TIMEOUT": 0.3})
    assert app.extensions["db"].engines["other"] is not app.extensions["db"].engine
    flask_rewind.init(multidb=True)
    flask_rewind.revision(rev_id="1")
    assert len(flask_rewind.upgrade().crossings) >= 1
