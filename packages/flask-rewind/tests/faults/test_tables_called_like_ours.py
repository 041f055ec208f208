"""A table of the app that is called like one of Flask-Rewind's: a message names it, and nothing is changed."""

from collections.abc import Callable

import flask_rewind
import pytest
import sqlalchemy as sa
from before_a_failure import POST, BeforeAFailure
from flask import Flask
from histories import History

pytestmark = pytest.mark.slow

MakeApp = Callable[..., Flask]
OWN = ("rewind_attic", "rewind_moves", "rewind_crossings", "rewind_steps")
COMMANDS: list[list[str]] = [
    ["upgrade"],
    ["downgrade"],
    ["checkout", "base"],
    ["plan"],
    ["status"],
    ["log"],
    ["attic"],
    ["stamp", "head"],
    ["purge", "--all", "--yes"],
    ["eject", "--yes"],
]


def fails_in_all_commands(app: Flask, table: str) -> None:
    for words in COMMANDS:
        result = app.test_cli_runner().invoke(args=["db", *words])
        assert result.exit_code == 3, result.output
        assert (
            f"refused: this database has a table {table} that is not Flask-Rewind's: it has no column " in result.output
        )
        assert (
            "Rename that table. Flask-Rewind keeps its records in tables of these names: rewind_attic" in result.output
        )


@pytest.mark.parametrize("table", OWN)
def test_a_database_that_has_one(make_app: MakeApp, database_url: str, table: str) -> None:
    blog = History(make_app(database_url))
    blog.revision(POST, 'op.drop_table("post")')
    blog.run(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, revision VARCHAR(9))")
    blog.run(f"INSERT INTO {table} VALUES (1, 'mine')")
    fails_in_all_commands(blog.app, table)
    assert sa.inspect(blog.engine).get_table_names() == [table]
    assert [each["name"] for each in sa.inspect(blog.engine).get_columns(table)] == ["id", "revision"]
    assert blog.rows(f"SELECT id, revision FROM {table}") == [(1, "mine")]
    blog.run(f"ALTER TABLE {table} RENAME TO mine")
    flask_rewind.upgrade()
    assert flask_rewind.status()[0].current == ("1",)


def test_one_that_came_after_the_first_move(make_app: MakeApp, database_url: str) -> None:
    case = BeforeAFailure(make_app, database_url)
    case.run("CREATE TABLE rewind_attic (id INTEGER PRIMARY KEY, content VARCHAR(9))")
    fails_in_all_commands(case.app, "rewind_attic")
    case.run("DROP TABLE rewind_attic")
    assert case.is_as_before()
    assert "1 revision crossed" in case.says("upgrade")


def test_a_journal_that_a_newer_version_wrote(make_app: MakeApp, database_url: str) -> None:
    case = BeforeAFailure(make_app, database_url)
    case.run("UPDATE rewind_moves SET layout = 99")
    for words in [["upgrade"], ["downgrade"], ["status"], ["log"], ["plan"], ["stamp", "head"]]:
        said = case.fails(*words, code=3)
        assert "the table rewind_moves of this database has rows of layout 99, which a newer version" in said
        assert "Install the newer Flask-Rewind, then run the same command again." in said
    assert case.is_as_before()


def test_a_journal_of_a_newer_version_with_other_columns(make_app: MakeApp, database_url: str) -> None:
    case = BeforeAFailure(make_app, database_url)
    case.run("UPDATE rewind_moves SET layout = 99", "ALTER TABLE rewind_steps DROP COLUMN milliseconds")
    assert "rows of layout 99, which a newer version" in case.fails("upgrade", code=3)
    assert case.is_as_before()
