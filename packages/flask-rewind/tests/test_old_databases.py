"""Databases that a former version of Flask-Rewind has moved: they still move, and every hidden thing returns.

`make_dumps.py` makes the dumps in ``old_databases``; `old_history` is the history that the former version moved over.
"""

from collections.abc import Callable

import flask_rewind
import old_history
import pytest
import sqlalchemy as sa
from flask import Flask
from histories import History, everything, steps

MakeApp = Callable[..., Flask]

pytestmark = pytest.mark.sqlite_first

NAMES = {"post_mood", "post_code", "post_score", "post_author", "note_post", "note_body", "mark_note", "badge_author"}
"""Indexes and constraints that were dropped with hidden things in the dumps, on every engine, except `author_name`."""


@pytest.fixture
def blog(make_app: MakeApp, database_url: str, engine_name: str) -> History:
    old_history.load(engine_name, database_url)
    blog = History(make_app(database_url, config={"REWIND_SQLITE_COPIES": 0}))
    for up, down in old_history.revisions(engine_name):
        blog.revision(up, down)
    return blog


def own_columns(blog: History) -> set[str]:
    return {each["name"] for each in sa.inspect(blog.engine).get_columns("rewind_attic")}


def names_on(blog: History, *tables: str) -> set[str]:
    """Return the names of all indexes and constraints of these tables."""
    inspector = sa.inspect(blog.engine)
    readers = ("get_indexes", "get_unique_constraints", "get_foreign_keys", "get_check_constraints")
    return {str(each["name"]) for table in tables for read in readers for each in getattr(inspector, read)(table)}


def test_it_is_listed_without_a_change(blog: History, engine_name: str) -> None:
    before = own_columns(blog)
    assert {each.place: each.kind for each in flask_rewind.attic()} == old_history.hidden(engine_name)
    assert own_columns(blog) == before
    assert not before & {"layout", "engine"}
    assert [each.command for each in flask_rewind.log()] == ["downgrade", "upgrade", "upgrade"]
    assert flask_rewind.status()[0].current == (old_history.LEFT_AT,)


def test_a_plan_of_it_is_what_the_move_does(blog: History) -> None:
    before = own_columns(blog)
    plan = flask_rewind.plan(revision="head")
    assert own_columns(blog) == before
    flask_rewind.upgrade()
    assert steps(plan.crossings) == steps(flask_rewind.log()[0].crossings)


def test_what_the_way_down_hid_returns_on_the_way_up(blog: History) -> None:
    flask_rewind.upgrade()
    assert blog.rows("SELECT id, extra FROM post ORDER BY id") == [(1, None), (2, None), (3, "new")]
    assert {"layout", "engine"} <= own_columns(blog)
    assert set(blog.rows("SELECT layout, engine FROM rewind_attic")) == {(1, "")}


def test_everything_returns_and_is_hidden_again(blog: History, engine_name: str) -> None:
    flask_rewind.upgrade()
    flask_rewind.downgrade(revision="1", fill=old_history.FILL)
    assert flask_rewind.attic()[0].place == "post.extra"
    first = old_history.rows_at_first(engine_name)
    assert {query: blog.rows(query) for query in first} == first
    assert names_on(blog, "post", "note", "mark", "badge", "author") >= {*NAMES, "author_name"}
    before = everything(blog.engine)
    flask_rewind.upgrade()
    assert blog.rows("SELECT id, extra FROM post ORDER BY id") == [(1, None), (2, None), (3, "new")]
    assert {each.place for each in flask_rewind.attic()} == old_history.hidden(engine_name).keys() - {"post.extra"}
    flask_rewind.downgrade(revision="1")
    assert everything(blog.engine) == before


def test_it_goes_back_by_the_journal_too(blog: History, engine_name: str) -> None:
    flask_rewind.upgrade()
    flask_rewind.downgrade(revision="1", from_journal=True, fill=old_history.FILL)
    first = old_history.rows_at_first(engine_name)
    assert {query: blog.rows(query) for query in first} == first


def test_it_is_purged(blog: History, engine_name: str) -> None:
    purged = flask_rewind.purge(everything=True)
    assert {each.place for each in purged} == {*old_history.hidden(engine_name)}
    assert flask_rewind.attic() == ()
