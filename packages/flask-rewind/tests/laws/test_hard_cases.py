"""The hard cases of undoing: exact data, or a refusal after which everything is as it was."""

from collections.abc import Callable

import flask_rewind
import pytest
import sqlalchemy as sa
from flask import Flask
from flask_rewind.errors import CrossingFailed, Refused
from histories import History, everything, in_batch

MakeApp = Callable[..., Flask]

CREATE = """
op.create_table("author", sa.Column("id", sa.Integer, primary_key=True), mysql_charset="utf8mb4")
op.create_table(
    "post",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("slug", sa.String(60)),
    sa.Column("title", sa.String(60)),
    sa.Column("author_id", sa.Integer, sa.ForeignKey("author.id", name="fk_author")),
    sa.UniqueConstraint("slug", name="uq_slug"),
    mysql_charset="utf8mb4",
)
"""


@pytest.fixture
def blog(make_app: MakeApp, database_url: str, engine_name: str) -> History:
    made = History(make_app(database_url, config={"REWIND_SQLITE_COPIES": 0}))
    if engine_name == "sqlite":
        sa.event.listen(made.engine, "connect", lambda driver, _: driver.execute("PRAGMA foreign_keys=ON"))
        made.engine.dispose()
    made.revision(CREATE, 'op.drop_table("post")\nop.drop_table("author")')
    flask_rewind.upgrade()
    made.run("INSERT INTO author (id) VALUES (1), (2)")
    made.run("INSERT INTO post (id, slug, title, author_id) VALUES (1, 'a', 'é 😀', 1), (2, 'b', '', 2)")
    return made


def refused_with_everything_as_it_was(blog: History, match: str) -> None:
    before = everything(blog.engine)
    with pytest.raises((Refused, CrossingFailed), match=match):
        flask_rewind.downgrade()
    assert everything(blog.engine) == before
    assert flask_rewind.status()[0].unfinished is None
    assert flask_rewind.status()[0].current == ("2",)


def test_duplicates_under_a_returning_unique_constraint(blog: History) -> None:
    blog.revision(
        in_batch('drop_constraint("uq_slug", type_="unique")', 'drop_column("title")'),
        in_batch('add_column(sa.Column("title", sa.String(60)))', 'create_unique_constraint("uq_slug", ["slug"])'),
    )
    flask_rewind.upgrade()
    blog.run("INSERT INTO post (id, slug) VALUES (3, 'a')")
    refused_with_everything_as_it_was(blog, "(?i)unique|duplicate")
    blog.run("DELETE FROM post WHERE id = 3")
    flask_rewind.downgrade()
    assert blog.rows("SELECT title FROM post ORDER BY id") == [("é 😀",), ("",)]


def test_orphans_under_a_foreign_key_that_returns_with_its_column(blog: History, engine_name: str) -> None:
    back = in_batch(
        'add_column(sa.Column("author_id", sa.Integer))',
        'create_foreign_key("fk_author", "author", ["author_id"], ["id"])',
    )
    blog.revision('op.drop_column("post", "author_id")', back)
    flask_rewind.upgrade()
    blog.run("DELETE FROM author WHERE id = 2")
    refused_with_everything_as_it_was(blog, "(?i)foreign key|without their row in author")
    blog.run("INSERT INTO author (id) VALUES (2)")
    flask_rewind.downgrade()
    assert blog.rows("SELECT author_id FROM post ORDER BY id") == [(1,), (2,)]


def test_values_too_long_for_the_type_that_returns(blog: History, engine_name: str) -> None:
    wide, narrow = "sa.String(600)", "sa.String(60)"
    blog.revision(
        in_batch(f'alter_column("title", type_={wide}, existing_type={narrow})'),
        in_batch(f'alter_column("title", type_={narrow}, existing_type={wide})'),
    )
    flask_rewind.upgrade()
    blog.run("INSERT INTO post (id, title) VALUES (3, :long)", long="x" * 500)
    if engine_name == "sqlite":  # which holds any length under any type
        flask_rewind.downgrade()
        assert blog.rows("SELECT length(title) FROM post WHERE id = 3") == [(500,)]
    else:
        refused_with_everything_as_it_was(blog, "(?i)too long")


def test_null_under_a_returning_not_null(blog: History) -> None:
    blog.run("UPDATE post SET title = '' WHERE title IS NULL")
    blog.revision(
        in_batch('alter_column("title", nullable=False, existing_type=sa.String(60))'),
        in_batch('alter_column("title", nullable=True, existing_type=sa.String(60))'),
    )
    flask_rewind.upgrade()
    flask_rewind.downgrade()
    blog.run("INSERT INTO post (id, title) VALUES (3, NULL)")
    before = everything(blog.engine)
    with pytest.raises((Refused, CrossingFailed)):
        flask_rewind.upgrade()
    assert everything(blog.engine) == before


def test_a_changed_primary_key_carries_the_hidden_value(blog: History) -> None:
    blog.revision('op.drop_column("post", "title")', 'op.add_column("post", sa.Column("title", sa.String(60)))')
    flask_rewind.upgrade()
    blog.run("UPDATE post SET id = 70 WHERE id = 1")
    flask_rewind.downgrade()
    assert blog.rows("SELECT id, title FROM post ORDER BY id") == [(2, ""), (70, "é 😀")]


def test_a_reused_key_does_not_get_a_dead_rows_value(blog: History) -> None:
    blog.revision('op.drop_column("post", "title")', 'op.add_column("post", sa.Column("title", sa.String(60)))')
    flask_rewind.upgrade()
    blog.run("DELETE FROM post WHERE id = 2")
    blog.run("INSERT INTO post (id, slug) VALUES (2, 'new')")
    flask_rewind.downgrade()
    assert blog.rows("SELECT title FROM post WHERE id = 2") == [(None,)]


def test_a_table_without_a_key(blog: History) -> None:
    blog.run("CREATE TABLE loose (a INTEGER, b INTEGER)")
    blog.run("INSERT INTO loose VALUES (1, 10), (1, 10), (NULL, 20)")
    blog.revision('op.drop_column("loose", "b")', 'op.add_column("loose", sa.Column("b", sa.Integer))')
    flask_rewind.upgrade()
    blog.run("INSERT INTO loose (a) VALUES (3)")
    flask_rewind.downgrade()
    assert sorted(map(repr, blog.rows("SELECT a, b FROM loose"))) == ["(1, 10)", "(1, 10)", "(3, None)", "(None, 20)"]


def test_rows_emptied_in_between(blog: History) -> None:
    blog.revision('op.drop_column("post", "title")', 'op.add_column("post", sa.Column("title", sa.String(60)))')
    flask_rewind.upgrade()
    blog.run("DELETE FROM post")
    blog.run("INSERT INTO post (id, slug) VALUES (1, 'a')")
    flask_rewind.downgrade()
    assert blog.rows("SELECT id, title FROM post") == [(1, None)]


def test_the_next_number_of_a_table_that_returns(blog: History, engine_name: str) -> None:
    numbered = {
        "sqlite": "INTEGER PRIMARY KEY AUTOINCREMENT",
        "mariadb": "INTEGER PRIMARY KEY AUTO_INCREMENT",
        "postgresql": "SERIAL PRIMARY KEY",
    }
    blog.run(f"CREATE TABLE numbered (id {numbered[engine_name]}, c INTEGER)")
    blog.run("INSERT INTO numbered (c) VALUES (1), (2), (3)")
    blog.run("DELETE FROM numbered WHERE c = 3")
    blog.revision(
        'op.drop_table("numbered")',
        'op.create_table("numbered", sa.Column("id", sa.Integer, primary_key=True), sa.Column("c", sa.Integer))',
    )
    flask_rewind.upgrade()
    flask_rewind.downgrade()
    blog.run("INSERT INTO numbered (c) VALUES (4)")
    assert blog.rows("SELECT id FROM numbered WHERE c = 4") == [(4,)]


def test_the_order_of_columns(blog: History) -> None:
    blog.revision('op.drop_column("post", "slug")', 'op.add_column("post", sa.Column("slug", sa.String(60)))')
    before = [each["name"] for each in sa.inspect(blog.engine).get_columns("post")]
    flask_rewind.upgrade()
    flask_rewind.downgrade()
    assert [each["name"] for each in sa.inspect(blog.engine).get_columns("post")] == before


def test_a_label_added_to_an_enum_type(blog: History, engine_name: str) -> None:
    if engine_name != "postgresql":
        pytest.skip("elsewhere the labels are part of the column")
    blog.run("CREATE TYPE mood AS ENUM ('glad')")
    blog.run("ALTER TABLE post ADD COLUMN mood mood")
    added = "with op.get_context().autocommit_block():\n    op.execute(\"ALTER TYPE mood ADD VALUE 'sad'\")"
    blog.revision(added, "pass")
    flask_rewind.upgrade()
    blog.run("UPDATE post SET mood = 'sad' WHERE id = 1")
    refused_with_everything_as_it_was(blog, r"type mood is .*sad.* instead of")


def test_labels_of_an_enum_column_changed_under_its_values(blog: History, engine_name: str) -> None:
    if engine_name != "mariadb":
        pytest.skip("an enum that is part of its column")
    blog.run("ALTER TABLE post ADD COLUMN mood ENUM('glad', 'sad')")
    blog.run("UPDATE post SET mood = 'sad' WHERE id = 1")
    blog.revision(
        "op.execute(\"ALTER TABLE post MODIFY mood ENUM('glad', 'sad', 'calm')\")",
        "op.execute(\"ALTER TABLE post MODIFY mood ENUM('glad', 'sad')\")",
    )
    flask_rewind.upgrade()
    blog.run("UPDATE post SET mood = 'calm' WHERE id = 2")
    refused_with_everything_as_it_was(blog, "(?i)truncated")
    blog.run("UPDATE post SET mood = NULL WHERE id = 2")
    flask_rewind.downgrade()
    assert blog.rows("SELECT mood FROM post ORDER BY id") == [("sad",), (None,)]


def full_table(blog: History, engine_name: str, kind: str) -> None:
    """Have a table that cannot take one column more."""
    count = {"sqlite": 1999, "mariadb": 1016}[engine_name]
    blog.run(f"CREATE TABLE wide (id INTEGER PRIMARY KEY, {', '.join(f'c{n} {kind}' for n in range(count))})")
    blog.run(f"INSERT INTO wide (id, {', '.join(f'c{n}' for n in range(count))}) VALUES (1{', 7' * count})")


def test_a_table_without_room_for_one_more_column(blog: History, engine_name: str) -> None:
    if engine_name == "postgresql":
        pytest.skip("a dropped column counts among the 1600 of PostgreSQL too")
    full_table(blog, engine_name, "INTEGER")
    add, drop = 'op.add_column("wide", sa.Column("{}", sa.Integer))\n', 'op.drop_column("wide", "{}")\n'
    both = blog.revision(drop.format("c3") + add.format("d"), drop.format("d") + add.format("c3"))
    before = everything(blog.engine)
    with pytest.raises(Refused, match=r"no room for this beside what is hidden in it \(wide\.c3\)") as refused:
        flask_rewind.upgrade()
    assert "revision of its own" in refused.value.hint
    assert everything(blog.engine) == before
    both.unlink()
    blog.count -= 1
    blog.revision(drop.format("c3"), add.format("c3"))
    flask_rewind.upgrade()
    blog.revision(add.format("d"), drop.format("d"))
    assert "no room" in flask_rewind.plan().refused
    with pytest.raises(Refused, match="no room") as refused:
        flask_rewind.upgrade()
    assert refused.value.hint.endswith("flask db purge wide.c3")
    flask_rewind.purge(place="wide.c3")
    flask_rewind.upgrade()
    assert blog.rows("SELECT c2, c4, d FROM wide") == [(7, 7, None)]


def test_a_column_whose_new_rows_cannot_be_marked(blog: History, engine_name: str) -> None:
    if engine_name != "mariadb":
        pytest.skip("only MariaDB and MySQL need a column for it")
    full_table(blog, engine_name, "INTEGER NOT NULL")
    blog.revision('op.drop_column("wide", "c3")', 'op.add_column("wide", sa.Column("c3", sa.Integer, nullable=False))')
    before = everything(blog.engine)
    with pytest.raises(Refused, match=r"wide\.c3 cannot be hidden: its table has no room"):
        flask_rewind.upgrade()
    assert everything(blog.engine) == before


@pytest.mark.parametrize("is_allowed", [True, False])
def test_a_table_that_keeps_its_history(blog: History, engine_name: str, is_allowed: bool) -> None:
    if engine_name != "mariadb":
        pytest.skip("only MariaDB has system-versioned tables")
    blog.run("CREATE TABLE old (id INTEGER PRIMARY KEY, word VARCHAR(9) NOT NULL) WITH SYSTEM VERSIONING")
    blog.run("INSERT INTO old (id, word) VALUES (1, 'a'), (2, 'b')")
    blog.run("UPDATE old SET word = 'c' WHERE id = 2")
    allow = 'op.execute("SET system_versioning_alter_history = KEEP")\n' * is_allowed
    added = 'op.add_column("old", sa.Column("word", sa.String(9), nullable=False))'
    blog.revision(f'{allow}op.drop_column("old", "word")', allow + added)
    query = "SELECT id, word FROM old FOR SYSTEM_TIME ALL ORDER BY id, word"
    before, schema = blog.rows(query), everything(blog.engine)
    if not is_allowed:
        with pytest.raises(CrossingFailed, match="system_versioning_alter_history"):
            flask_rewind.upgrade()
    else:
        flask_rewind.upgrade()
        blog.run("INSERT INTO old (id) VALUES (3)")
        blog.run("DELETE FROM old WHERE id = 3")
        flask_rewind.downgrade()
    assert [row for row in blog.rows(query) if row[0] < 3] == before
    assert everything(blog.engine) == schema
