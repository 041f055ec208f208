"""Who moves a database holds its lease; others wait, and then find what is left to do."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing

import flask_rewind
import pytest
import sqlalchemy as sa
from flask import Flask
from flask_rewind.dialects import engine_of
from flask_rewind.leases import lease_held
from histories import History

MakeApp = Callable[..., Flask]

SLOW = """op.create_table("t", sa.Column("id", sa.Integer, primary_key=True))
import time
time.sleep(1)
op.execute("INSERT INTO t (id) VALUES (1)")"""
MOVER = """import sys
import flask_rewind
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

app = Flask("mover")
app.config["SQLALCHEMY_DATABASE_URI"] = sys.argv[1]
flask_rewind.Rewind(app, SQLAlchemy(app), directory=sys.argv[2])
with app.app_context():
    print(len(flask_rewind.upgrade().crossings))
"""


@pytest.mark.slow
def test_two_that_move_at_once_move_once(make_app: MakeApp, database_url: str) -> None:
    blog = History(make_app(database_url))
    path = blog.revision(SLOW, 'op.drop_table("t")')
    command = [sys.executable, "-c", MOVER, database_url, str(path.parents[1])]
    movers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert sorted(each.communicate()[0].strip() for each in movers) == ["0", "1"]
    assert blog.rows("SELECT id FROM t") == [(1,)]
    assert [each.outcome for each in flask_rewind.log()] == ["done"]


@pytest.fixture
def held(make_app: MakeApp, database_url: str, engine_name: str) -> History:
    if engine_name == "sqlite":
        pytest.skip("a move of SQLite begins by the one write transaction that a file can have")
    blog = History(make_app(database_url, config={"REWIND_LEASE_TIMEOUT": 0.3}))
    blog.revision(SLOW.replace("sleep(1)", "sleep(0)"), 'op.drop_table("t")')
    return blog


def test_a_lease_that_is_not_given_up_is_said_with_its_holder(
    held: History, engine_name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    who = {"mariadb": r"connection \d+ of ", "postgresql": r"process \d+ of "}[engine_name]
    with held.engine.connect() as connection:
        assert connection.scalar(sa.text(engine_of(connection).taking_lease))
        for move in (flask_rewind.upgrade, flask_rewind.stamp, flask_rewind.checkout):
            with pytest.raises(flask_rewind.LeaseTaken, match=f"Another move holds this database: {who}"):
                move()
        assert "Waiting up to 0.3 seconds" in capsys.readouterr().err
        assert len(flask_rewind.plan().crossings) == 1
        assert not sa.inspect(held.engine).has_table("t")
        connection.invalidate()  # a holder that dies
    flask_rewind.upgrade()
    assert held.rows("SELECT id FROM t") == [(1,)]


def test_one_who_waits_goes_on_when_the_lease_is_free(held: History) -> None:
    held.app.extensions["migrate"].settings = held.app.extensions["migrate"].settings.__class__(lease_timeout=30)
    connection = held.engine.connect()
    assert connection.scalar(sa.text(engine_of(connection).taking_lease))
    begun = time.monotonic()
    threading.Timer(0.5, connection.invalidate).start()
    with closing(connection):
        assert len(flask_rewind.upgrade().crossings) == 1
    assert time.monotonic() - begun >= 0.5


def test_a_database_that_gives_no_connection_more_says_so(held: History, engine_name: str) -> None:
    if engine_name != "mariadb":
        pytest.skip("asked of MariaDB alone")
    held.run("CREATE USER 'rewind_one'@'%' IDENTIFIED BY 'one' WITH MAX_USER_CONNECTIONS 1")
    try:
        held.run("GRANT ALL ON *.* TO 'rewind_one'@'%'")
        engine = sa.create_engine(held.engine.url.set(username="rewind_one", password="one"))
        unreachable = pytest.raises(flask_rewind.DatabaseUnreachable, match="on a connection of its own")
        with engine.connect() as connection, unreachable, lease_held(connection, 0.3, set()):
            pass
        engine.dispose()
    finally:
        held.run("DROP USER 'rewind_one'@'%'")


def test_several_binds_of_one_database_move_in_one_run(make_app: MakeApp, database_url: str, engine_name: str) -> None:
    if engine_name != "mariadb":
        pytest.skip("the transactions of two binds wait for each other")
    other = {"other": f"{database_url}{'&' if '?' in database_url else '?'}connect_timeout=9"}
    app = make_app(database_url, config={"SQLALCHEMY_BINDS": other, "REWIND_LEASE_TIMEOUT": 0.3})
    assert app.extensions["db"].engines["other"] is not app.extensions["db"].engine
    flask_rewind.init(multidb=True)
    flask_rewind.revision(rev_id="1")
    assert len(flask_rewind.upgrade().crossings) >= 1
