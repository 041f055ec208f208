"""The journal: who moved what, when, statement by statement, and which moves were interrupted."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import flask_rewind
import pytest
from flask import Flask
from flask_rewind.errors import CrossingFailed, Refused
from flask_rewind.steps import Purpose, StepKind
from histories import History

MakeApp = Callable[..., Flask]

TABLE = (
    "op.create_table('post', sa.Column('id', sa.Integer, primary_key=True), sa.Column('title', sa.String(9)), "
    "mysql_charset='utf8mb4')"
)


@pytest.fixture
def blog(make_app: MakeApp, database_url: str) -> History:
    return History(make_app(database_url, config={"REWIND_SQLITE_COPIES": 0}))


def test_every_move_and_statement_is_written_down(blog: History) -> None:
    path = blog.revision(TABLE + "\nop.execute(\"INSERT INTO post VALUES (1, '轻博 100%')\")", "op.drop_table('post')")
    blog.revision("op.drop_column('post', 'title')", "op.add_column('post', sa.Column('title', sa.String(9)))")
    flask_rewind.upgrade(fill={"post.title": "'x'"})
    flask_rewind.downgrade()
    down, up = flask_rewind.log()
    assert (up.command, up.target, up.before, up.after, up.outcome) == ("upgrade", "head", (), ("2",), "done")
    assert up.options == {"fill": {"post.title": "'x'"}}
    assert up.who.endswith(f"process {os.getpid()}")
    assert up.seconds is not None
    assert [(each.revision, each.direction, each.state) for each in up.crossings] == [
        ("1", "up", "done"),
        ("2", "up", "done"),
    ]
    assert [step.statement.split()[0] for step in up.crossings[0].steps] == ["CREATE", "INSERT"]
    assert "_attic_1" in up.crossings[1].steps[-1].statement
    assert {step.state for crossing in up.crossings for step in crossing.steps} == {"done"}
    assert (down.command, down.before, down.after) == ("downgrade", ("2",), ("1",))
    assert blog.rows("SELECT source FROM rewind_crossings WHERE id = 1") == [(path.read_text(),)]


def test_a_journal_of_layout_1_says_in_words_what_a_step_was_for(blog: History) -> None:
    blog.revision(TABLE, "op.drop_table('post')")
    blog.revision("op.drop_column('post', 'title')", "op.add_column('post', sa.Column('title', sa.String(9)))")
    flask_rewind.upgrade()
    blog.run("UPDATE rewind_steps SET purpose = 'hides post.title as _attic_1' WHERE purpose <> ''")
    (move,) = flask_rewind.log()
    assert move.crossings[1].steps[-1].purpose == Purpose(StepKind.EARLIER, "hides post.title as _attic_1")
    assert "  hides post.title as _attic_1\n" in blog.app.test_cli_runner().invoke(args=["db", "log"]).stdout
    blog.run("INSERT INTO post (id) VALUES (1)")
    flask_rewind.downgrade(revision="base")
    flask_rewind.upgrade()
    assert blog.rows("SELECT id FROM post") == [(1,)]


def test_a_move_with_nothing_to_do_is_none(blog: History) -> None:
    flask_rewind.upgrade()
    assert flask_rewind.log() == ()


def test_a_failed_move_says_why_and_where_it_stayed(blog: History) -> None:
    blog.revision(TABLE, "op.drop_table('post')")
    blog.revision("op.execute('nonsense')", "pass")
    with pytest.raises(CrossingFailed):
        flask_rewind.upgrade()
    (move,) = flask_rewind.log()
    assert (move.outcome, move.before, move.after) == ("failed", (), ("1",))
    assert "nonsense" in move.error
    assert move.crossings[0].state == "done"
    assert {crossing.state for crossing in move.crossings[1:]} <= {"taken back"}
    assert flask_rewind.status()[0].unfinished is None
    (again,) = blog.app.test_cli_runner().invoke(args=["db", "log"]).stdout.split("\n\n")
    assert "upgrade head: failed" in again


def test_a_refusal_is_written_down_too(blog: History) -> None:
    not_null = "sa.Column('lead', sa.String(9), nullable=False)"
    blog.revision(TABLE.replace(", mysql", f", {not_null}, mysql"), "op.drop_table('post')")
    blog.revision("op.drop_column('post', 'lead')", f"op.add_column('post', {not_null})")
    flask_rewind.upgrade()
    blog.run("INSERT INTO post (id, title) VALUES (1, 'newborn')")
    with pytest.raises(Refused):
        flask_rewind.downgrade()
    move = flask_rewind.log()[0]
    assert (move.outcome, move.after) == ("refused", ("2",))
    assert "1 rows were inserted while it was hidden" in move.error
    assert flask_rewind.status()[0].unfinished is None


def test_what_was_purged_is_written_down(blog: History) -> None:
    blog.revision(TABLE, "op.drop_table('post')")
    flask_rewind.upgrade()
    blog.run("INSERT INTO post VALUES (1, 'a')")
    flask_rewind.downgrade()
    flask_rewind.purge(place="post")
    purge = flask_rewind.log(limit=1)[0]
    assert (purge.command, purge.target, purge.outcome) == ("purge", "post", "done")
    assert purge.options["purged"][0]["rows"] == 1


def test_a_stamp_sets_what_is_unfinished_aside(blog: History) -> None:
    blog.revision(TABLE + "\nop.execute('nonsense')", "op.drop_table('post')")
    with pytest.raises(CrossingFailed):
        flask_rewind.upgrade()
    flask_rewind.stamp(revision="base")
    assert flask_rewind.status()[0].unfinished is None
    assert flask_rewind.log()[0].command == "stamp"


PROGRAM = """
import sys
import flask_rewind
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
app = Flask("blog")
app.config["SQLALCHEMY_DATABASE_URI"] = sys.argv[1]
db = SQLAlchemy(app)
flask_rewind.Rewind(app, db, directory=sys.argv[2])
with app.app_context():
    flask_rewind.upgrade()
"""


@pytest.fixture
def killed(blog: History, database_url: str, tmp_path: Path) -> History:
    """A blog whose move was killed after a statement of its script."""
    blog.revision(TABLE + "\nimport os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "op.drop_table('post')")
    blog.engine.dispose()
    program = [sys.executable, "-c", PROGRAM, database_url, str(tmp_path / "migrations")]
    assert subprocess.run(program, capture_output=True, check=False).returncode == -9
    return blog


@pytest.mark.on("sqlite", "postgresql")
@pytest.mark.usefixtures("killed")
def test_a_killed_move_is_rolled_back_with_its_entry_in_the_journal() -> None:
    assert flask_rewind.status()[0].unfinished is None
    assert flask_rewind.log() == ()


@pytest.mark.on("mariadb")
def test_a_killed_move_is_read_from_the_journal(killed: History) -> None:
    assert flask_rewind.status()[0].unfinished is not None
    (move,) = flask_rewind.log()
    assert (move.outcome, move.after, move.seconds) == ("begun", None, None)
    (crossing,) = move.crossings
    assert crossing.state == "begun"
    assert [step.statement.split()[0] for step in crossing.steps] == ["CREATE"]
    assert "running, or interrupted" in killed.app.test_cli_runner().invoke(args=["db", "log"]).stdout


@pytest.mark.on("mariadb")
def test_the_next_move_ends_a_killed_one(killed: History) -> None:
    script = next((Path(killed.app.extensions["migrate"].directory) / "versions").glob("*.py"))
    script.write_text(script.read_text().replace("os.kill(os.getpid(), signal.SIGKILL)", "pass"))
    flask_rewind.upgrade()
    done, interrupted = flask_rewind.log()
    assert (done.outcome, interrupted.outcome, interrupted.error) == ("done", "failed", "It was interrupted.")
    assert [crossing.state for crossing in interrupted.crossings] == ["taken back"]


@pytest.mark.on("mariadb")
def test_a_crossing_that_an_older_version_left_is_refused_until_a_stamp(killed: History) -> None:
    killed.run("UPDATE rewind_crossings SET schema_found = NULL")  # which it did not write
    with pytest.raises(flask_rewind.Refused, match="did not record the schema it had found"):
        flask_rewind.upgrade()
    flask_rewind.stamp(revision="base")
    assert flask_rewind.status()[0].unfinished is None


def test_the_log_is_text_and_json(blog: History) -> None:
    runner = blog.app.test_cli_runner()
    assert runner.invoke(args=["db", "log"]).stdout == "No move was made yet.\n"
    blog.revision(TABLE.replace("title", "t" * 60), "op.drop_table('post')")
    flask_rewind.upgrade()
    flask_rewind.downgrade()
    short = runner.invoke(args=["db", "log", "--limit", "1"]).stdout
    assert "downgrade -1: done" in short
    assert "upgrade" not in short
    assert "…" in runner.invoke(args=["db", "log"]).stdout
    assert "…" not in runner.invoke(args=["db", "log", "-v"]).stdout
    data = json.loads(runner.invoke(args=["db", "log", "--json"]).stdout)
    assert data[1]["crossings"][0]["steps"][0]["state"] == "done"
