"""Derived tables and columns are dropped when a script drops them, and recreated empty on the way back."""

from collections.abc import Callable

import flask_rewind
import pytest
from flask import Flask
from flask_rewind.errors import CrossingFailed, Refused
from histories import History, everything, executed

MakeApp = Callable[..., Flask]

pytestmark = pytest.mark.slow

CREATE = """
op.create_table("post", sa.Column("id", sa.Integer, primary_key=True), sa.Column("words", sa.Text))
op.create_table("found", sa.Column("id", sa.Integer, primary_key=True), sa.Column("word", sa.String(9)))
op.create_index("ix_words", "found", ["word"])
"""
FOUND = """
op.create_table("found", sa.Column("id", sa.Integer, primary_key=True), sa.Column("word", sa.String(9)))
op.create_index("ix_words", "found", ["word"])
op.add_column("post", sa.Column("words", sa.Text))
"""
GONE = 'op.drop_table("found")\nop.drop_column("post", "words")'


@pytest.fixture
def blog(make_app: MakeApp, database_url: str) -> History:
    config = {"REWIND_SQLITE_COPIES": 0, "REWIND_DERIVED": ["found", "post.words", "words"]}
    made = History(make_app(database_url, config=config))
    made.revision(CREATE, 'op.drop_table("found")\nop.drop_table("post")')
    flask_rewind.upgrade()
    made.run("INSERT INTO post (id, words) VALUES (1, 'a b')")
    made.run("INSERT INTO found (id, word) VALUES (1, 'a')")
    return made


@pytest.mark.parametrize("how", ["directives", "raw", "in a batch"])
@pytest.mark.parametrize("by_journal", [False, True])
def test_it_is_dropped_and_comes_back_empty(blog: History, how: str, by_journal: bool) -> None:
    gone = {
        "directives": GONE,
        "raw": executed("DROP TABLE found", "ALTER TABLE post DROP COLUMN words"),
        "in a batch": 'op.drop_table("found")\nwith op.batch_alter_table("post") as b:\n    b.drop_column("words")',
    }
    blog.revision(gone[how], FOUND)
    schema = everything(blog.engine)[0]
    for _ in range(2):
        plan = flask_rewind.plan()
        flask_rewind.upgrade()
        (ran,) = flask_rewind.log(limit=1)[0].crossings
        assert [each.statement for each in plan.crossings[0].steps] == [each.statement for each in ran.steps]
        assert {each.verdict for each in plan.crossings[0].steps} == {"one-way"}
        assert not flask_rewind.attic()
        flask_rewind.downgrade(from_journal=by_journal)
        assert everything(blog.engine)[0] == schema
        assert blog.rows("SELECT id, words FROM post") == [(1, None)]
        assert not blog.rows("SELECT id FROM found")
        blog.run("INSERT INTO found (id, word) VALUES (1, 'a')")


def test_what_is_hidden_in_it_goes_with_it(blog: History) -> None:
    blog.revision('op.drop_column("found", "word")', "pass")
    blog.revision('op.drop_table("found")', "pass")
    flask_rewind.upgrade()
    assert not flask_rewind.attic()


@pytest.mark.on("mariadb", "postgresql")  # a foreign key of SQLite may refer to a missing table
def test_a_table_that_others_refer_to_is_hidden_all_the_same(blog: History) -> None:
    blog.run("CREATE TABLE other (id INTEGER PRIMARY KEY, n INTEGER, FOREIGN KEY (n) REFERENCES found (id))")
    blog.revision('op.drop_table("found")', FOUND.rpartition("op.add_column")[0])
    before = everything(blog.engine)
    flask_rewind.upgrade()
    flask_rewind.downgrade()
    assert everything(blog.engine) == before


def test_what_is_not_named_is_hidden_all_the_same(blog: History) -> None:
    post = 'op.create_table("post", sa.Column("id", sa.Integer, primary_key=True))'
    blog.revision(f'{GONE}\nop.drop_table("post")', f"{post}\n{FOUND}")
    flask_rewind.upgrade()
    assert [each.place for each in flask_rewind.attic()] == ["post"]
    flask_rewind.downgrade()
    assert blog.rows("SELECT id, words FROM post") == [(1, None)]


def test_after_a_failure_it_is_there_again(blog: History) -> None:
    blog.revision(f"{GONE}\nop.execute('nonsense')", FOUND)
    schema = everything(blog.engine)[0]
    with pytest.raises(CrossingFailed):
        flask_rewind.upgrade()
    assert everything(blog.engine)[0] == schema
    assert not flask_rewind.attic()


def test_printed_scripts_may_drop_it(blog: History) -> None:
    blog.revision('op.drop_table("found")', "pass")
    assert "DROP TABLE found" in flask_rewind.upgrade(revision="1:2", sql=True).sql
    blog.revision('op.drop_table("post")', "pass")
    with pytest.raises(Refused, match=r"the scripts drop \(post\)"):
        flask_rewind.upgrade(revision="1:3", sql=True)


@pytest.mark.on("sqlite")
def test_a_table_for_searching(blog: History) -> None:
    create = "CREATE VIRTUAL TABLE words USING fts5(title, body)"
    blog.run(create)
    blog.run("INSERT INTO words VALUES ('a', 'light blog')")
    blog.revision(executed("DROP TABLE words"), executed(create))
    there = "SELECT name, sql FROM sqlite_master WHERE name LIKE 'words%' ORDER BY name"
    before = blog.rows(there)
    for by_journal in (False, True):
        flask_rewind.upgrade()
        assert not flask_rewind.attic()
        assert not blog.rows(there)
        flask_rewind.downgrade(from_journal=by_journal)
        assert blog.rows(there) == before
        assert not blog.rows("SELECT * FROM words")
