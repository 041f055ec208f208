"""A client that is killed while PostgreSQL executes its statement: the server notices, and the next move goes on."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import flask_rewind
import pytest
from flask import Flask
from histories import History
from lock_holders import Heard, another_session

pytestmark = [pytest.mark.slow, pytest.mark.on("postgresql")]

MOVING = """
import sys, flask_rewind, flask, flask_sqlalchemy
db = flask_sqlalchemy.SQLAlchemy()
app = flask.Flask("blog")
app.config["SQLALCHEMY_DATABASE_URI"] = sys.argv[1]
db.init_app(app)
flask_rewind.Rewind(app, db, directory=sys.argv[2])
with app.app_context():
    flask_rewind.upgrade()
"""
SLEEPING = "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(600)%' AND wait_event = 'PgSleep'"


WAITING = "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%CREATE INDEX by_n%' AND wait_event_type = 'Lock'"
LONGER_THAN_SHOWN = f"CREATE INDEX by_n ON post (n) WHERE n NOT IN ({', '.join(map(str, range(500)))})"
"""PostgreSQL shows 1,024 bytes of what a session executes."""


@pytest.fixture
def blog(make_app: Callable[..., Flask], database_url: str) -> History:
    made = History(make_app(database_url))
    made.revision(
        'op.create_table("post", sa.Column("id", sa.Integer), sa.Column("n", sa.Integer))', 'op.drop_table("post")'
    )
    flask_rewind.upgrade()
    return made


def killed_while(blog: History, database_url: str, query: str) -> None:
    """Upgrade in another process, and kill that as soon as a query finds something."""
    blog.engine.dispose()
    client = subprocess.Popen([sys.executable, "-c", MOVING, database_url, blog.app.extensions["migrate"].directory])
    while not blog.rows(query):
        assert client.poll() is None
        time.sleep(0.05)
    client.send_signal(signal.SIGKILL)
    client.wait()


def test_a_statement_of_a_dead_client_ends(blog: History, database_url: str) -> None:
    path = Path(
        blog.revision(
            'op.add_column("post", sa.Column("more", sa.Integer))\nop.execute("SELECT pg_sleep(600)")',
            'op.drop_column("post", "more")',
        )
    )
    killed_while(blog, database_url, SLEEPING)
    path.write_text(path.read_text().replace("pg_sleep(600)", "1"))
    os.utime(path, (0, 0))  # another time than the compiled one has
    flask_rewind.upgrade()  # waits for the lock of the table, which the server gives free
    assert flask_rewind.status()[0].is_at_head
    assert not blog.rows(SLEEPING)


def test_a_statement_that_commits_by_itself_is_ended_before_it_is_executed_again(
    blog: History, database_url: str
) -> None:
    block = f"with op.get_context().autocommit_block():\n    op.execute({LONGER_THAN_SHOWN!r})"
    blog.revision(block, 'op.drop_index("by_n")')
    with another_session(blog.engine.url, "INSERT INTO post VALUES (1, 1)") as writer:
        killed_while(blog, database_url, WAITING)
        with Heard(writer.end, begins=("Ending session ",)) as heard:
            flask_rewind.upgrade()
    assert len(heard.said) == 1
    assert flask_rewind.status()[0].is_at_head
