"""Errors that are about the statement: they name it, and the way out that fits."""

from collections.abc import Callable
from pathlib import Path

import flask_rewind
import pytest
import sqlalchemy as sa
from before_a_failure import ADD_SLUG, POST, BeforeAFailure
from flask import Flask
from histories import History

pytestmark = pytest.mark.slow

MakeApp = Callable[..., Flask]


def test_a_table_that_is_there_already(make_app: MakeApp, database_url: str) -> None:
    blog = History(make_app(database_url))
    blog.revision(POST, 'op.drop_table("post")')
    blog.run("CREATE TABLE post (id INTEGER PRIMARY KEY)")
    with pytest.raises(flask_rewind.CrossingFailed, match="already exists") as error:
        flask_rewind.upgrade()
    assert "If the database already has everything in this revision" in error.value.hint
    assert error.value.hint.endswith("mark it as applied: flask db stamp 1")
    flask_rewind.stamp(revision="1")
    assert flask_rewind.status()[0].is_at_head


def test_a_column_that_is_there_already(make_app: MakeApp, database_url: str) -> None:
    case = BeforeAFailure(make_app, database_url, 'op.add_column("post", sa.Column("slug", sa.String(40)))')
    assert "mark it as applied: flask db stamp 2" in case.fails("upgrade")
    assert case.is_as_before()


def test_another_error_does_not_speak_of_stamp(make_app: MakeApp, database_url: str) -> None:
    case = BeforeAFailure(make_app, database_url, 'op.drop_column("post", "nothing")')
    said = case.fails("upgrade")
    assert said.endswith("Nothing of this revision was kept. Correct it, then run the same command again.")


def test_a_downgrade_that_fails_names_the_way_by_the_journal(make_app: MakeApp, database_url: str) -> None:
    case = BeforeAFailure(make_app, database_url)
    case.says("upgrade")
    case.path.write_text(case.path.read_text().replace(ADD_SLUG, 'raise ValueError("not written")'))
    said = case.fails("downgrade")
    assert "or go back by what the journal recorded of the upgrade: flask db downgrade --from-journal" in said
    assert "1 revision crossed. Now at 1." in case.says("downgrade", "--from-journal")
    assert case.is_as_before()


@pytest.mark.on("mariadb", "postgresql")
def test_a_value_that_is_too_long(make_app: MakeApp, database_url: str) -> None:
    case = BeforeAFailure(make_app, database_url)
    long = "2026_05_01_1200_remove_the_state_of_the_post"
    script = case.path.read_text()
    case.path.write_text(script.replace('"2"', f'"{long}"').replace("'2'", f"'{long}'"))
    said = case.fails("stamp", long)
    assert said.startswith("Error: The database refused a statement: ")
    assert "at UPDATE alembic_version SET version_num=" in said
    assert f"The id {long} has 44 characters, and Alembic's version table is made for 32" in said
    assert case.is_as_before()


def test_a_statement_of_env_py(make_app: MakeApp, database_url: str, tmp_path: Path) -> None:
    case = BeforeAFailure(make_app, database_url)
    env = tmp_path / "migrations" / "env.py"
    begin = "        context.configure(connection"
    lines = '        connection.exec_driver_sql("SELECT nothing FROM nowhere")\n' + begin
    env.write_text(env.read_text().replace(begin, lines))
    said = case.fails("status")
    assert said.startswith("Error: The database refused a statement: ")
    assert "at SELECT nothing FROM nowhere" in said
    assert said.endswith("shows where that statement comes from.")
    assert "Check that it runs" not in said


def test_version_rows_that_lie_above_one_another(make_app: MakeApp, database_url: str) -> None:
    case = BeforeAFailure(make_app, database_url)
    case.says("upgrade")
    case.run("INSERT INTO alembic_version VALUES ('1')")
    said = case.says("status")
    assert "at: 1, 2 ancestors of others in the version table: 1 next: if the schema is that of 2" in said
    assert "delete 1 from the version table by SQL" in said
    assert said.endswith("or, if nothing hidden has to return: flask db stamp --purge 2")
    assert not flask_rewind.status()[0].is_at_head
    for command in ("plan", "upgrade"):
        assert case.fails(command).endswith("What to do: flask db status")
    case.run("DELETE FROM alembic_version WHERE version_num = '1'")
    assert "at: 2 nothing pending" in case.says("status")
    case.says("downgrade")
    assert case.is_as_before()


def test_stamp_puts_version_rows_in_order(make_app: MakeApp, database_url: str) -> None:
    case = BeforeAFailure(make_app, database_url)
    case.says("upgrade")
    case.run("INSERT INTO alembic_version VALUES ('1')")
    assert "Now at 2." in case.says("stamp", "--purge", "2")
    assert "at: 2 nothing pending" in case.says("status")


def test_version_rows_on_two_branches_are_in_order(make_app: MakeApp, tmp_path: Path) -> None:
    case = BeforeAFailure(make_app, f"sqlite:///{tmp_path}/blog.db")
    flask_rewind.revision(rev_id="2b", head="1", splice=True)
    flask_rewind.upgrade(revision="heads")
    assert "at: 2, 2b nothing pending" in case.says("status")
    assert sa.inspect(case.admin).has_table("post")
