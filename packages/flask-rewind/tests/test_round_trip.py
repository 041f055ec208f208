"""Scripts of `migrate` run up, down and up again on every engine, with rows in the tables."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import flask_rewind
import pytest
import sqlalchemy as sa
from flask import Flask
from flask_rewind.errors import DefaultNeeded
from schema_texts import schema_texts

MakeApp = Callable[..., Flask]

pytestmark = pytest.mark.slow


def blog(db: Any) -> None:
    """A plain blog: unnamed constraints, indexes on foreign keys, an enum."""

    class User(db.Model):
        id = sa.Column(sa.Integer, primary_key=True)
        name = sa.Column(sa.String(50), unique=True)

    class Post(db.Model):
        id = sa.Column(sa.Integer, primary_key=True)
        user_id = sa.Column(sa.ForeignKey("user.id"), index=True, nullable=False)
        status = sa.Column(sa.Enum("draft", "public", name="post_status"))

    class Comment(db.Model):
        id = sa.Column(sa.Integer, primary_key=True)
        post_id = sa.Column(sa.ForeignKey("post.id"), index=True)
        status = sa.Column(sa.Enum("draft", "public", name="post_status"))
        stars = sa.Column(sa.Integer)
        __table_args__ = (sa.CheckConstraint("stars > 0"),)


def grown_blog(db: Any) -> None:
    """The same, a year later."""

    class User(db.Model):
        id = sa.Column(sa.Integer, primary_key=True)
        name = sa.Column(sa.String(50))
        email = sa.Column(sa.String(80), unique=True)

    class Post(db.Model):
        id = sa.Column(sa.Integer, primary_key=True)
        user_id = sa.Column(sa.ForeignKey("user.id"), index=True, nullable=False)
        editor_id = sa.Column(sa.ForeignKey("user.id"), index=True)
        status = sa.Column(sa.Enum("draft", "public", name="post_status"))
        kind = sa.Column(sa.Enum("note", "link", name="post_kind"))
        views = sa.Column(sa.Integer, nullable=False, server_default="0")


def start(make_app: MakeApp, url: str, models: Any = blog) -> sa.Engine:
    app = make_app(url, models)
    flask_rewind.init()
    flask_rewind.migrate(message="first")
    flask_rewind.upgrade()
    engine: sa.Engine = app.extensions["db"].engine
    with engine.begin() as connection:
        connection.execute(sa.text("INSERT INTO \"user\" (id, name) VALUES (1, 'a')".replace('"', quote(engine))))
        connection.execute(sa.text("INSERT INTO post (id, user_id, status) VALUES (1, 1, 'draft')"))
    return engine


def quote(engine: sa.Engine) -> str:
    return "`" if engine.dialect.name == "mysql" else '"'


def tables(engine: sa.Engine) -> set[str]:
    """Return the visible tables."""
    return {name for name in sa.inspect(engine).get_table_names() if not name.startswith(("_attic_", "rewind_"))}


def down_and_up(engine: sa.Engine, *, down: str = "-1", times: int = 1) -> None:
    """Go down and up again, and check that the database's own text of the schema is as before."""
    before = schema_texts(engine)
    for _ in range(times):
        flask_rewind.downgrade(revision=down)
        flask_rewind.upgrade()
        assert schema_texts(engine) == before
        flask_rewind.check()


def enum_types(engine: sa.Engine) -> list[str]:
    if engine.dialect.name != "postgresql":
        return []
    with engine.connect() as connection:
        names = connection.scalars(sa.text("SELECT typname FROM pg_type WHERE typtype = 'e' ORDER BY 1"))
        return [name for name in names if not name.startswith("_attic_")]


def test_a_first_revision_goes_down_and_up_again_with_rows(make_app: MakeApp, database_url: str) -> None:
    engine = start(make_app, database_url)
    flask_rewind.downgrade(revision="base")
    assert tables(engine) == {"alembic_version"}
    assert enum_types(engine) == []
    flask_rewind.upgrade()
    flask_rewind.check()
    assert tables(engine) == {"alembic_version", "comment", "post", "user"}


def test_a_second_revision_goes_down_and_up_again_with_rows(make_app: MakeApp, database_url: str) -> None:
    start(make_app, database_url)
    engine = make_app(database_url, grown_blog).extensions["db"].engine
    flask_rewind.migrate(message="second")
    flask_rewind.upgrade()
    flask_rewind.check()
    assert enum_types(engine) in ([], ["post_kind", "post_status"])
    flask_rewind.downgrade()
    assert enum_types(engine) in ([], ["post_status"])
    flask_rewind.upgrade()
    flask_rewind.check()
    down_and_up(engine, down="base")


def test_a_revision_that_takes_everything_back_goes_both_ways(make_app: MakeApp, database_url: str) -> None:
    engine = start(make_app, database_url, grown_blog_with_title)
    before = schema_texts(engine)
    engine = make_app(database_url, blog).extensions["db"].engine
    flask_rewind.migrate(message="smaller")
    flask_rewind.upgrade()
    flask_rewind.check()
    down_and_up(engine)
    flask_rewind.downgrade()
    assert schema_texts(engine) == before


def grown_blog_with_title(db: Any) -> None:
    grown_blog(db)

    class Page(db.Model):
        id = sa.Column(sa.Integer, primary_key=True)
        title = sa.Column(sa.String(20), nullable=False)
        post_id = sa.Column(sa.ForeignKey("post.id"), index=True)
        shape = sa.Column(sa.Enum("wide", "tall", name="page_shape"))


def test_a_not_null_column_comes_back_to_a_table_with_rows(make_app: MakeApp, database_url: str) -> None:
    def with_column(db: Any) -> None:
        class Note(db.Model):
            id = sa.Column(sa.Integer, primary_key=True)
            title = sa.Column(sa.String(20), nullable=False)

    def without(db: Any) -> None:
        class Note(db.Model):
            id = sa.Column(sa.Integer, primary_key=True)

    engine = make_app(database_url, with_column).extensions["db"].engine
    flask_rewind.init()
    flask_rewind.migrate()
    flask_rewind.upgrade()
    with engine.begin() as connection:
        connection.execute(sa.text("INSERT INTO note (id, title) VALUES (1, 'x')"))
    before = schema_texts(engine)
    make_app(database_url, without)
    flask_rewind.migrate()
    flask_rewind.upgrade()
    flask_rewind.downgrade()
    assert schema_texts(engine) == before
    column = next(each for each in sa.inspect(engine).get_columns("note") if each["name"] == "title")
    assert (column["nullable"], column["default"]) == (False, None)
    flask_rewind.upgrade()


class NotNull:
    """Models before and after a NOT NULL column was added."""

    @staticmethod
    def before(db: Any) -> None:
        class Note(db.Model):
            id = sa.Column(sa.Integer, primary_key=True)

    @staticmethod
    def after(db: Any) -> None:
        class Note(db.Model):
            id = sa.Column(sa.Integer, primary_key=True)
            subtitle = sa.Column(sa.String(20), nullable=False)


def filled_note(make_app: MakeApp, url: str) -> sa.Engine:
    engine: sa.Engine = make_app(url, NotNull.before).extensions["db"].engine
    flask_rewind.init()
    flask_rewind.migrate()
    flask_rewind.upgrade()
    with engine.begin() as connection:
        connection.execute(sa.text("INSERT INTO note (id) VALUES (1)"))
    make_app(url, NotNull.after)
    return engine


def test_a_not_null_column_for_a_filled_table_is_refused_and_the_default_named(
    make_app: MakeApp, database_url: str, tmp_path: Path
) -> None:
    filled_note(make_app, database_url)
    before = sorted((tmp_path / "migrations/versions").glob("*.py"))
    with pytest.raises(DefaultNeeded) as error:
        flask_rewind.migrate()
    assert error.value.message == (
        "note.subtitle is NOT NULL without a server_default, and note has 1 rows that would have no value for it."
    )
    assert "subtitle: server_default=sa.text(\"''\")" in error.value.hint
    assert sorted((tmp_path / "migrations/versions").glob("*.py")) == before


def test_the_answer_fills_the_rows_once_and_leaves_no_default(make_app: MakeApp, database_url: str) -> None:
    engine = filled_note(make_app, database_url)
    flask_rewind.migrate(ask=lambda question: "'none yet'")
    flask_rewind.upgrade()
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT subtitle FROM note")) == "none yet"
    column = sa.inspect(engine).get_columns("note")[1]
    assert (column["nullable"], column["default"]) == (False, None)
    flask_rewind.check()
    flask_rewind.downgrade()
    flask_rewind.upgrade()


def test_without_changes_no_file_is_written_however_often(make_app: MakeApp, database_url: str, tmp_path: Path) -> None:
    start(make_app, database_url)
    for _ in range(2):
        assert flask_rewind.migrate() is None
        flask_rewind.check()
        flask_rewind.upgrade()
    assert len(list((tmp_path / "migrations/versions").glob("*.py"))) == 1


def test_the_names_a_script_gives_do_not_stay_in_the_models(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app(f"sqlite:///{tmp_path}/a.db", blog)
    flask_rewind.init()
    flask_rewind.migrate()
    table = app.extensions["db"].metadata.tables["post"]
    assert {key.name for key in table.foreign_key_constraints} == {None}


def test_an_index_added_later_under_a_foreign_key_can_be_taken_back(make_app: MakeApp, database_url: str) -> None:
    def models(indexed: bool) -> Any:
        def define(db: Any) -> None:
            class User(db.Model):
                id = sa.Column(sa.Integer, primary_key=True)

            class Post(db.Model):
                id = sa.Column(sa.Integer, primary_key=True)
                user_id = sa.Column(sa.ForeignKey("user.id"), index=indexed)

        return define

    make_app(database_url, models(indexed=False))
    flask_rewind.init()
    flask_rewind.migrate()
    flask_rewind.upgrade()
    engine = make_app(database_url, models(indexed=True)).extensions["db"].engine
    flask_rewind.migrate()
    flask_rewind.upgrade()
    flask_rewind.check()
    down_and_up(engine, times=2)


def test_a_revision_written_on_sqlite_runs_on_the_others(make_app: MakeApp, database_url: str, tmp_path: Path) -> None:
    make_app(f"sqlite:///{tmp_path}/first.db", blog)
    flask_rewind.init()
    flask_rewind.migrate()
    flask_rewind.upgrade()
    make_app(f"sqlite:///{tmp_path}/first.db", grown_blog)
    flask_rewind.migrate()
    engine = make_app(database_url, grown_blog).extensions["db"].engine
    for _ in range(2):
        flask_rewind.upgrade()
        flask_rewind.check()
        flask_rewind.downgrade(revision="base")
    assert tables(engine) == {"alembic_version"}
    assert enum_types(engine) == []


class Shrinking:
    """A table is dropped together with the column that referred to it."""

    @staticmethod
    def before(db: Any) -> None:
        class Category(db.Model):
            id = sa.Column(sa.Integer, primary_key=True)

        class Post(db.Model):
            id = sa.Column(sa.Integer, primary_key=True)
            category_id = sa.Column(sa.ForeignKey("category.id"), index=True)

    @staticmethod
    def after(db: Any) -> None:
        class Post(db.Model):
            id = sa.Column(sa.Integer, primary_key=True)


class Joining:
    """A foreign key refers to a column that becomes unique in the same revision; another key becomes unique itself."""

    @staticmethod
    def before(db: Any) -> None:
        class Zed(db.Model):
            id = sa.Column(sa.Integer, primary_key=True)
            code = sa.Column(sa.String(9))

        class Abc(db.Model):
            id = sa.Column(sa.Integer, primary_key=True)
            zcode = sa.Column(sa.String(9))
            owner_id = sa.Column(sa.ForeignKey("zed.id"))

    @staticmethod
    def after(db: Any) -> None:
        class Zed(db.Model):
            id = sa.Column(sa.Integer, primary_key=True)
            code = sa.Column(sa.String(9), unique=True)

        class Abc(db.Model):
            id = sa.Column(sa.Integer, primary_key=True)
            zcode = sa.Column(sa.String(9), sa.ForeignKey("zed.code"))
            owner_id = sa.Column(sa.ForeignKey("zed.id"), unique=True)


class Alike:
    """Names that would be equal without a separator between table and column; an enum with a quote; unusual types."""

    @staticmethod
    def before(db: Any) -> None:
        class Order(db.Model):
            id = sa.Column(sa.Integer, primary_key=True)
            item_number = sa.Column(sa.Integer, unique=True)

        class OrderItem(db.Model):
            id = sa.Column(sa.Integer, primary_key=True)
            number = sa.Column(sa.Integer, unique=True)
            mood = sa.Column(sa.Enum("it's", "b", name="mood"), nullable=False)
            at = sa.Column(sa.TIMESTAMP, nullable=False, server_default=sa.func.now())

    @staticmethod
    def after(db: Any) -> None:
        class Order(db.Model):
            id = sa.Column(sa.Integer, primary_key=True)
            item_number = sa.Column(sa.Integer, unique=True)

        class OrderItem(db.Model):
            id = sa.Column(sa.Integer, primary_key=True)
            number = sa.Column(sa.Integer, unique=True)


@pytest.mark.parametrize("models", [Shrinking, Joining, Alike])
def test_changes_across_tables_go_both_ways(make_app: MakeApp, database_url: str, models: Any) -> None:
    make_app(database_url, models.before)
    flask_rewind.init()
    flask_rewind.migrate()
    flask_rewind.upgrade()
    engine = make_app(database_url, models.after).extensions["db"].engine
    if models is Alike:
        with engine.begin() as connection:
            connection.execute(sa.text("INSERT INTO order_item (id, mood) VALUES (1, 'b')"))
    flask_rewind.migrate()
    flask_rewind.upgrade()
    flask_rewind.check()
    down_and_up(engine)
    down_and_up(engine, down="base")


def test_a_foreign_key_that_goes_leaves_no_index_behind(make_app: MakeApp, database_url: str) -> None:
    def models(linked: bool) -> Any:
        def define(db: Any) -> None:
            class User(db.Model):
                id = sa.Column(sa.Integer, primary_key=True)

            class Post(db.Model):
                id = sa.Column(sa.Integer, primary_key=True)
                user_id = sa.Column(sa.Integer, *([sa.ForeignKey("user.id")] if linked else []))

        return define

    make_app(database_url, models(linked=True))
    flask_rewind.init()
    flask_rewind.migrate()
    flask_rewind.upgrade()
    engine = make_app(database_url, models(linked=False)).extensions["db"].engine
    before = schema_texts(engine)
    flask_rewind.migrate()
    for _ in range(2):
        flask_rewind.upgrade()
        flask_rewind.check()
        flask_rewind.downgrade()
        assert schema_texts(engine) == before
