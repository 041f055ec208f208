"""What was made while something of its name was hidden, for example by ``db.create_all()``."""

from collections.abc import Callable
from typing import Any

import flask_rewind
import pytest
import sqlalchemy as sa
from before_a_failure import BeforeAFailure
from flask import Flask
from flask_rewind import Refused
from histories import everything

pytestmark = pytest.mark.slow

MakeApp = Callable[..., Flask]


def models(db: Any) -> None:
    class Author(db.Model):
        id = sa.Column(sa.Integer, primary_key=True)
        name = sa.Column(sa.String(20), unique=True, index=True)

    class Tag(db.Model):
        id = sa.Column(sa.Integer, primary_key=True)
        author_id = sa.Column(sa.ForeignKey("author.id"), index=True)
        mood = sa.Column(sa.Enum("glad", "sad", name="mood"))


@pytest.fixture
def app(make_app: MakeApp, database_url: str) -> Flask:
    """An app whose tables are hidden, with a row in each."""
    made = make_app(database_url, models, config={"REWIND_SQLITE_COPIES": 0})
    flask_rewind.init()
    flask_rewind.migrate(rev_id="1")
    flask_rewind.upgrade()
    with made.extensions["db"].engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO author VALUES (1, 'Ann')")
        connection.exec_driver_sql("INSERT INTO tag VALUES (1, 1, 'glad')")
    flask_rewind.downgrade(revision="base")
    return made


def run(app: Flask, *statements: str) -> None:
    with app.extensions["db"].engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def refused(app: Flask, name: str) -> str:
    before = everything(app.extensions["db"].engine)
    with pytest.raises(Refused, match=f"^{name} cannot return: while it was hidden") as error:
        flask_rewind.upgrade()
    assert everything(app.extensions["db"].engine) == before
    assert "cannot return" in flask_rewind.plan().refused
    assert "another" in error.value.message
    assert "for example by db.create_all()" in error.value.message
    return error.value.hint


def test_create_all_while_tables_are_hidden_and_the_old_ones_are_wanted(app: Flask, engine_name: str) -> None:
    app.extensions["db"].create_all()
    hint = refused(app, "author")
    assert "To have the hidden table back, drop the other one (DROP TABLE)" in hint
    run(app, "DROP TABLE tag", "DROP TABLE author", *(["DROP TYPE mood"] if engine_name == "postgresql" else []))
    flask_rewind.upgrade()
    with app.extensions["db"].engine.connect() as connection:
        assert connection.execute(sa.text("SELECT name FROM author")).all() == [("Ann",)]
        assert connection.execute(sa.text("SELECT author_id, mood FROM tag")).all() == [(1, "glad")]
    assert not flask_rewind.attic()


def test_create_all_while_tables_are_hidden_and_the_new_ones_are_wanted(app: Flask) -> None:
    app.extensions["db"].create_all()
    hint = refused(app, "author")
    assert hint.endswith("flask db stamp 1. Then delete the hidden one permanently: flask db purge author")
    flask_rewind.stamp(revision="1")
    flask_rewind.purge(place="author")
    flask_rewind.purge(place="tag")
    flask_rewind.check()
    assert flask_rewind.status()[0].is_at_head


@pytest.mark.on("postgresql")
def test_a_type_of_its_name(app: Flask) -> None:
    run(app, "CREATE TYPE mood AS ENUM ('glad')")
    assert "drop the other one (DROP TYPE)" in refused(app, "mood")
    run(app, "DROP TYPE mood")
    flask_rewind.upgrade()


def test_a_column_of_its_name(make_app: MakeApp, database_url: str) -> None:
    case = BeforeAFailure(make_app, database_url)
    case.says("upgrade")
    case.run("ALTER TABLE post ADD slug VARCHAR(40)")
    said = case.fails("downgrade", code=3)
    assert "post.slug cannot return: while it was hidden (as _attic_1, by revision 2), another column of that" in said
    assert "To keep the schema as it is now: flask db stamp, with the revision below." in said
    case.run("ALTER TABLE post DROP COLUMN slug")
    case.says("downgrade")
    assert case.is_as_before()
