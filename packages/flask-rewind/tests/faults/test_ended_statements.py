"""Statements that the server ends, or that wait in vain: a time limit, a cancellation, a lock, a locked file."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from before_a_failure import BeforeAFailure
from flask import Flask
from side_threads import beside

pytestmark = pytest.mark.slow

MakeApp = Callable[..., Flask]

LONG = {
    "mariadb": "SELECT max(a.seq * b.seq) FROM seq_1_to_1000000 a, seq_1_to_1000000 b",
    "postgresql": "SELECT count(*) FROM generate_series(1, 100000000000)",
}


def case_with(make_app: MakeApp, url: str, statement: str) -> BeforeAFailure:
    return BeforeAFailure(make_app, url, f'op.drop_column("post", "slug")\nop.execute({statement!r})')


@pytest.mark.on("mariadb")
def test_a_time_limit_of_mariadb(make_app: MakeApp, database_url: str, engine_name: str) -> None:
    case = case_with(make_app, database_url, LONG[engine_name])
    options = {"engine_options": {"connect_args": {"init_command": "SET SESSION max_statement_time = 0.3"}}}
    case.at_url(case.url, **options)
    said = case.fails("upgrade")
    assert (
        "going up: the server ended the statement at its max_statement_time (MySQL: max_execution_time): Query" in said
    )
    assert "Nothing of this revision was kept. Raise that limit, then run the same command again." in said
    assert case.is_as_before()


@pytest.mark.on("postgresql")
def test_a_time_limit_of_postgresql(make_app: MakeApp, database_url: str, engine_name: str) -> None:
    case = case_with(make_app, database_url, LONG[engine_name])
    case.run(f"ALTER ROLE root IN DATABASE {case.url.database} SET statement_timeout = '300ms'")
    case.at()
    said = case.fails("upgrade")
    assert "going up: the server ended the statement at its statement_timeout: canceling statement due to" in said
    assert "Nothing of this revision was kept. Raise that limit for the database user" in said
    assert said.endswith("ALTER ROLE root SET statement_timeout = 0;")
    assert case.is_as_before()


@contextmanager
def someone_who(case: BeforeAFailure, ends: str, statement: str) -> Iterator[None]:
    """Execute a statement on the session that executes another one, as soon as it does."""
    find = {
        "mysql": "SELECT id FROM information_schema.processlist WHERE info LIKE :statement AND id <> connection_id()",
        "postgresql": "SELECT pid FROM pg_stat_activity WHERE query LIKE :statement AND state = 'active'"
        " AND pid <> pg_backend_pid()",
    }[case.admin.dialect.name]

    def watch(is_over: threading.Event) -> None:
        with case.admin.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            while not is_over.wait(0.05):
                if number := connection.scalar(sa.text(find), {"statement": f"{statement}%"}):
                    connection.exec_driver_sql(ends.format(number))
                    return

    with beside(watch):
        yield


@pytest.mark.on("mariadb", "postgresql")
def test_a_statement_that_somebody_cancels(make_app: MakeApp, database_url: str, engine_name: str) -> None:
    case = case_with(make_app, database_url, LONG[engine_name])
    cancel = {"mariadb": "KILL QUERY {}", "postgresql": "SELECT pg_cancel_backend({})"}[engine_name]
    with someone_who(case, cancel, LONG[engine_name]):
        said = case.fails("upgrade")
    assert "going up: somebody cancelled the statement: " in said
    assert said.endswith("Nothing of this revision was kept. Run the same command again.")
    assert case.is_as_before()


@pytest.mark.on("mariadb", "postgresql")
def test_a_session_that_somebody_ends(make_app: MakeApp, database_url: str, engine_name: str) -> None:
    case = case_with(make_app, database_url, LONG[engine_name])
    end = {"mariadb": "KILL {}", "postgresql": "SELECT pg_terminate_backend({})"}[engine_name]
    with someone_who(case, end, LONG[engine_name]):
        said = case.fails("upgrade")
    assert said.startswith("Error: The connection to the database was lost in step ")
    assert " of revision 2 (step), going up: " in said
    assert "Nothing of this revision was kept. Run the same command again" in said
    assert case.is_as_before()
    case.path.write_text(case.path.read_text().replace("op.execute", "str"))
    assert "1 revision crossed" in case.says("upgrade")


def test_a_locked_file(make_app: MakeApp, tmp_path: Path) -> None:
    case = case_with(make_app, f"sqlite:///{tmp_path}/blog.db?timeout=0.1", "SELECT 1")
    case.app.extensions["db"].engine.dispose()
    with closing(sqlite3.connect(tmp_path / "blog.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        said = case.fails("status")
        assert f"Another program has locked the SQLite file {tmp_path}/blog.db: database is locked" in said
        assert said.endswith("Run the same command again when that program has ended.")
        assert "Another program has been writing to this SQLite database" in case.fails("upgrade")
        other.execute("ROLLBACK")
    assert case.is_as_before()
    assert "1 revision crossed" in case.says("upgrade")


def test_a_file_that_somebody_reads_while_the_move_commits(make_app: MakeApp, tmp_path: Path) -> None:
    case = case_with(make_app, f"sqlite:///{tmp_path}/blog.db?timeout=0.1", "SELECT 1")
    with closing(sqlite3.connect(tmp_path / "blog.db", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM post").fetchone()
        said = case.fails("upgrade")
        assert f"nother program has locked the SQLite file {tmp_path}/blog.db" in said
        reader.execute("ROLLBACK")
    assert case.is_as_before()
    assert "1 revision crossed" in case.says("upgrade")
