"""Messages show commands as the user can type them."""

import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from flask import Flask
from flask.cli import FlaskGroup, ScriptInfo
from flask_rewind import Rewind, RewindError, database_commands
from flask_rewind.errors import RevisionNotFound
from flask_sqlalchemy import SQLAlchemy


@click.group("blog")
@click.option("--home")
@click.option("--loud", is_flag=True)
def blog(home: str | None, loud: bool) -> None:
    """Act as the command line of another program."""


@blog.command("stop")
def stop() -> None:
    """Fail outside the group."""
    raise RewindError("No.", "Type: flask db upgrade")


schema = database_commands("schema")
blog.add_command(schema)


@pytest.fixture
def made(tmp_path: Path) -> Flask:
    app = Flask("made", root_path=str(tmp_path))
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    Rewind(app, SQLAlchemy(app), directory=str(tmp_path / "none"))
    return app


def said(app: Flask, *words: str, root: click.Group = blog) -> str:
    return CliRunner().invoke(root, list(words), obj=ScriptInfo(create_app=lambda: app)).output


def test_a_hint_has_the_program_the_group_and_the_options_that_were_given(made: Flask) -> None:
    asked = ("--home", "a b", "--loud", "schema", "-x", "k=v", "-d", "gone", "history")
    assert "Make one: blog --home 'a b' schema --directory gone --x-arg k=v init" in said(made, *asked)


def test_a_directory_given_to_the_command_is_repeated(made: Flask) -> None:
    assert "Make one: blog schema --directory gone init" in said(made, "schema", "history", "-d", "gone")


def test_a_hint_outside_the_group_leads_into_it(made: Flask) -> None:
    assert "Type: blog --home h schema upgrade" in said(made, "--home", "h", "stop")


def test_flask_itself_is_named_as_it_was_called(made: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    group = FlaskGroup(create_app=lambda: made)
    assert "Make one: flask db init" in said(made, "db", "history", root=group)


def test_an_error_without_a_command_line_says_it_as_it_is_written() -> None:
    error = RevisionNotFound("x", "List the revisions: flask db history")
    assert error.format_message() == "x\nList the revisions: flask db history"


@pytest.mark.parametrize(
    ("started", "name", "shown"),
    [
        ("/somewhere/bin/blog", "blog", "/somewhere/bin/blog"),
        (".venv/bin/blog", "blog", ".venv/bin/blog"),
        ("blog", "blog", "./blog"),
        ("sh", "sh", "./sh"),
        ("{sh}", "sh", "sh"),
        ("manage.py", "manage.py", "{python} manage.py"),
    ],
)
def test_the_program_is_named_so_that_it_is_found(
    made: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, started: str, name: str, shown: str
) -> None:
    (tmp_path / "path").mkdir()
    program = tmp_path / "path" / "sh"
    program.touch(mode=0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(program.parent))
    monkeypatch.setattr(sys, "argv", [started.format(sh=program), "schema"])
    runner = CliRunner()
    output = runner.invoke(blog, ["schema", "history"], obj=ScriptInfo(create_app=lambda: made), prog_name=name).output
    assert f"Make one: {shown.format(python=sys.executable)} schema init" in output
