"""Single tables that were dumped and restored: a hidden column without its entry, or an entry without its column."""

from collections.abc import Callable
from typing import Any

import flask_rewind
import pytest
import sqlalchemy as sa
from flask import Flask
from flask_rewind.engines.registry import describe
from flask_rewind.engines.sqlite.table import SQLiteTable
from flask_rewind.errors import NotKept, RewindError
from histories import History, everything, steps

MakeApp = Callable[..., Flask]

pytestmark = pytest.mark.slow

OWN = ("rewind_attic", "rewind_steps", "rewind_crossings", "rewind_moves")
ROWS = [(1, "x1", "y1", 10), (2, None, "y2", 20)]
X = ('op.drop_column("post", "x")', 'op.add_column("post", sa.Column("x", sa.String(20)))')
Y = ('op.drop_column("post", "y")', 'op.add_column("post", sa.Column("y", sa.String(20)))')
BATCH = 'with op.batch_alter_table("post") as block:\n    block.'


@pytest.fixture
def blog(make_app: MakeApp, database_url: str) -> History:
    made = History(make_app(database_url, config={"REWIND_SQLITE_COPIES": 0}))
    columns = "".join(f', sa.Column("{name}", sa.String(20))' for name in "xy")
    made.revision(
        f'op.create_table("post", sa.Column("id", sa.Integer, primary_key=True){columns}, sa.Column("z", sa.Integer))',
        'op.drop_table("post")',
    )
    flask_rewind.upgrade()
    for row in ROWS:
        made.run("INSERT INTO post (id, x, y, z) VALUES (:i, :x, :y, :z)", **dict(zip("ixyz", row, strict=True)))
    return made


def restored_alone(blog: History) -> None:
    """Leave the database as if only ``post`` and ``alembic_version`` had been restored into it."""
    there = sa.inspect(blog.engine).get_table_names()
    for table in OWN:
        if table in there:
            blog.run(f"DROP TABLE {table}")


def columns(blog: History, table: str = "post") -> list[str]:
    return [each["name"] for each in sa.inspect(blog.engine).get_columns(table)]


def integrity(blog: History, engine_name: str) -> None:
    if engine_name == "sqlite":
        blog.engine.dispose()
        assert blog.rows("PRAGMA integrity_check") == [("ok",)]


@pytest.mark.parametrize("y", [Y, (f'{BATCH}drop_column("y")', f'{BATCH}add_column(sa.Column("y", sa.String(20)))')])
def test_a_hidden_column_without_its_entry_keeps_its_number(blog: History, engine_name: str, y: Any) -> None:
    blog.revision(*X)
    flask_rewind.upgrade()
    restored_alone(blog)
    blog.revision(*y)
    before = everything(blog.engine)
    plan = flask_rewind.plan(revision="3")
    for _ in range(2):
        flask_rewind.upgrade()
        if plan.crossings:
            assert steps(plan.crossings) == steps(flask_rewind.log()[0].crossings)
        plan = flask_rewind.plan(revision="1")
        assert not plan.refused
        integrity(blog, engine_name)
        assert [(each.name, each.place) for each in flask_rewind.attic()] == [("_attic_2", "post.y")]
        assert sorted(columns(blog)) == ["_attic_1", "_attic_2", "id", "z"]
        assert blog.rows("SELECT id, _attic_1, _attic_2, z FROM post ORDER BY id") == ROWS
        flask_rewind.downgrade(revision="2")
        assert everything(blog.engine) == before
        assert blog.rows("SELECT id, _attic_1, y, z FROM post ORDER BY id") == ROWS
        plan = flask_rewind.plan(revision="3")


def test_it_is_not_seen_and_never_purged_as_something_else(blog: History, engine_name: str) -> None:
    blog.revision(*X)
    flask_rewind.upgrade()
    restored_alone(blog)
    with blog.engine.connect() as connection:
        assert not [key for key in describe(connection) or {} if "_attic_" in str(key)]
    blog.revision(*Y)
    flask_rewind.upgrade()
    with pytest.raises(NotKept):
        flask_rewind.purge(place="_attic_1")
    flask_rewind.purge(place="post.y")
    assert sorted(columns(blog)) == ["_attic_1", "id", "z"]
    assert blog.rows("SELECT id, _attic_1 FROM post ORDER BY id") == [(1, "x1"), (2, None)]
    integrity(blog, engine_name)


def test_it_goes_with_its_table_and_comes_back_with_it(blog: History, engine_name: str) -> None:
    blog.revision(*X)
    flask_rewind.upgrade()
    restored_alone(blog)
    columns_now = '"post", sa.Column("id", sa.Integer, primary_key=True), sa.Column("z", sa.Integer)'
    blog.revision(*Y)
    blog.revision('op.drop_table("post")', f"op.create_table({columns_now})")
    flask_rewind.upgrade()
    assert {each.place: each.name for each in flask_rewind.attic()} == {"post.y": "_attic_2", "post": "_attic_3"}
    flask_rewind.downgrade(revision="2")
    assert blog.rows("SELECT id, _attic_1, y, z FROM post ORDER BY id") == ROWS
    integrity(blog, engine_name)


TAKEN = {
    "sqlite": [
        ("CREATE TABLE _attic_1 (id INTEGER)", "a table"),
        ('CREATE TABLE other ("_ATTIC_1" INTEGER)', "a column in capitals"),
        ("CREATE TABLE _attic_1_side (id INTEGER)", "a side table"),
        ("CREATE INDEX _attic_1_k1 ON post (z)", "an index"),
        ("CREATE TABLE other (id INTEGER, CONSTRAINT _attic_1_key UNIQUE (id))", "a constraint"),
        ("CREATE TRIGGER _attic_1_gone AFTER DELETE ON post BEGIN SELECT 1; END", "a trigger"),
    ],
    "mariadb": [
        ("CREATE TABLE _attic_1 (id INTEGER)", "a table"),
        ("CREATE TABLE other (`_ATTIC_1` INTEGER)", "a column in capitals"),
        ("CREATE TABLE other (id INTEGER, _attic_1_new INTEGER)", "a marker"),
        ("CREATE TABLE other (id INTEGER, KEY _attic_1_k1 (id))", "an index"),
        ("CREATE TABLE other (id INTEGER, CONSTRAINT _attic_1_c CHECK (id > 0))", "a constraint"),
        ("CREATE TRIGGER _attic_1_gone BEFORE DELETE ON post FOR EACH ROW SET @a = 1", "a trigger"),
    ],
    "postgresql": [
        ("CREATE TABLE _attic_1 (id INTEGER)", "a table"),
        ("CREATE TABLE other (id INTEGER, _attic_1 INTEGER)", "a column"),
        ("CREATE SEQUENCE _attic_1", "a sequence"),
        ("CREATE TYPE _attic_1 AS ENUM ('a')", "a type"),
        ("CREATE INDEX _attic_1_2 ON post (z)", "an index"),
        ("CREATE TABLE other (id INTEGER, CONSTRAINT _attic_1_c CHECK (id > 0))", "a constraint"),
    ],
}


@pytest.mark.parametrize("number", range(6))
def test_every_name_of_the_attic_takes_its_number(blog: History, engine_name: str, number: int) -> None:
    statement, _ = TAKEN[engine_name][number]
    blog.run(statement)
    blog.revision(*Y)
    before = blog.rows("SELECT id, x, y, z FROM post ORDER BY id")
    plan = flask_rewind.plan(revision="2")
    flask_rewind.upgrade()
    assert [each.name for each in flask_rewind.attic()] == ["_attic_2"]
    assert steps(plan.crossings) == steps(flask_rewind.log()[0].crossings)
    flask_rewind.downgrade()
    assert blog.rows("SELECT id, x, y, z FROM post ORDER BY id") == before


def test_an_entry_without_its_column_brings_nothing_back_and_is_forgotten(blog: History, engine_name: str) -> None:
    blog.revision(*X)
    flask_rewind.upgrade()
    blog.run("DROP TABLE post")
    blog.run("CREATE TABLE post (id INTEGER PRIMARY KEY, y VARCHAR(20), z INTEGER)")
    blog.run("INSERT INTO post (id, y, z) VALUES (1, 'y', 2)")
    assert [(each.place, each.rows) for each in flask_rewind.attic()] == [("post.x", 0)]
    blog.revision(*Y)
    flask_rewind.upgrade()
    flask_rewind.purge(place="post.x")
    assert [each.place for each in flask_rewind.attic()] == ["post.y"]
    flask_rewind.downgrade(revision="2")
    assert blog.rows("SELECT id, y, z FROM post") == [(1, "y", 2)]
    integrity(blog, engine_name)


@pytest.fixture
def with_number_of_other(blog: History) -> History:
    """A database that hides ``other.w``, with a restored table ``kept`` whose hidden column has the same number."""
    blog.revision(*X)
    flask_rewind.upgrade()
    restored_alone(blog)
    blog.run("CREATE TABLE other (id INTEGER PRIMARY KEY, w VARCHAR(20))")
    blog.run("INSERT INTO other (id, w) VALUES (1, 'w')")
    blog.revision('op.drop_column("other", "w")', 'op.add_column("other", sa.Column("w", sa.String(20)))')
    blog.run("ALTER TABLE post RENAME COLUMN _attic_1 TO held")
    flask_rewind.upgrade()
    blog.run("ALTER TABLE post RENAME COLUMN held TO _attic_1")
    blog.run("ALTER TABLE post RENAME TO kept")
    return blog


@pytest.mark.on("mariadb", "postgresql")  # SQLite allows a column twice
def test_a_refusal_does_not_advise_to_purge_another_table(with_number_of_other: History) -> None:
    with_number_of_other.revision('op.execute("INSERT INTO kept (id, _attic_1, _attic_1) VALUES (5, 1, 1)")', "pass")
    with pytest.raises(RewindError, match="_attic_1") as refused:
        flask_rewind.upgrade()
    assert "other.w" not in refused.value.format_message()


def test_an_entry_does_not_stand_for_the_column_of_another_table(with_number_of_other: History) -> None:
    blog = with_number_of_other
    blog.revision('op.drop_table("kept")\nop.drop_table("other")', "pass")
    flask_rewind.upgrade()
    assert {each.place: each.name for each in flask_rewind.attic()} == {
        "other.w": "_attic_1",
        "kept": "_attic_2",
        "other": "_attic_3",
    }
    flask_rewind.purge(place="other.w")
    assert "_attic_1" in columns(blog, "_attic_2")
    assert "_attic_1" not in columns(blog, "_attic_3")


@pytest.mark.on("sqlite")  # the only engine that stores the texts of its tables
def test_a_text_that_sqlite_cannot_read_is_taken_back(blog: History, engine_name: str) -> None:
    with blog.engine.connect() as connection:
        table = SQLiteTable(connection, "post")
        before = table.text
        with pytest.raises(sa.exc.DatabaseError, match="malformed database schema"):
            table.write_text(before.replace("y ", "x "))
        connection.rollback()
        connection.exec_driver_sql("BEGIN")  # the driver begins no transaction before DDL
        connection.exec_driver_sql("ALTER TABLE post ADD COLUMN _attic_1")
        with pytest.raises(sa.exc.DatabaseError, match="duplicate column name: _attic_1"):
            table.rename_column("x", "_attic_1")
        connection.rollback()
        assert table.text == before
    integrity(blog, engine_name)
