"""Moves of a database on a Galera cluster: one at a time, on whichever node each of them is."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import database_servers
import flask_rewind
import pytest
import sqlalchemy as sa
from flask import Flask
from flask_rewind.journal import who
from histories import History
from movers import SINCE, Mover, Movers

pytestmark = pytest.mark.slow

MakeApp = Callable[..., Flask]

ROUNDS = int(os.environ.get("ROUNDS", "1"))
LASTS = 6
SHORT = f"from flask_rewind.engines.mysql import lease_row; lease_row.RENEWED_EVERY, lease_row.LASTS = 1, {LASTS}"


@pytest.fixture
def movers(blog: History, tmp_path: Path) -> Iterator[Movers]:
    made = Movers(blog, tmp_path, SHORT)
    yield made
    for each in made.all:
        with contextlib.suppress(ProcessLookupError):
            os.kill(each.process.pid, signal.SIGCONT)
    made.end()


def moved(blog: History) -> list[tuple[str, int]]:
    return [(each.outcome, len(each.crossings)) for each in flask_rewind.log()]


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_of_movers_on_two_nodes_one_moves_and_all_succeed(
    movers: Movers, blog: History, nodes: tuple[str, str], round_: int
) -> None:
    for url in nodes * 2:
        movers.another(url)
    assert sorted(movers.results()) == [("0", 0), ("0", 0), ("0", 0), ("1", 0)]
    assert blog.rows("SELECT id FROM t") == [(1,)]
    assert moved(blog) == [("done", 1)]
    assert blog.rows("SELECT * FROM rewind_lease") == []


def test_a_lease_is_kept_for_as_long_as_its_move_takes(movers: Movers, blog: History, nodes: tuple[str, str]) -> None:
    movers.first()
    waiting = movers.another(nodes[1]).waits()
    renewed_long = f"SELECT token FROM rewind_lease WHERE heartbeat > since + INTERVAL {2 * LASTS} SECOND"
    token = blog.rows("SELECT token FROM rewind_lease")
    while not blog.rows(renewed_long):
        time.sleep(0.1)
    assert blog.rows(renewed_long) == token
    assert movers.results() == [("1", 0), ("0", 0)]
    assert "has expired" not in waiting.said


def holder(mover: Mover) -> str:
    return re.sub(r"process \d+", f"process {mover.process.pid}", re.escape(who()).replace("\\ ", " "))


def test_the_lease_of_a_killed_mover_is_taken_over_when_it_has_expired(
    movers: Movers, blog: History, nodes: tuple[str, str]
) -> None:
    first = movers.first()
    waiting = movers.another(nodes[1]).waits()
    first.process.kill()
    assert movers.results() == [("", -signal.SIGKILL), ("1", 0)]
    assert re.search(rf"Another move holds this database: {holder(first)}{SINCE}\. Waiting up to", waiting.said)
    renewed = rf", last renewed at {SINCE[8:]}"
    taking = rf"The lease of {holder(first)}{SINCE}{renewed} has expired\. This move takes it over\."
    assert re.search(taking, waiting.said), waiting.said
    assert blog.rows("SELECT id FROM t") == [(1,)]


def test_a_mover_whose_lease_was_taken_over_stops(movers: Movers, blog: History, nodes: tuple[str, str]) -> None:
    first = movers.first()
    first.process.send_signal(signal.SIGSTOP)
    second = movers.another(nodes[1])
    movers.go_on()
    assert second.result() == ("1", 0)
    first.process.send_signal(signal.SIGCONT)
    assert first.result() == ("", 1)
    lost = r"Error: This move has lost its lease of the database, which it did not renew for 6 seconds: its row in re"
    assert re.search(lost, first.said), first.said
    assert "taken back" not in first.said
    assert blog.rows("SELECT id FROM t") == [(1,)]
    assert ("done", 1) in moved(blog)
    assert flask_rewind.status()[0].current == ("1",)


def test_leaving_rewind_drops_the_table_of_the_lease(blog: History) -> None:
    blog.revision("pass", "pass")
    flask_rewind.upgrade()
    assert flask_rewind.check() is None
    assert sa.inspect(blog.engine).has_table("rewind_lease")
    flask_rewind.eject()
    assert sa.inspect(blog.engine).get_table_names() == ["alembic_version"]


def test_two_nodes_are_one_database_in_one_run(make_app: MakeApp, nodes: tuple[str, str]) -> None:
    make_app(nodes[0], config={"SQLALCHEMY_BINDS": {"other": nodes[1]}, "REWIND_LEASE_TIMEOUT": 0.3})
    flask_rewind.init(multidb=True)
    flask_rewind.revision(rev_id="1")
    assert len(flask_rewind.upgrade().crossings) >= 1


def test_what_holds_on_one_server_holds_on_a_node(nodes: tuple[str, str]) -> None:
    laws = Path(__file__).parents[1] / "laws/test_walks.py"
    command = [sys.executable, "-m", "pytest", "-n", "0", "--timeout", "0", str(laws)]
    command += ["-k", "test_a_walk_loses_nothing and mariadb"]
    environment = {name: value for name, value in os.environ.items() if name != database_servers.FOLDER}
    environment |= {"TEST_MARIADB_URL": nodes[0], "PYTHONPATH": os.pathsep.join(sys.path), "ALL_COMBINATIONS": "1"}
    done = subprocess.run(command, env=environment, cwd=laws.parents[4], capture_output=True, text=True, check=False)
    assert (done.returncode, " passed" in done.stdout) == (0, True), done.stdout
