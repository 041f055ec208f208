"""The app's own INSERT without columns, while a column of its table is hidden: the plan warns of it."""

from collections.abc import Callable

import flask_rewind
import pytest
import sqlalchemy as sa
from flask import Flask
from histories import History, in_batch

MakeApp = Callable[..., Flask]

pytestmark = pytest.mark.slow

INSERT = "INSERT INTO p VALUES (2, 2)"


@pytest.fixture
def blog(make_app: MakeApp, database_url: str) -> History:
    made = History(make_app(database_url, config={"REWIND_SQLITE_COPIES": 0}))
    columns = 'sa.Column("id", sa.Integer, primary_key=True), sa.Column("x", sa.Integer), sa.Column("n", sa.Integer)'
    made.revision(f'op.create_table("p", {columns})', 'op.drop_table("p")')
    flask_rewind.upgrade()
    made.run("INSERT INTO p (id, x, n) VALUES (1, 1, 1)")
    return made


def drop(blog: History, column: str, *, batch: bool) -> None:
    up = in_batch(f'drop_column("{column}")').replace('"post"', '"p"') if batch else f'op.drop_column("p", "{column}")'
    blog.revision(up, f'op.add_column("p", sa.Column("{column}", sa.Integer))')


@pytest.mark.parametrize("batch", [False, True])
def test_a_plan_says_what_becomes_of_it(blog: History, engine_name: str, batch: bool) -> None:
    drop(blog, "x", batch=batch)
    what = {"sqlite": "fails", "postgresql": "writes into it, and into the wrong columns after it", "mariadb": ""}
    does = what[engine_name]
    said = f"While p.x is hidden, an INSERT into its table that names no columns {does}. Let the app name the columns."
    warnings = flask_rewind.plan().warnings
    assert warnings == ((said,) if what[engine_name] else ())
    shown = blog.app.test_cli_runner().invoke(args=["db", "plan"]).stdout
    assert (said in shown) == bool(what[engine_name])
    flask_rewind.upgrade()
    assert flask_rewind.plan().warnings == ()  # no crossing is planned
    if engine_name == "sqlite":
        with pytest.raises(sa.exc.OperationalError, match="has 3 columns but 2 values"):
            blog.run(INSERT)
    else:
        blog.run(INSERT)
        assert blog.rows("SELECT n FROM p WHERE id = 2") == [(2 if engine_name == "mariadb" else None,)]


def test_nothing_is_said_where_it_is_harmless(blog: History, engine_name: str) -> None:
    drop(blog, "n", batch=False)  # the last column: the app's values are for the visible columns
    said = flask_rewind.plan().warnings
    assert bool(said) == (engine_name == "sqlite")
    flask_rewind.upgrade()
    if engine_name != "sqlite":
        blog.run(INSERT)
        assert blog.rows("SELECT x FROM p WHERE id = 2") == [(2,)]
        flask_rewind.downgrade()
        assert blog.rows("SELECT x, n FROM p WHERE id = 2") == [(2, None)]


def test_nothing_is_said_of_a_table(blog: History) -> None:
    blog.revision('op.drop_table("p")', 'op.create_table("p", sa.Column("id", sa.Integer, primary_key=True))')
    assert flask_rewind.plan().warnings == ()
