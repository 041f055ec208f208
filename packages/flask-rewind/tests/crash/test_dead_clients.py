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


@pytest.mark.slow
@pytest.mark.on("postgresql")
def test_a_statement_of_a_dead_client_ends(make_app: Callable[..., Flask], database_url: str) -> None:
    blog = History(make_app(database_url))
    blog.revision('op.create_table("post", sa.Column("id", sa.Integer))', 'op.drop_table("post")')
    flask_rewind.upgrade()
    path = blog.revision(
        'op.add_column("post", sa.Column("n", sa.Integer))\nop.execute("SELECT pg_sleep(600)")',
        'op.drop_column("post", "n")',
    )
    blog.engine.dispose()
    client = subprocess.Popen([sys.executable, "-c", MOVING, database_url, blog.app.extensions["migrate"].directory])
    while not blog.rows(SLEEPING):
        assert client.poll() is None
        time.sleep(0.05)
    client.send_signal(signal.SIGKILL)
    client.wait()
    path = Path(path)
    path.write_text(path.read_text().replace("pg_sleep(600)", "1"))
    os.utime(path, (0, 0))  # another time than the compiled one has
    flask_rewind.upgrade()  # waits for the lock of the table, which the server gives free
    assert flask_rewind.status()[0].is_at_head
    assert not blog.rows(SLEEPING)
