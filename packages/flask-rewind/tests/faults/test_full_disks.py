"""A disk that is full: a SQLite file's, a server's for the data or for Flask-Rewind's journal. Nothing is half done."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from before_a_failure import BeforeAFailure
from flask import Flask
from private_servers import PrivateServer, private_server
from small_disks import fill, open_folder, small_disk
from sqlalchemy.engine import make_url

pytestmark = pytest.mark.slow

MakeApp = Callable[..., Flask]
NAME = "rewind_test_full"
FULL = {
    "sqlite": "there is no space left for the SQLite file",
    "mariadb": "the database server's disk is full",
    "postgresql": "the database server's disk is full",
}
MUCH = {
    "sqlite": "CREATE TABLE much AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 90000)"
    " SELECT i, hex(randomblob(50)) AS text FROM n",
    "mariadb": "CREATE TABLE much AS SELECT seq, repeat('x', 500) AS text FROM seq_1_to_60000",
    "postgresql": "CREATE TABLE much AS SELECT repeat(md5(i::text), 20) AS t FROM generate_series(1, 60000) i",
}


@pytest.fixture
def disk(engine_name: str) -> Iterator[tuple[Path, str]]:
    """A small disk with an empty database on it, and the address of that. MariaDB may crash when a disk is full."""
    with contextlib.ExitStack() as stack:
        if engine_name == "sqlite":
            folder = stack.enter_context(open_folder())
            place = stack.enter_context(small_disk(folder, kilobytes=6000))
            yield place, f"sqlite:///{place}/blog.db"
            return
        server = stack.enter_context(private_server(engine_name))
        if engine_name == "mariadb":
            url = server.empty_database(NAME)
            place = stack.enter_context(small_disk(server.data / NAME, kilobytes=6000, owner=server.data.owner()))
        else:
            folder = stack.enter_context(open_folder())
            place = stack.enter_context(small_disk(folder, kilobytes=16000, owner=server.data.owner()))
            url = _in_tablespace(server, place)
        yield place, url
        server.kill()  # before its disk goes


def _in_tablespace(server: PrivateServer, place: Path) -> str:
    url = server.empty_database(NAME)
    with server.admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE TABLESPACE rewind_full LOCATION '{place}'")
        connection.exec_driver_sql(f"ALTER DATABASE {NAME} SET TABLESPACE rewind_full")
    return url


def case_on(make_app: MakeApp, url: str, second: str, **config: object) -> BeforeAFailure:
    return BeforeAFailure(make_app, url, second, config=config)


def test_a_revision_that_needs_more_than_there_is(make_app: MakeApp, disk: tuple[Path, str], engine_name: str) -> None:
    second = f'op.drop_column("post", "slug")\nop.execute(sa.text({MUCH[engine_name]!r}))'
    case = case_on(make_app, disk[1], second)
    for _ in range(2):
        said = case.fails("upgrade")
        assert f"Revision 2 (step) failed going up: {FULL[engine_name]}" in said
        assert "Nothing of this revision was kept. Free some space on" in said
        assert said.endswith("then run the same command again.")
        assert case.is_as_before()
        assert case.says("attic") == "The attic is empty."
        assert "unfinished" not in case.says("status")
    case.path.write_text(case.path.read_text().replace("op.execute", "str"))
    assert "1 revision crossed" in case.says("upgrade")
    case.app.extensions["db"].engine.dispose()


def test_no_room_for_the_journal(make_app: MakeApp, disk: tuple[Path, str], engine_name: str) -> None:
    case = case_on(make_app, disk[1], 'op.drop_column("post", "slug")')
    if engine_name != "mariadb":  # which crashes where a large value finds no room
        case.path.write_text(case.path.read_text() + f"\nTEXT = {'x' * 120_000!r}\n")  # the journal keeps the script
    filling = fill(disk[0])
    said = case.fails("upgrade")
    assert FULL[engine_name].lower() in said.lower()
    assert "Free some space on" in said
    assert case.is_as_before()
    filling.unlink()
    assert "1 revision crossed" in case.says("upgrade")
    case.app.extensions["db"].engine.dispose()


@pytest.mark.on("sqlite")
def test_no_room_for_the_copy(make_app: MakeApp, disk: tuple[Path, str], engine_name: str) -> None:
    place, url = disk
    case = case_on(make_app, url, 'op.drop_column("post", "slug")', REWIND_SQLITE_COPIES=3)
    kept = sorted((place / "blog.db.copies").iterdir())
    assert len(kept) == 1
    filling = fill(place, leaving=8192)
    said = case.fails("upgrade")
    assert f"{place}/blog.db could not be copied to {place}/blog.db.copies before the move: database or disk is" in said
    assert "Nothing was changed. Free some space or fix the folder's permissions" in said
    assert sorted((place / "blog.db.copies").iterdir()) == kept
    assert case.is_as_before()
    filling.unlink()
    assert "1 revision crossed" in case.says("upgrade")
    case.app.extensions["db"].engine.dispose()


def test_a_file_that_may_not_grow(make_app: MakeApp, tmp_path: Path) -> None:
    second = f"op.execute('PRAGMA max_page_count = 30')\nop.execute(sa.text({MUCH['sqlite']!r}))"
    case = case_on(make_app, f"sqlite:///{tmp_path}/blog.db", second)
    said = case.fails("upgrade")
    assert f"{FULL['sqlite']} {tmp_path}/blog.db: database or disk is full" in said
    assert "Free some space on its disk" in said
    assert case.is_as_before()
    assert make_url(case.url).database == f"{tmp_path}/blog.db"
