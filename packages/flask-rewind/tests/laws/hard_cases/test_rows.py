"""Rows that the app writes while a column is hidden, and values that fill them."""

import flask_rewind
import pytest
from flask_rewind.errors import Refused
from hard_cases import made
from histories import History, everything

pytestmark = [pytest.mark.slow, pytest.mark.combinations]


def test_rows_emptied_in_between(blog: History) -> None:
    blog.revision('op.drop_column("post", "title")', 'op.add_column("post", sa.Column("title", sa.String(60)))')
    flask_rewind.upgrade()
    blog.run("DELETE FROM post")
    blog.run("INSERT INTO post (id, slug) VALUES (1, 'a')")
    flask_rewind.downgrade()
    assert blog.rows("SELECT id, title FROM post") == [(1, None)]


EMPTIED = [
    pytest.param("REPLACE INTO post (id, slug) VALUES (1, 'a')", marks=pytest.mark.on("sqlite", "mariadb")),
    pytest.param("TRUNCATE TABLE post; INSERT INTO post (id, slug) VALUES (1, 'a')", marks=pytest.mark.on("mariadb")),
    pytest.param(
        "TRUNCATE TABLE post RESTART IDENTITY; INSERT INTO post (slug) VALUES ('a')", marks=pytest.mark.on("postgresql")
    ),
]


@pytest.mark.parametrize("emptied", EMPTIED, ids=["replaced", "truncated", "truncated with its sequence"])
def test_rows_emptied_and_loaded_in_bulk_in_between(blog: History, emptied: str) -> None:
    blog.revision('op.drop_column("post", "title")', 'op.add_column("post", sa.Column("title", sa.String(60)))')
    flask_rewind.upgrade()
    made(blog, *emptied.split("; "))
    made(blog, "INSERT INTO post (id, slug) SELECT id + 10, NULL FROM post WHERE id = 1")
    flask_rewind.downgrade()
    assert blog.rows("SELECT id, title FROM post WHERE id <> 2 ORDER BY id") == [(1, None), (11, None)]


def test_rows_that_are_written_or_updated_in_one_statement(blog: History, engine_name: str) -> None:
    blog.revision('op.drop_column("post", "title")', 'op.add_column("post", sa.Column("title", sa.String(60)))')
    flask_rewind.upgrade()
    conflict = "ON DUPLICATE KEY UPDATE" if engine_name == "mariadb" else "ON CONFLICT (id) DO UPDATE SET"
    made(blog, f"INSERT INTO post (id, slug) VALUES (1, 'x'), (3, 'y') {conflict} slug = 'z'")
    flask_rewind.downgrade()
    assert blog.rows("SELECT id, slug, title FROM post ORDER BY id") == [
        (1, "z", "é 😀"),
        (2, "b", ""),
        (3, "y", None),
    ]


LEAD = 'sa.Column("lead", sa.String(9), nullable=False)'


def with_a_newborn_row(blog: History) -> None:
    """Create a table with a hidden NOT NULL column and a newborn row."""
    made(
        blog, "CREATE TABLE span (id INTEGER PRIMARY KEY, lead VARCHAR(9) NOT NULL)", "INSERT INTO span VALUES (1, 'a')"
    )
    blog.revision('op.drop_column("span", "lead")', f'op.add_column("span", {LEAD})')
    flask_rewind.upgrade()
    blog.run("INSERT INTO span (id) VALUES (2)")


# SQLite allows values that are longer than their type.
TOO_LONG = pytest.param("'much too long a word'", marks=pytest.mark.on("mariadb", "postgresql"))


@pytest.mark.parametrize("fill", ["(", "NULL", "NULLIF('x', 'x')", TOO_LONG])
def test_a_fill_that_gives_no_value_is_named(blog: History, fill: str) -> None:
    with_a_newborn_row(blog)
    before = everything(blog.engine)
    with pytest.raises(Refused, match=r"span\.lead|rows of span") as refused:
        flask_rewind.downgrade(fill={"span.lead": fill})
    assert "--fill" in refused.value.hint
    assert "purge" not in refused.value.hint
    assert everything(blog.engine) == before
    flask_rewind.downgrade(fill={"span.lead": "'x'"})
    assert blog.rows("SELECT lead FROM span ORDER BY id") == [("a",), ("x",)]


def test_a_fill_that_is_taken_back_leaves_null_what_was_null(blog: History) -> None:
    made(blog, "CREATE TABLE span (id INTEGER PRIMARY KEY, c INTEGER)", "INSERT INTO span VALUES (1, 5), (2, NULL)")
    add = 'op.add_column("span", sa.Column("c", sa.Integer, nullable=False))'
    path = blog.revision('op.drop_column("span", "c")', add)
    before = everything(blog.engine)
    flask_rewind.upgrade()
    blog.run("INSERT INTO span (id) VALUES (3)")
    hidden = everything(blog.engine)
    for _ in range(2):
        with pytest.raises(Refused, match="does not bring back"):
            flask_rewind.downgrade(fill={"span.c": "7"})
        assert everything(blog.engine) == hidden
    blog.run("INSERT INTO span (id) VALUES (4)")
    path.write_text(path.read_text().replace(", nullable=False", ""))
    flask_rewind.downgrade()
    assert blog.rows("SELECT id, c FROM span ORDER BY id") == [(1, 5), (2, None), (3, None), (4, None)]
    blog.run("DELETE FROM span WHERE id > 2")
    assert everything(blog.engine) == before


@pytest.mark.on("postgresql")
def test_a_fill_that_takes_long_is_no_refusal_of_a_plan(blog: History) -> None:
    with_a_newborn_row(blog)
    plan = flask_rewind.plan(revision="1", fill={"span.lead": "(SELECT 'x' FROM pg_sleep(4))"})
    assert plan.refused == ""
    assert "would hold its locks for too long" in plan.crossings[0].opaque


def test_what_a_refused_crossing_had_brought_back_is_hidden_since_the_first_time(blog: History) -> None:
    with_a_newborn_row(blog)
    blog.revision('op.drop_column("post", "title")', 'op.add_column("post", sa.Column("title", sa.String(60)))')
    flask_rewind.upgrade()
    blog.run("UPDATE rewind_attic SET hidden_at = '2020-02-02 02:02:02'")
    before = [(each.place, each.since) for each in flask_rewind.attic()]
    with pytest.raises(Refused):
        flask_rewind.downgrade(revision="1")
    blog.count = 1
    assert {since for _, since in before} == {"2020-02-02T02:02:02Z"}
    assert {since for place, since in before if place == "span.lead"} <= {each.since for each in flask_rewind.attic()}
