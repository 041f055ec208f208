"""L6: what is hidden goes by being asked for, by age, name, row, or all; and Rewind itself can be left."""

from collections.abc import Callable

import flask_rewind
import pytest
import sqlalchemy as sa
from flask import Flask
from flask_rewind.errors import BadRequest, NotKept, Refused
from histories import History

MakeApp = Callable[..., Flask]

CREATE = """
op.create_table(
    "post",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("title", sa.String(60)),
    sa.Column("lead", sa.String(60), nullable=False),
    sa.Column("mood", sa.String(60), nullable=False, server_default="calm"),
    mysql_charset="utf8mb4",
)
"""
PAIR = """
op.create_table(
    "pair",
    sa.Column("a", sa.Integer, primary_key=True),
    sa.Column("b", sa.String(9), primary_key=True),
    sa.Column("word", sa.String(9)),
    mysql_charset="utf8mb4",
)
"""
DROPS = 'op.drop_column("post", "title")\nop.drop_column("post", "lead")\nop.drop_column("post", "mood")'
ADDS = (
    'op.add_column("post", sa.Column("title", sa.String(60)))\n'
    'op.add_column("post", sa.Column("lead", sa.String(60), nullable=False))\n'
    'op.add_column("post", sa.Column("mood", sa.String(60), nullable=False, server_default="calm"))'
)


@pytest.fixture
def blog(make_app: MakeApp, database_url: str) -> History:
    made = History(make_app(database_url, config={"REWIND_SQLITE_COPIES": 0}))
    made.revision(CREATE + PAIR, 'op.drop_table("pair")\nop.drop_table("post")')
    made.revision(DROPS + '\nop.drop_table("pair")', PAIR + ADDS)
    flask_rewind.upgrade(revision="1")
    made.run("INSERT INTO post (id, title, lead, mood) VALUES (1, '轻博', 'one', 'glad'), (2, 'b', 'two', 'sad')")
    made.run("INSERT INTO pair (a, b, word) VALUES (1, 'x', 'w'), (1, 'y', 'w'), (2, 'it''s', 'w')")
    flask_rewind.upgrade()
    return made


def test_the_attic_says_how_much_it_keeps(blog: History, engine_name: str) -> None:
    kept = {each.place: (each.rows, each.bytes) for each in flask_rewind.attic()}
    assert kept["pair"][0] == 3
    assert kept["post.title"][0] == 2
    exact = 7 if engine_name != "postgresql" else 9  # with one byte for the length of each
    assert kept["post.title"][1] == exact
    assert "2 rows, " in blog.app.test_cli_runner().invoke(args=["db", "attic"]).stdout


def test_one_row_is_forgotten_and_the_others_return(blog: History) -> None:
    done = blog.app.test_cli_runner().invoke(args=["db", "purge", "--row", "post", "1", "--yes"])
    assert done.stdout.count("Purged") == 3
    flask_rewind.purge(row=("pair", "1,y"))
    flask_rewind.purge(row=("pair", "2,it's"))
    assert flask_rewind.log(limit=1)[0].target == "row 2,it's of pair"
    flask_rewind.downgrade(fill={"post.lead": "'?'"})
    query = "SELECT id, title, lead, mood FROM post ORDER BY id"
    assert blog.rows(query) == [(1, None, "?", "calm"), (2, "b", "two", "sad")]
    assert blog.rows("SELECT a, b FROM pair") == [(1, "x")]


@pytest.mark.parametrize(
    ("row", "error"),
    [(("post", "9"), NotKept), (("nowhere", "1"), NotKept), (("post", "x"), BadRequest), (("pair", "1"), BadRequest)],
)
def test_a_row_that_is_none_is_refused(blog: History, row: tuple[str, str], error: type[Exception]) -> None:
    before = flask_rewind.attic()
    with pytest.raises(error):
        flask_rewind.purge(row=row)
    assert flask_rewind.attic() == before


def test_leaving_asks_what_becomes_of_the_attic(blog: History) -> None:
    with pytest.raises(Refused, match="the attic keeps 4 things"):
        flask_rewind.eject()
    with pytest.raises(BadRequest):
        flask_rewind.eject(purge=True, restore=True)
    assert len(flask_rewind.attic()) == 4


def own_names(blog: History) -> list[str]:
    inspector = sa.inspect(blog.engine)
    names = inspector.get_table_names()
    names += [f"{table}.{each['name']}" for table in names for each in inspector.get_columns(table)]
    return [name for name in names if "rewind" in name or "_attic_" in name]


def test_leaving_with_purge_leaves_nothing(blog: History) -> None:
    runner = blog.app.test_cli_runner()
    assert runner.invoke(args=["db", "eject", "--purge"], input="n\n").exit_code == 1
    done = runner.invoke(args=["db", "eject", "--purge", "--yes"])
    assert "Purged post.title (column)" in done.stdout
    assert own_names(blog) == []
    assert not sa.inspect(blog.engine).has_table("pair")
    assert flask_rewind.status()[0].current == ("2",)


def test_leaving_with_restore_shows_everything_again(blog: History) -> None:
    blog.run("INSERT INTO post (id) VALUES (3)")
    blog.run("CREATE TABLE pair (id INTEGER)")
    blog.run("ALTER TABLE post ADD COLUMN title INTEGER")
    ejected = {each.kept.place: each.now for each in flask_rewind.eject(restore=True)}
    assert ejected["post.lead"] == "post.lead"
    title, pair = ejected["post.title"].split(".")[1], ejected["pair"]
    assert title.startswith("title_attic_")
    rows = blog.rows(f"SELECT id, {title}, lead, mood FROM post ORDER BY id")
    assert rows == [(1, "轻博", "one", "glad"), (2, "b", "two", "sad"), (3, None, None, "calm")]
    assert blog.rows(f"SELECT count(*) FROM {pair}") == [(3,)]
    assert [name for name in own_names(blog) if name.startswith(("_attic_", "rewind_")) or "._attic_" in name] == []


def test_leaving_an_empty_attic_needs_no_answer(blog: History) -> None:
    flask_rewind.downgrade()
    assert flask_rewind.eject() == ()
    assert own_names(blog) == []
    flask_rewind.upgrade()
    assert len(flask_rewind.log()) == 1
