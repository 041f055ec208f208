"""Run the same commands with Flask-Migrate and Rewind on equal apps, and compare exit codes, files and databases.

Flask-Migrate is the reference: it makes the migrations directory, with which each of the two moves its own database.
"""

import contextlib
import logging
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import flask_migrate
import pytest
import sqlalchemy as sa
from flask import Flask
from flask_rewind import Rewind
from flask_rewind.logs import logging_kept

MakeApp = Callable[..., Flask]

# The env.py of Flask-Migrate asks Flask-SQLAlchemy the old way first.
pytestmark = pytest.mark.filterwarnings("ignore:'get_engine' is deprecated:DeprecationWarning")


def one(db: Any) -> None:
    class User(db.Model):
        id = sa.Column(sa.Integer, primary_key=True)
        name = sa.Column(sa.String(128), index=True)


def two(db: Any) -> None:
    class User(db.Model):
        id = sa.Column(sa.Integer, primary_key=True)
        name = sa.Column(sa.String(10), index=True)
        email = sa.Column(sa.String(128))


def with_bind(db: Any) -> None:
    one(db)

    class Group(db.Model):
        __bind_key__ = "db1"
        id = sa.Column(sa.Integer, primary_key=True)
        name = sa.Column(sa.String(128))


@pytest.fixture(autouse=True)
def _logging() -> Iterator[None]:
    """Flask-Migrate leaves every logger of the process disabled."""
    with logging_kept():
        yield


class Twins:
    """One app with Flask-Migrate and one with Rewind, otherwise equal."""

    def __init__(self, make_app: MakeApp, folder: Path, **options: Any) -> None:
        self.make_app, self.folder, self.options = make_app, folder, options

    def app(self, extension: Any, models: Any = one) -> Flask:
        home = self.folder / extension.__name__
        home.mkdir(exist_ok=True)
        options = {"directory": "migrations"} | self.options
        config = {"SQLALCHEMY_BINDS": {"db1": f"sqlite:///{home}/db1.db"}} if models is with_bind else {}
        app = self.make_app(f"sqlite:///{home}/app.db", models, extension=extension, config=config, **options)
        app.extensions["migrate"].migrate.configure(_print_where_it_is_captured)
        return app

    def run(self, words: str, models: Any = one) -> tuple[Any, Any]:
        """Run the command with both, and return the results."""
        results = []
        for extension in (flask_migrate.Migrate, Rewind):
            app = self.app(extension, models)
            with contextlib.chdir(self.folder / extension.__name__):
                results.append(
                    app.test_cli_runner().invoke(args=[app.extensions["migrate"].migrate.command, *words.split()])
                )
            logging.disable(logging.NOTSET)
        theirs, ours = results
        assert ours.exit_code == theirs.exit_code, (words, theirs.output, ours.output)
        assert self.files("Migrate") == self.files("Rewind"), words
        # If a command fails, Flask-Migrate may leave a new version table; Rewind leaves nothing.
        if ours.exit_code == 0:
            assert self.schema("Migrate") == self.schema("Rewind"), words
        return theirs, ours

    def write_index(self) -> None:
        """Write a revision that drops nothing in either direction."""
        for home in ("Migrate", "Rewind"):
            (self.folder / home / "migrations/versions/bbbb_.py").write_text(
                "from alembic import op\n\nrevision, down_revision = 'bbbb', 'aaaa'\n\n\n"
                "def upgrade():\n    op.create_index('ix_more', 'user', ['name'])\n\n\n"
                "def downgrade():\n    op.drop_index('ix_more', 'user')\n"
            )

    def files(self, name: str) -> list[str]:
        home = self.folder / name
        found = [
            path.relative_to(home) for path in home.rglob("*") if path.is_file() and "__pycache__" not in str(path)
        ]
        return sorted(str(path) for path in found if ".copies" not in str(path) and path.suffix != ".lease")

    def schema(self, name: str) -> dict[str, list[Any]]:
        found = {}
        for path in sorted((self.folder / name).glob("*.db")):
            engine = sa.create_engine(f"sqlite:///{path}")
            with engine.connect() as connection:
                rows = connection.execute(sa.text("SELECT name, sql FROM sqlite_master ORDER BY name")).all()
                version = connection.execute(sa.text("SELECT * FROM alembic_version")).all() if rows else []
            engine.dispose()
            found[path.name] = [*(visible(*row) for row in rows if not is_hidden(row.name)), *map(tuple, version)]
        return found


def is_hidden(name: str) -> bool:
    return name.startswith(("_attic_", "rewind_", "sqlite_autoindex__attic_"))


def visible(name: str, sql: str | None) -> tuple[str, str | None]:
    """Return what both must agree on: without hidden columns, spaces and quotes."""
    return name, re.sub(r",\s*_attic_\d+ [^,\n]*|\s|\"", "", sql) if sql else None


def _print_where_it_is_captured(config: Any) -> Any:
    config.stdout = sys.stdout  # Alembic uses the stdout at the time of its import
    return config


def same_text(theirs: Any, ours: Any) -> None:
    assert ours.stdout.strip() == theirs.stdout.strip()


def same_lines(theirs: Any, ours: Any) -> None:
    """Compare without regard to the order: Alembic's comes from a set."""
    assert sorted(ours.stdout.strip().splitlines()) == sorted(theirs.stdout.strip().splitlines())


@pytest.mark.parametrize(
    "options", [{}, {"directory": "temp_folder/temp_migrations"}, {"command": "database", "compare_type": False}]
)
def test_a_life_with_each(make_app: MakeApp, tmp_path: Path, options: dict[str, Any]) -> None:
    twins = Twins(make_app, tmp_path, **options)
    twins.run("init")
    twins.run("migrate --rev-id aaaa")
    twins.run("check")
    twins.run("upgrade")
    twins.run("check")
    twins.run("check", two)
    twins.run("migrate --rev-id bbbb -m grown", two)
    twins.run("upgrade", two)
    twins.run("revision --rev-id cccc -m empty")
    for words in (
        "history",
        "heads",
        "current",
        "branches",
        "history -v",
        "show bbbb",
        "history -r aaaa:bbbb",
        "heads -v",
    ):
        theirs, ours = twins.run(words)
        assert without_paths(ours.stdout) == without_paths(theirs.stdout)
    twins.run("upgrade")
    twins.run("downgrade", two)
    twins.run("downgrade aaaa", two)
    twins.run("stamp bbbb")
    twins.run("stamp aaaa --purge")
    twins.run("downgrade base")
    twins.run("upgrade +2")
    twins.run("upgrade")


def without_paths(text: str) -> list[str]:
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    return [line for line in lines if not re.search(r"Path:|Create Date:", line)]


def test_errors_have_the_same_exit_code(make_app: MakeApp, tmp_path: Path) -> None:
    twins = Twins(make_app, tmp_path)
    for words in (
        "upgrade",
        "init",
        "init",
        "upgrade nope",
        "show nope",
        "downgrade",
        "migrate --sql",
        "edit nope",
        "upgrade --nope",
    ):
        twins.run(words)


def test_branches_and_merge(make_app: MakeApp, tmp_path: Path) -> None:
    twins = Twins(make_app, tmp_path)
    twins.run("init")
    twins.run("revision --rev-id aaaa")
    twins.run("revision --rev-id bbbb --branch-label left")
    twins.run("revision --rev-id cccc --head aaaa --splice")
    same_lines(*twins.run("branches"))
    same_text(*twins.run("heads"))
    twins.run("upgrade")
    twins.run("upgrade heads")
    same_lines(*twins.run("current"))
    twins.run("downgrade left@-1")
    twins.run("merge --rev-id dddd -m join bbbb cccc")
    twins.run("upgrade")
    same_text(*twins.run("history"))


def test_sql_is_the_same(make_app: MakeApp, tmp_path: Path) -> None:
    twins = Twins(make_app, tmp_path)
    twins.run("init")
    twins.run("migrate --rev-id aaaa")
    same_text(*twins.run("upgrade --sql"))
    twins.write_index()
    same_text(*twins.run("upgrade --sql aaaa:bbbb"))
    same_text(*twins.run("downgrade --sql bbbb:aaaa"))
    same_text(*twins.run("stamp --sql head"))


def test_multidb(make_app: MakeApp, tmp_path: Path) -> None:
    twins = Twins(make_app, tmp_path)
    twins.run("init --multidb", with_bind)
    twins.run("migrate --rev-id aaaa", with_bind)
    twins.run("upgrade", with_bind)
    twins.run("check", with_bind)
    same_text(*twins.run("current", with_bind))
    twins.run("downgrade", with_bind)
    twins.run("upgrade --sql", with_bind)


TEMPLATE = {
    "README": "Custom.\n",
    "alembic.ini.mako": "# Custom ini\n",
    "script.py.mako": "# Custom script\n",
    "env.py": "# Custom env\n",
}


def test_a_custom_template(make_app: MakeApp, tmp_path: Path) -> None:
    source = Path(flask_migrate.__file__).parent / "templates/flask"
    custom = tmp_path / "custom"
    custom.mkdir()
    for name, mark in TEMPLATE.items():
        (custom / name).write_text(mark + (source / name).read_text())
    twins = Twins(make_app, tmp_path)
    twins.run(f"init -t {custom}")
    twins.run("migrate --rev-id aaaa")
    twins.run("upgrade")
    twins.run("downgrade")
    for name in ("migrations/README", "migrations/env.py", "migrations/versions/aaaa_.py"):
        assert "Custom" in (tmp_path / "Rewind" / name).read_text()


@pytest.mark.parametrize("words", ["init", "init --multidb"])
def test_a_directory_made_by_flask_migrate_runs_unedited(make_app: MakeApp, tmp_path: Path, words: str) -> None:
    models = with_bind if "multidb" in words else one
    twins = Twins(make_app, tmp_path)
    app = twins.app(flask_migrate.Migrate, models)
    with contextlib.chdir(tmp_path / "Migrate"):
        for command in (words, "migrate --rev-id aaaa", "upgrade"):
            assert app.test_cli_runner().invoke(args=["db", *command.split()]).exit_code == 0
    (tmp_path / "Rewind").mkdir()
    (tmp_path / "Migrate/migrations").rename(tmp_path / "Rewind/migrations")
    for path in (tmp_path / "Migrate").glob("*.db"):
        path.rename(tmp_path / "Rewind" / path.name)
    app = twins.app(Rewind, models)
    with contextlib.chdir(tmp_path / "Rewind"):
        for command in ("check", "migrate", "current", "downgrade", "upgrade", "check", "migrate"):
            result = app.test_cli_runner().invoke(args=["db", *command.split()])
            assert result.exit_code == 0, result.output
    assert len(list((tmp_path / "Rewind/migrations/versions").glob("*.py"))) == 1


@pytest.mark.parametrize("compare_type", [True, False])
def test_type_changes_are_said_on_stderr_where_asked_for(make_app: MakeApp, tmp_path: Path, compare_type: bool) -> None:
    twins = Twins(make_app, tmp_path, compare_type=compare_type)
    twins.run("init")
    twins.run("migrate --rev-id aaaa")
    twins.run("upgrade")
    theirs, ours = twins.run("migrate --rev-id bbbb", two)
    said = "Detected type change from VARCHAR(length=128) to String(length=10)"
    assert (said in theirs.stderr, said in ours.stderr) == (compare_type, compare_type)


def test_every_option_of_flask_migrate_is_there() -> None:
    from flask_migrate.cli import db as theirs
    from flask_rewind.cli import commands as ours

    for name, command in theirs.commands.items():
        known = {
            option
            for parameter in ours.commands[name].params
            for option in (*parameter.opts, *parameter.secondary_opts)
        }
        wanted = {option for parameter in command.params for option in parameter.opts if option.startswith("-")}
        assert wanted <= known, name


FUNCTIONS = (
    "list_templates init revision migrate edit merge upgrade downgrade show history heads branches current stamp check"
)


def test_every_function_of_flask_migrate_is_there() -> None:
    import inspect

    import flask_rewind

    for name in [
        "list_templates",
        "init",
        "revision",
        "migrate",
        "edit",
        "upgrade",
        "downgrade",
        "show",
        "history",
        "heads",
        "branches",
        "current",
        "stamp",
        "check",
    ]:
        theirs = inspect.signature(inspect.unwrap(getattr(flask_migrate, name))).parameters
        ours = inspect.signature(getattr(flask_rewind, name)).parameters
        assert list(ours)[: len(theirs)] == list(theirs), name
        assert [ours[each].default for each in theirs] == [each.default for each in theirs.values()], name
    assert flask_rewind.alembic_version == flask_migrate.alembic_version
    assert set(inspect.signature(flask_migrate.Migrate).parameters) - {"kwargs"} <= set(
        inspect.signature(Rewind).parameters
    )


def blog(db: Any) -> None:
    """For these models Flask-Migrate writes a revision whose downgrade fails on MariaDB, and its redo on PostgreSQL."""

    class User(db.Model):
        id = sa.Column(sa.Integer, primary_key=True)

    class Post(db.Model):
        id = sa.Column(sa.Integer, primary_key=True)
        user_id = sa.Column(sa.ForeignKey("user.id"), index=True)
        status = sa.Column(sa.Enum("draft", "public", name="post_status"))


def test_a_revision_of_flask_migrate_goes_down_and_up_where_its_own_command_fails(
    make_app: MakeApp, database_url: str, tmp_path: Path
) -> None:
    app = make_app(database_url, blog, extension=flask_migrate.Migrate)
    runner = app.test_cli_runner()
    for words in ("init", "migrate", "upgrade"):
        assert runner.invoke(args=["db", *words.split()]).exit_code == 0
    runner = make_app(database_url, blog).test_cli_runner()
    for words in ("downgrade", "upgrade", "check", "downgrade base", "upgrade"):
        result = runner.invoke(args=["db", *words.split()])
        assert result.exit_code == 0, result.output
