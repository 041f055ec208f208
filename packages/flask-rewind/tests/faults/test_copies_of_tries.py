"""Tries that cross nothing replace no copy of a SQLite file, however they end."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import flask_rewind
import pytest
import sqlalchemy as sa
from before_a_failure import BeforeAFailure
from flask import Flask
from flask_rewind.copies import TRIED, FileCopy

pytestmark = pytest.mark.slow

MakeApp = Callable[..., Flask]
FAILING = 'op.drop_column("post", "slug")\nraise ValueError("not yet")'


@pytest.fixture
def case(make_app: MakeApp, tmp_path: Path) -> BeforeAFailure:
    return BeforeAFailure(make_app, f"sqlite:///{tmp_path}/blog.db", FAILING, config={"REWIND_SQLITE_COPIES": 2})


def copies(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "blog.db.copies").iterdir())


def test_four_tries_that_fail_push_no_copy_out(case: BeforeAFailure, tmp_path: Path) -> None:
    useful = copies(tmp_path)
    assert len(useful) == 1
    for _ in range(4):
        case.fails("upgrade")
        assert copies(tmp_path) == useful
    case.path.write_text(case.path.read_text().replace("raise ValueError", "str"))
    said = case.says("upgrade")
    kept = copies(tmp_path)
    assert len(kept) == 2
    assert kept[0] == useful[0]
    assert f"Copied the database first: {tmp_path}/blog.db.copies/{kept[1]} 1 revision crossed" in said


def test_a_try_that_crosses_some_of_its_revisions_keeps_its_copy(case: BeforeAFailure, tmp_path: Path) -> None:
    flask_rewind.downgrade(revision="base")
    before = copies(tmp_path)
    case.fails("upgrade")
    assert flask_rewind.status()[0].current == ("1",)
    kept = copies(tmp_path)
    assert (len(kept), kept[0]) == (2, before[1])
    with closing(sqlite3.connect(tmp_path / "blog.db.copies" / kept[1])) as copy:
        assert not copy.execute("SELECT 1 FROM sqlite_master WHERE name = 'post'").fetchall()


def test_what_is_refused_keeps_no_copy(case: BeforeAFailure, tmp_path: Path) -> None:
    useful = copies(tmp_path)
    case.path.write_text(case.path.read_text().replace("raise ValueError", "op.execute('DROP TABLE post CASCADE')#"))
    with closing(sqlite3.connect(tmp_path / "blog.db")) as other:
        other.execute("ALTER TABLE rewind_moves RENAME TO rewind_away")
        other.execute("CREATE TABLE rewind_moves (id INTEGER)")
    assert "rewind_moves" in case.fails("upgrade", code=3)
    assert copies(tmp_path) == useful


def killed_in(case: BeforeAFailure, up: str) -> None:
    """Run an upgrade in a process that is killed in the middle of the script."""
    case.app.extensions["db"].engine.dispose()
    child = os.fork()
    if child == 0:
        case.path.write_text(case.path.read_text().replace("raise ValueError(", f"{up} or __import__('os').kill("))
        text = case.path.read_text().replace('kill("not yet")', "kill(__import__('os').getpid(), 9)")
        case.path.write_text(text)
        flask_rewind.upgrade()
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -9


def test_tries_that_are_killed_push_no_copy_out(case: BeforeAFailure, tmp_path: Path) -> None:
    useful = copies(tmp_path)
    written = case.path.read_text()
    for _ in range(3):
        case.path.write_text(written)
        killed_in(case, "None")
        assert [name for name in copies(tmp_path) if not name.endswith(TRIED)] == useful
    assert len(copies(tmp_path)) == 2
    case.path.write_text(written.replace("raise ValueError", "str"))
    case.says("upgrade")
    kept = copies(tmp_path)
    assert (len(kept), kept[0]) == (2, useful[0])
    assert not kept[1].endswith(TRIED)


def test_the_copy_of_a_move_that_was_killed_after_a_crossing_stays(tmp_path: Path) -> None:
    file, folder = tmp_path / "blog.db", tmp_path / "copies"
    engine = sa.create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE post (id INTEGER)")
    engine.dispose()
    FileCopy(file, ["1"], folder, 3).make()  # its process is killed when revision 2 is crossed
    (tried,) = folder.iterdir()
    assert tried.name.endswith(TRIED)
    second = FileCopy(file, ["2"], folder, 3)
    second.make()
    assert sorted(folder.iterdir()) == sorted([folder / tried.name.removesuffix(TRIED), Path(f"{second.path}{TRIED}")])
    second.keep()
    assert sorted(folder.iterdir()) == sorted([folder / tried.name.removesuffix(TRIED), second.path])
