"""Ctrl-C and SIGTERM during a move: the first takes the crossing back, the second ends the process at once."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import flask_rewind
import pytest
from broken_moves import in_child
from fault_points import FaultPoint
from flask import Flask
from histories import History
from operation_kinds.kind import adding

MakeApp = Callable[..., Flask]
SLOW = {
    "sqlite": "INSERT INTO slow SELECT slow({})",
    "mariadb": "INSERT INTO slow SELECT SLEEP({})",
    "postgresql": "INSERT INTO slow SELECT 1 FROM pg_sleep({})",
}
RUNNING = {
    "mariadb": "SELECT 1 FROM information_schema.processlist WHERE info LIKE 'INSERT INTO slow%'",
    "postgresql": "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'INSERT INTO slow%' AND wait_event = 'PgSleep'",
}
SAID = "it is slow now"
SLOW_FUNCTION = f"""
import time
def slow(seconds):
    print("{SAID}", flush=True)
    time.sleep(seconds)
if op.get_bind().dialect.name == "sqlite":
    op.get_bind().connection.driver_connection.create_function("slow", 1, slow)
else:
    print("{SAID}", flush=True)
"""
MOVING = """
import signal, sys, flask_rewind, flask, flask_sqlalchemy
from flask.cli import FlaskGroup
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
db = flask_sqlalchemy.SQLAlchemy()
app = flask.Flask("blog")
app.config["SQLALCHEMY_DATABASE_URI"] = sys.argv[1]
db.init_app(app)
flask_rewind.Rewind(app, db, directory=sys.argv[2])
FlaskGroup(create_app=lambda: app).main(["db", "upgrade"])
"""


def started(blog: History, url: str) -> "subprocess.Popen[str]":
    """Start a move in a process of its own, and return it when its slow statement runs."""
    blog.engine.dispose()
    command = [sys.executable, "-c", MOVING, url, blog.app.extensions["migrate"].directory]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout
    lines = iter(process.stdout)
    while SAID not in next(lines):
        pass
    running = RUNNING.get(blog.engine.dialect.name.replace("mysql", "mariadb"))
    while running and not blog.rows(running):
        time.sleep(0.05)
    return process


def slow_revision(blog: History, engine_name: str, seconds: int) -> None:
    slow = SLOW[engine_name].format(seconds)
    blog.revision(
        f'op.create_table("slow", sa.Column("n", sa.Integer))\n{SLOW_FUNCTION}\nop.execute("{slow}")\n'
        'op.create_table("later", sa.Column("n", sa.Integer))',
        'op.drop_table("later")\nop.drop_table("slow")',
    )


@pytest.fixture
def blog(make_app: MakeApp, database_url: str) -> History:
    made = History(make_app(database_url))
    made.revision('op.create_table("post", sa.Column("id", sa.Integer, primary_key=True))', 'op.drop_table("post")')
    flask_rewind.upgrade()
    return made


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_one_signal_lets_the_statement_end_and_takes_the_crossing_back(
    blog: History, database_url: str, engine_name: str, number: signal.Signals
) -> None:
    slow_revision(blog, engine_name, 2)
    process = started(blog, database_url)
    process.send_signal(number)
    output, _ = process.communicate(timeout=60)
    assert process.returncode not in {0, None}
    assert "Nothing of this revision was kept" in output
    assert "Traceback" not in output
    status = flask_rewind.status()[0]
    assert (status.current, status.unfinished) == (("1",), None)
    assert not {"slow", "later"} & {name for (name,) in blog.rows(TABLES[engine_name])}
    flask_rewind.upgrade()
    assert flask_rewind.status()[0].is_at_head


@pytest.mark.slow
@pytest.mark.on("mariadb")
def test_a_crossing_that_is_done_cleans_up_before_a_signal_ends_the_move(blog: History) -> None:
    blog.revision(adding("post", '"score", sa.Integer, nullable=False'), 'op.drop_column("post", "score")')
    flask_rewind.upgrade()
    flask_rewind.downgrade()
    blog.run("INSERT INTO post VALUES (1)")
    points: list[str] = []

    def interrupt(point: FaultPoint) -> None:
        points.append(str(point))
        if "DROP COLUMN _attic_1_new" in points[-1] and "DROP COLUMN _attic_1_new" not in "".join(points[:-1]):
            os.kill(os.getpid(), signal.SIGTERM)

    assert in_child(blog.engine, lambda: flask_rewind.upgrade(fill={"post.score": "0"}), interrupt) != 0
    status = flask_rewind.status()[0]
    assert (status.current, status.unfinished) == (("2",), None)
    assert "_attic_" not in blog.rows("SHOW CREATE TABLE post")[0][1]


TABLES = {
    "sqlite": "SELECT name FROM sqlite_master",
    "mariadb": "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()",
    "postgresql": "SELECT tablename FROM pg_tables",
}


@pytest.mark.slow
def test_two_signals_end_the_process_at_once_and_the_next_move_goes_on(
    blog: History, database_url: str, engine_name: str
) -> None:
    slow_revision(blog, engine_name, 600)
    process = started(blog, database_url)
    process.send_signal(signal.SIGINT)
    time.sleep(0.1)  # the kernel makes one of two that come together
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGINT
    assert "Stopped at once" in output
    script = Path(blog.app.extensions["migrate"].directory) / "versions" / "2_step.py"
    script.write_text(script.read_text().replace(SLOW[engine_name].format(600), "SELECT 1"))
    os.utime(script, (0, 0))  # another time than the compiled one has
    flask_rewind.upgrade()
    assert flask_rewind.status()[0].is_at_head
    assert blog.rows("SELECT * FROM slow") == []
