"""`migrate` writes a rename for what has a new name in the models, once it knows, and the values stay in sight."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import flask_rewind
import pytest
import sqlalchemy as sa
from flask import Flask
from flask_rewind.errors import BadRequest
from flask_rewind.generation.renamed_view import Rename
from sqlalchemy.types import TypeDecorator
from whole_database import whole_database

pytestmark = pytest.mark.slow

MakeApp = Callable[..., Flask]
Models = Callable[[Any], None]


def blog(posts: str = "posts", body: str = "body", author: str = "author_id", kind: Any = None) -> Models:
    """Authors and posts; the names of the table and of two of its columns can differ, and the type of the body."""

    def models(db: Any) -> None:
        sa.Table(
            "authors",
            db.metadata,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("name", sa.String(40), nullable=False),
        )
        sa.Table(
            posts,
            db.metadata,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column(author, sa.ForeignKey("authors.id", ondelete="CASCADE"), nullable=False, index=True),
            sa.Column("slug", sa.String(20), unique=True),
            sa.Column(body, kind or sa.String(200), nullable=False, server_default="-", comment="Markdown"),
            sa.Column("stars", sa.Integer, server_default="3"),
        )
        sa.Table(
            "comments",
            db.metadata,
            sa.Column("id", sa.Integer, primary_key=True),
            sa.Column("post_id", sa.ForeignKey(f"{posts}.id"), nullable=False),
        )

    return models


ROWS = [(1, 1, "a", "one", 3), (2, 1, "b", "two", 5), (3, 2, None, "-", None)]


@pytest.fixture
def renamed(make_app: MakeApp, database_url: str) -> Callable[..., str]:
    """Return a function that moves the blog to other models and back, and returns the script."""

    def run(after: Models, **options: Any) -> str:
        engine = make_app(database_url, blog()).extensions["db"].engine
        flask_rewind.init()
        flask_rewind.migrate()
        flask_rewind.upgrade()
        with engine.begin() as connection:
            connection.execute(sa.text("INSERT INTO authors (id, name) VALUES (1, 'Ada'), (2, 'Li')"))
            for row in ROWS:
                values = dict(zip(("id", "author_id", "slug", "body", "stars"), row, strict=True))
                connection.execute(sa.table("posts", *map(sa.column, values)).insert().values(values))
            connection.execute(sa.text("INSERT INTO comments (id, post_id) VALUES (1, 2), (2, 3)"))
        before = whole_database(engine)
        make_app(database_url, after)
        script = flask_rewind.migrate(**options)
        assert script is not None
        flask_rewind.upgrade()
        flask_rewind.check()
        flask_rewind.downgrade()
        assert whole_database(engine) == before
        flask_rewind.upgrade()
        flask_rewind.check()
        return Path(script.path).read_text()

    return run


def rows(app_models: Models, make_app: MakeApp, url: str, table: str) -> list[tuple[Any, ...]]:
    engine = make_app(url, app_models).extensions["db"].engine
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.text(f"SELECT * FROM {table} ORDER BY id"))]


def test_a_column_that_was_named_keeps_its_values(
    renamed: Callable[..., str], make_app: MakeApp, database_url: str
) -> None:
    script = renamed(blog(body="text"), rename={"posts.body": "posts.text"})
    assert script.count("new_column_name=") == 2
    assert "drop_" not in script
    assert "add_column" not in script
    assert rows(blog(body="text"), make_app, database_url, "posts") == ROWS


def test_a_foreign_key_under_an_index_follows_its_column(
    renamed: Callable[..., str], make_app: MakeApp, database_url: str
) -> None:
    script = renamed(blog(author="writer_id"), rename={"posts.author_id": "posts.writer_id"})
    assert "foreign" not in script.lower()
    assert "drop_column" not in script
    assert rows(blog(author="writer_id"), make_app, database_url, "posts") == ROWS


def test_a_table_and_its_columns_are_renamed_in_one_script(
    renamed: Callable[..., str], make_app: MakeApp, database_url: str
) -> None:
    after = blog("articles", "text", "writer_id")
    new = {
        "posts": "articles",
        "articles.body": "articles.text",
        "articles.author_id": "articles.writer_id",
    }
    script = renamed(after, rename=new)
    assert script.count("op.rename_table(") == 2
    for directive in ("create_table", "drop_table", "drop_column", "constraint"):
        assert directive not in script
    assert rows(after, make_app, database_url, "articles") == ROWS


def test_a_column_gets_its_new_name_and_its_new_type(
    renamed: Callable[..., str], make_app: MakeApp, database_url: str
) -> None:
    after = blog(body="text", kind=sa.Text())
    script = renamed(after, rename={"posts.body": "posts.text"})
    assert "type_=sa.Text()" in script
    assert rows(blog(body="text", kind=sa.Text()), make_app, database_url, "posts") == ROWS


def test_a_primary_key_goes_on_counting(make_app: MakeApp, database_url: str) -> None:
    def tags(key: str) -> Models:
        def models(db: Any) -> None:
            columns = sa.Column(key, sa.Integer, primary_key=True), sa.Column("name", sa.String(20))
            sa.Table("tags", db.metadata, *columns)

        return models

    make_app(database_url, tags("id"))
    flask_rewind.init()
    flask_rewind.migrate()
    flask_rewind.upgrade()
    app = make_app(database_url, tags("tag_id"))
    flask_rewind.migrate(rename={"tags.id": "tags.tag_id"})
    flask_rewind.upgrade()
    flask_rewind.check()
    with app.extensions["db"].engine.begin() as connection:
        for name in ("a", "b"):
            connection.execute(sa.text(f"INSERT INTO tags (name) VALUES ('{name}')"))
        assert connection.scalars(sa.text("SELECT tag_id FROM tags ORDER BY 1")).all() == [1, 2]


def test_generated_columns_and_checks_follow_the_column_they_use(make_app: MakeApp, database_url: str) -> None:
    def people(last: str) -> Models:
        def models(db: Any) -> None:
            sa.Table(
                "people",
                db.metadata,
                sa.Column("id", sa.Integer, primary_key=True),
                sa.Column(last, sa.String(20)),
                sa.Column("born", sa.Integer),
                sa.Column("loud", sa.String(20), sa.Computed(f"upper({last})", persisted=True)),
                sa.CheckConstraint(f"length({last}) > 1", name="long_enough"),
                sa.Index("by_both", last, "born"),
            )

        return models

    make_app(database_url, people("surname"))
    flask_rewind.init()
    flask_rewind.migrate()
    flask_rewind.upgrade()
    engine = make_app(database_url, people("family_name")).extensions["db"].engine
    with engine.begin() as connection:
        connection.execute(sa.text("INSERT INTO people (id, surname, born) VALUES (1, 'Li', 701)"))
    before = whole_database(engine)
    script = flask_rewind.migrate(rename={"people.surname": "people.family_name"})
    assert script is not None
    flask_rewind.upgrade()
    flask_rewind.check()
    with engine.begin() as connection:
        found = connection.execute(sa.text("SELECT family_name, born, loud FROM people")).all()
    assert found == [("Li", 701, "LI")]
    flask_rewind.downgrade()
    assert whole_database(engine) == before


def test_the_index_that_mariadb_made_for_a_nameless_key_stays(
    make_app: MakeApp, database_url: str, engine_name: str
) -> None:
    if engine_name != "mariadb":
        pytest.skip("only MariaDB makes an index for a foreign key")

    def nodes(parent: str) -> Models:
        def models(db: Any) -> None:
            key = sa.Column(parent, sa.ForeignKey("nodes.id"))
            sa.Table("nodes", db.metadata, sa.Column("id", sa.Integer, primary_key=True), key)

        return models

    engine = make_app(database_url, nodes("parent_id")).extensions["db"].engine
    with engine.begin() as connection:  # as the first script of Flask-Migrate makes it
        columns = (
            "id INTEGER AUTO_INCREMENT PRIMARY KEY, parent_id INTEGER, FOREIGN KEY (parent_id) REFERENCES nodes (id)"
        )
        connection.execute(sa.text(f"CREATE TABLE nodes ({columns})"))
    flask_rewind.init()
    assert flask_rewind.migrate() is None
    before = whole_database(engine)
    make_app(database_url, nodes("above_id"))
    script = flask_rewind.migrate(rename={"nodes.parent_id": "nodes.above_id"})
    assert script is not None
    flask_rewind.upgrade()
    flask_rewind.check()
    flask_rewind.downgrade()
    assert whole_database(engine).schema == before.schema


@pytest.fixture
def sqlite_blog(make_app: MakeApp, tmp_path: Path) -> Callable[[Models], Flask]:
    """Return a function that makes an app with other models on a database that has the blog."""
    url = f"sqlite:///{tmp_path}/app.db"
    make_app(url, blog())
    flask_rewind.init()
    flask_rewind.migrate()
    flask_rewind.upgrade()
    return lambda models: make_app(url, models)


def test_each_plausible_pair_is_asked_about_once(sqlite_blog: Callable[[Models], Flask]) -> None:
    asked: list[Rename] = []

    def ask(rename: Rename) -> bool:
        asked.append(rename)
        return rename.new == "text"

    sqlite_blog(blog(body="text", author="writer_id"))
    script = flask_rewind.migrate(ask_rename=ask)
    assert script is not None
    names = {(each.before, each.after) for each in asked}
    assert names == {("posts.body", "posts.text"), ("posts.author_id", "posts.writer_id")}
    text = Path(script.path).read_text()
    assert "new_column_name='text'" in text
    assert "drop_column('author_id')" in text


class Shouted(TypeDecorator[str]):
    """A type of the app that the database knows as text."""

    impl = sa.Text
    cache_ok = True


def test_a_type_of_the_app_is_compatible_with_the_type_that_the_database_has(
    sqlite_blog: Callable[[Models], Flask],
) -> None:
    asked: list[str] = []
    sqlite_blog(blog(body="text", kind=Shouted()))
    flask_rewind.migrate(ask_rename=lambda rename: asked.append(rename.after))
    assert asked == ["posts.text"]


def test_unlike_types_and_unlike_tables_are_not_asked_about(sqlite_blog: Callable[[Models], Flask]) -> None:
    asked: list[Rename] = []

    def models(db: Any) -> None:
        blog(body="weight", kind=sa.Float())(db)
        db.metadata.remove(db.metadata.tables["comments"])
        columns = (sa.Column(name, sa.String(20), primary_key=name == "code") for name in ("code", "name", "flag"))
        sa.Table("countries", db.metadata, *columns)

    sqlite_blog(models)
    flask_rewind.migrate(ask_rename=asked.append)  # type: ignore[arg-type]
    assert asked == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"posts.body": "posts.words"},
        {"posts.gone": "posts.text"},
        {"posts.body": "authors.text"},
        {"posts.slug": "posts.text"},
        {"posts": "articles"},
    ],
)
def test_a_rename_that_fits_nothing_is_refused_and_nothing_is_written(
    sqlite_blog: Callable[[Models], Flask], tmp_path: Path, wrong: dict[str, str]
) -> None:
    sqlite_blog(blog(body="text"))
    with pytest.raises(BadRequest, match=next(iter(wrong))):
        flask_rewind.migrate(rename=wrong)
    assert len(list((tmp_path / "migrations/versions").glob("*.py"))) == 1


def test_without_a_terminal_the_command_prints_what_to_type(sqlite_blog: Callable[[Models], Flask]) -> None:
    app = sqlite_blog(blog(body="text"))
    result = app.test_cli_runner().invoke(args=["db", "migrate"])
    assert result.exit_code == 0, result.output
    assert "posts.text may be posts.body with a new name." in result.stderr
    hint = "run: flask db migrate --rename posts.body=posts.text"
    assert hint in result.stderr


def test_with_several_databases_each_has_its_own_renames(make_app: MakeApp, tmp_path: Path) -> None:
    def notes(first: str, second: str) -> Flask:
        def models(db: Any) -> None:
            for name, column, options in (("notes", first, {}), ("letters", second, {"bind_key": "other"})):
                columns = sa.Column("id", sa.Integer, primary_key=True), sa.Column(column, sa.String(20))
                db.Table(name, *columns, **options)

        binds = {"SQLALCHEMY_BINDS": {"other": f"sqlite:///{tmp_path}/other.db"}}
        return make_app(f"sqlite:///{tmp_path}/first.db", models, config=binds)

    notes("body", "body")
    flask_rewind.init(multidb=True)
    flask_rewind.migrate()
    flask_rewind.upgrade()
    app = notes("body", "text")
    script = flask_rewind.migrate(rename={"letters.body": "letters.text"})
    assert script is not None
    assert Path(script.path).read_text().count("new_column_name=") == 2
    flask_rewind.upgrade()
    flask_rewind.check()
    engines = app.extensions["db"].engines
    for key, table, wanted in ((None, "notes", "body"), ("other", "letters", "text")):
        assert [column["name"] for column in sa.inspect(engines[key]).get_columns(table)] == ["id", wanted]


APP = """
import sys

import sqlalchemy as sa
from flask import Flask
from flask_rewind import Rewind
from flask_sqlalchemy import SQLAlchemy

app = Flask("blog")
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///{folder}/app.db"
db = SQLAlchemy(app)
Rewind(app, db)
sa.Table("posts", db.metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("{column}", sa.Text))
"""


def test_at_a_terminal_the_command_asks(tmp_path: Path) -> None:
    def run(column: str, words: str, answer: bytes = b"") -> str:
        (tmp_path / "app.py").write_text(APP.format(folder=tmp_path, column=column))
        keyboard, terminal = os.openpty()
        os.write(keyboard, answer)
        command = [sys.executable, "-m", "flask", "db", *words.split()]
        done = subprocess.run(command, cwd=tmp_path, stdin=terminal, capture_output=True, text=True, timeout=60)
        os.close(keyboard)
        os.close(terminal)
        assert done.returncode == 0, done.stderr
        return done.stdout

    for words in ("init", "migrate", "upgrade"):
        run("body", words)
    question = "The models have no posts.body any more, and posts.text is new. Is it a rename? [y/N]"
    assert question in run("text", "migrate --rev-id aaaa", b"y\n")
    (script,) = (tmp_path / "migrations/versions").glob("aaaa_*.py")
    assert "new_column_name='text'" in script.read_text()


def test_the_option_is_repeatable_and_its_form_is_checked(sqlite_blog: Callable[[Models], Flask]) -> None:
    runner = sqlite_blog(blog("articles", "text")).test_cli_runner()
    for wrong in ("posts.body", "posts.body=text", "=articles"):
        result = runner.invoke(args=["db", "migrate", "--rename", wrong])
        assert result.exit_code == 2
        assert "posts.body=posts.text" in result.stderr
    words = ["db", "migrate", "--rename", "posts=articles", "--rename", "articles.body=articles.text"]
    result = runner.invoke(args=words)
    assert result.exit_code == 0, result.output
    assert "may be" not in result.stderr


def test_an_empty_revision_takes_no_rename(sqlite_blog: Callable[[Models], Flask]) -> None:
    sqlite_blog(blog())
    with pytest.raises(BadRequest, match="--rename"):
        flask_rewind.revision(rename={"posts": "articles"})
