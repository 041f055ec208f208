"""The shared memory of an SQLite database shows every commit, and reading it takes no lock."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from qingbo.page_cache import wal_index
from qingbo.page_cache.sources import SqliteFile
from qingbo.page_cache.wal_index import header_of

WRITE = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], timeout=0)
try:
    with connection:
        connection.execute("INSERT INTO notes VALUES ('another')")
except sqlite3.OperationalError as error:
    sys.exit(str(error))
"""


@pytest.fixture
def database(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(tmp_path / "notes.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode = wal")
    connection.execute("CREATE TABLE notes (text TEXT)")
    yield connection
    connection.close()


def path_of(database: sqlite3.Connection) -> str:
    path: str = database.execute("PRAGMA database_list").fetchone()[2]
    return path


def write_elsewhere(database: sqlite3.Connection) -> str:
    """Write in another process and return why it could not."""
    done = subprocess.run([sys.executable, "-c", WRITE, path_of(database)], capture_output=True, text=True, check=False)
    return done.stderr.strip()


def test_every_commit_changes_it(database: sqlite3.Connection) -> None:
    header = header_of(path_of(database))
    assert header is not None
    seen = [header.raw]
    for _each in range(3):
        database.execute("INSERT INTO notes VALUES ('one')")
        seen.append(header.raw)
        assert write_elsewhere(database) == ""
        seen.append(header.raw)
        database.execute("PRAGMA wal_checkpoint(RESTART)")
    database.execute("SELECT * FROM notes").fetchall()
    assert len(set(seen)) == len(seen)
    assert header_of(path_of(database)) is header


def test_what_was_not_committed_does_not_change_it(database: sqlite3.Connection) -> None:
    header = header_of(path_of(database))
    assert header is not None
    before = header.raw
    database.execute("BEGIN IMMEDIATE")
    database.execute("INSERT INTO notes VALUES ('one')")
    database.execute("ROLLBACK")
    assert header.raw == before


def test_locks_of_the_process_are_kept(database: sqlite3.Connection) -> None:
    database.execute("BEGIN IMMEDIATE")
    assert header_of(path_of(database)) is not None
    assert write_elsewhere(database) == "database is locked"
    database.execute("COMMIT")
    assert write_elsewhere(database) == ""


def test_a_file_that_cannot_be_mapped_is_opened_once(
    database: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def refuse(descriptor: int) -> wal_index.Header:
        asked.append(descriptor)
        raise OSError

    monkeypatch.setattr(wal_index, "_map", refuse)
    assert [header_of(path_of(database)) for _each in range(3)] == [None] * 3
    assert len(asked) == 1


def test_a_database_without_such_a_log_is_asked(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "notes.db")
    connection.execute("CREATE TABLE notes (text TEXT)")
    assert header_of(path_of(connection)) is None
    (tmp_path / "notes.db-shm").write_bytes(b"what another program left there" * 9)
    assert header_of(path_of(connection)) is None
    source = SqliteFile(path_of(connection))
    source.is_mapped = True
    before = source.state()
    assert source.state() == before
    with connection:
        connection.execute("INSERT INTO notes VALUES ('one')")
    assert source.state() != before
    source.close()
    connection.close()


def test_a_source_looks_there_and_begins_anew_after_it_was_closed(database: sqlite3.Connection) -> None:
    source = SqliteFile(path_of(database))
    source.is_mapped = True
    source.state()
    for _each in range(2):
        before = source.state()
        assert isinstance(before, bytes)
        database.execute("INSERT INTO notes VALUES ('one')")
        assert source.state() != before
        source.close()
        assert isinstance(source.state(), int)
    source.close()
