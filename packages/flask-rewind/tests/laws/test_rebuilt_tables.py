"""Tables with which a script replaces another table: created, filled from it, and renamed to its name."""

from collections.abc import Callable

import flask_rewind
import pytest
from flask import Flask
from flask_rewind.errors import Refused
from histories import History, everything, executed

MakeApp = Callable[..., Flask]

pytestmark = pytest.mark.slow

DROP = 'op.drop_column("post", "c")'
ADD = 'op.add_column("post", sa.Column("c", sa.String(20)))'
RAW_DROP, RAW_ADD = "op.execute('ALTER TABLE post DROP COLUMN c')", "op.execute('ALTER TABLE post ADD c VARCHAR(20)')"


def new_first(columns: str, copied: str) -> str:
    return executed(
        f"CREATE TABLE post_new (id INTEGER PRIMARY KEY, {columns})",
        f"INSERT INTO post_new (id, {copied}) SELECT id, {copied} FROM post",
        "DROP TABLE post",
        "ALTER TABLE post_new RENAME TO post",
    )


def old_aside(columns: str, copied: str) -> str:
    return executed(
        "ALTER TABLE post RENAME TO post_old",
        f"CREATE TABLE post (id INTEGER PRIMARY KEY, {columns})",
        f"INSERT INTO post (id, {copied}) SELECT id, {copied} FROM post_old",
        "DROP TABLE post_old",
    )


REBUILDS = {"the new one first": new_first, "the old one aside": old_aside}


@pytest.fixture
def blog(make_app: MakeApp, database_url: str) -> History:
    made = History(make_app(database_url, config={"REWIND_SQLITE_COPIES": 0}))
    made.revision(
        executed("CREATE TABLE post (id INTEGER PRIMARY KEY, title VARCHAR(50), d INTEGER, c VARCHAR(20))"),
        'op.drop_table("post")',
    )
    flask_rewind.upgrade()
    made.run("INSERT INTO post (id, title, d, c) VALUES (1, 'a', 5, 'x'), (2, 'b', 6, NULL), (3, 'c', 7, 'z')")
    return made


def written_meanwhile(blog: History) -> None:
    blog.run("UPDATE post SET title = 'A' WHERE id = 1")
    blog.run("DELETE FROM post WHERE id = 3")
    blog.run("INSERT INTO post (id, title, d) VALUES (4, 'd', 8)")


def is_all_there(blog: History) -> bool:
    rows = blog.rows("SELECT id, title, d, c FROM post ORDER BY id")
    return rows == [(1, "A", 5, "x"), (2, "b", 6, None), (4, "d", 8, None)]


@pytest.mark.parametrize("rebuild", REBUILDS)
def test_a_column_that_a_rebuilt_table_is_without(blog: History, rebuild: str) -> None:
    made = REBUILDS[rebuild]
    up = made("title VARCHAR(50), d INTEGER", "title, d")
    down = made("title VARCHAR(50), d INTEGER, c VARCHAR(20)", "title, d")
    blog.revision(up, down)
    before = everything(blog.engine)
    flask_rewind.upgrade()
    flask_rewind.downgrade()
    assert everything(blog.engine) == before
    flask_rewind.upgrade()
    written_meanwhile(blog)
    flask_rewind.downgrade()
    assert is_all_there(blog)
    flask_rewind.upgrade()
    flask_rewind.downgrade()
    assert is_all_there(blog)


@pytest.mark.parametrize(("drop", "add"), [(DROP, ADD), (RAW_DROP, RAW_ADD)], ids=["directives", "raw"])
@pytest.mark.parametrize("rebuild", REBUILDS)
def test_a_column_hidden_in_a_table_that_was_rebuilt_since(blog: History, rebuild: str, drop: str, add: str) -> None:
    made = REBUILDS[rebuild]
    blog.revision(drop, add)
    up, down = (made(f"title VARCHAR({length}), d INTEGER", "title, d") for length in (60, 50))
    blog.revision(up, down)
    flask_rewind.upgrade()
    written_meanwhile(blog)
    flask_rewind.downgrade(revision="1")
    assert is_all_there(blog)


def test_rows_that_nothing_tells_apart_are_not_guessed(blog: History) -> None:
    blog.run("CREATE TABLE loose (n INTEGER, c VARCHAR(20))")
    blog.run("INSERT INTO loose VALUES (1, 'x'), (1, 'y')")
    blog.revision(DROP.replace("post", "loose"), ADD.replace("post", "loose"))
    rebuilt = executed(
        "CREATE TABLE new (n INTEGER)",
        "INSERT INTO new (n) SELECT n FROM loose",
        "DROP TABLE loose",
        "ALTER TABLE new RENAME TO loose",
    )
    blog.revision(rebuilt, "pass")
    flask_rewind.upgrade()
    flask_rewind.downgrade()
    before = everything(blog.engine)
    with pytest.raises(Refused, match="no primary key tells which rows"):
        flask_rewind.downgrade()
    assert everything(blog.engine) == before


def like(engine_name: str, name: str) -> str:
    return f"CREATE TABLE {name} " + ("LIKE post" if engine_name == "mariadb" else "(LIKE post INCLUDING ALL)")


@pytest.mark.on("mariadb", "postgresql")  # SQLite has no CREATE TABLE LIKE
def test_a_copy_of_a_table_is_without_what_is_hidden_in_it(blog: History, engine_name: str) -> None:
    blog.revision(DROP, ADD)
    copied = executed(like(engine_name, "bak")) + '\nop.rename_table("bak", "post_2024")'
    blog.revision(copied, 'op.drop_table("post_2024")')
    before = everything(blog.engine)
    flask_rewind.upgrade()
    assert [row[0] for row in blog.rows("SELECT count(*) FROM post_2024")] == [0]
    flask_rewind.downgrade(revision="1")
    assert everything(blog.engine) == before


@pytest.mark.on("mariadb", "postgresql")  # SQLite has no CREATE TABLE LIKE
def test_a_table_rebuilt_from_its_own_copy(blog: History, engine_name: str) -> None:
    blog.revision(DROP, ADD)
    rebuilt = executed(
        like(engine_name, "post_new"),
        "INSERT INTO post_new (id, title, d) SELECT id, title, d FROM post",
        "DROP TABLE post",
        "ALTER TABLE post_new RENAME TO post",
    )
    blog.revision(rebuilt, "pass")
    flask_rewind.upgrade()
    written_meanwhile(blog)
    flask_rewind.downgrade(revision="1")
    assert is_all_there(blog)
