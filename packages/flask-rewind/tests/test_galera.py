"""The lease on a cluster of two MariaDB nodes, where GET_LOCK holds on one node only."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import database_servers
import flask_rewind
import pytest
import sqlalchemy as sa
from flask import Flask
from flask_rewind.engines.mysql import lease_row
from flask_rewind.engines.mysql.lease_row import LeaseRow
from flask_rewind.journal import who
from flask_rewind.leases.heartbeat import renewed
from histories import History
from movers import Mover, Movers
from sqlalchemy.pool import NullPool

pytestmark = pytest.mark.slow

MakeApp = Callable[..., Flask]
Connections = tuple[sa.Connection, sa.Connection]

ROUNDS = int(os.environ.get("ROUNDS", "1"))
EVERY, LASTS = 1, 6
SHORT = f"from flask_rewind.engines.mysql import lease_row; lease_row.RENEWED_EVERY, lease_row.LASTS = {EVERY}, {LASTS}"


@pytest.fixture
def blog(make_app: MakeApp, nodes: tuple[str, str]) -> History:
    return History(make_app(nodes[0], config={"REWIND_LEASE_TIMEOUT": 0.3}))


@pytest.fixture
def movers(blog: History, tmp_path: Path) -> Iterator[Movers]:
    made = Movers(blog, tmp_path, SHORT)
    yield made
    for each in made.all:
        with contextlib.suppress(ProcessLookupError):
            os.kill(each.process.pid, signal.SIGCONT)
    made.end()


@pytest.fixture
def connections(nodes: tuple[str, str]) -> Iterator[Connections]:
    """Give a connection to the database on each node."""
    engines = [sa.create_engine(url, poolclass=NullPool) for url in nodes]
    with engines[0].connect() as first, engines[1].connect() as second:
        yield first, second


@pytest.fixture
def is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease_row, "RENEWED_EVERY", EVERY)
    monkeypatch.setattr(lease_row, "LASTS", LASTS)


def take(lease: LeaseRow) -> None:
    while not lease.take():
        time.sleep(0.05)


def tries(lease: LeaseRow, is_over: Callable[[], bool]) -> list[bool]:
    """Try to take a lease until something is over, and a little longer; return the different results."""
    results = set()
    while not is_over():
        results.add(lease.take())
        time.sleep(0.05)
    return [*results, *({lease.take() for _ in range(20)} - results)]


def after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the last renewal be so long ago that a mover makes sure of its lease."""
    monkeypatch.setattr(lease_row, "RENEWED_EVERY", 0.1)
    time.sleep(0.2)


def scalar(connection: sa.Connection, query: str) -> object:
    answer: object = connection.exec_driver_sql(query).scalar()
    connection.commit()
    return answer


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


def test_a_lease_is_kept_for_as_long_as_its_move_takes(
    movers: Movers, nodes: tuple[str, str], connections: Connections
) -> None:
    movers.first()
    waiting = movers.another(nodes[1]).waits()
    renewed_long = f"SELECT token FROM rewind_lease WHERE heartbeat > since + INTERVAL {2 * LASTS} SECOND"
    token = scalar(connections[0], "SELECT token FROM rewind_lease")
    while scalar(connections[0], renewed_long) is None:
        time.sleep(0.1)
    assert scalar(connections[0], renewed_long) == token
    assert movers.results() == [("1", 0), ("0", 0)]
    assert "has expired" not in waiting.said


def holder(mover: Mover) -> str:
    return re.sub(r"process \d+", f"process {mover.process.pid}", re.escape(who()).replace("\\ ", " "))


SINCE = r", since \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"


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


def test_a_lease_that_another_has_taken_over_is_said_with_its_holder(
    blog: History, connections: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = map(LeaseRow, connections)
    take(first)
    monkeypatch.setattr(lease_row, "LASTS", 0)
    take(second)
    after_a_while(monkeypatch)
    second.confirm()
    message = rf"lost its lease of the database, .*: now held by {re.escape(who())}{SINCE}"
    with pytest.raises(flask_rewind.LeaseLost, match=message):
        first.confirm()
    first.release()
    second.confirm()


def test_a_lease_whose_row_was_deleted_is_lost(
    blog: History, connections: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    lease = LeaseRow(connections[0])
    take(lease)
    blog.run("DELETE FROM rewind_lease")
    lease.confirm()  # it was renewed a moment ago
    after_a_while(monkeypatch)
    with pytest.raises(flask_rewind.LeaseLost, match="its row in rewind_lease is gone"):
        lease.confirm()


@contextlib.contextmanager
def held_up(*urls: str) -> Iterator[list[sa.Connection]]:
    """Give connections whose locks hold an ALTER TABLE up, and with it every commit on their nodes, until UNLOCK."""
    with contextlib.ExitStack() as stack:
        nodes = [stack.enter_context(sa.create_engine(url, poolclass=NullPool).connect()) for url in urls]
        for node in nodes:
            node.exec_driver_sql("SET SESSION wsrep_sync_wait = 15")
            node.exec_driver_sql("LOCK TABLES held_up READ")
        yield nodes


@pytest.fixture
def altering(blog: History) -> str:
    """Return what alters the table that is held up."""
    blog.run("CREATE TABLE held_up (id INT PRIMARY KEY)")
    return "ALTER TABLE held_up ADD COLUMN c INT"


def wait_for_commit(node: sa.Connection) -> None:
    """Wait until a commit on a node is held up."""
    query = "SELECT COUNT(*) FROM information_schema.processlist WHERE state = 'Waiting for certification'"
    while not node.exec_driver_sql(query).scalar():
        time.sleep(0.05)


def test_a_statement_that_stops_the_whole_cluster_costs_no_lease(
    blog: History, connections: Connections, nodes: tuple[str, str], altering: str, is_short: None
) -> None:
    """Renewals sent during an ALTER TABLE are only committed after it, when the times in them are past."""
    lease, other = map(LeaseRow, connections)
    take(lease)
    with ThreadPoolExecutor() as threads, held_up(*nodes) as locks, renewed(lease, blog.engine):
        altered = threads.submit(blog.run, altering)
        wait_for_commit(locks[0])
        taking = threads.submit(tries, other, altered.done)
        wait_for_commit(locks[1])
        time.sleep(LASTS)  # by when the renewal that waits has expired, too
        assert "last renewed at" in other.obstacle()
        for each in locks:
            each.exec_driver_sql("UNLOCK TABLES")
        altered.result()
        assert taking.result() == [False]
        lease.confirm()
    lease.release()
    take(other)


def test_a_mover_that_a_statement_has_stopped_on_its_node_alone_loses_its_lease(
    blog: History, connections: Connections, nodes: tuple[str, str], altering: str, is_short: None
) -> None:
    lease, other = map(LeaseRow, connections)
    take(lease)
    with ThreadPoolExecutor() as threads, held_up(nodes[0]) as locks, renewed(lease, blog.engine):
        altered = threads.submit(blog.run, altering)
        wait_for_commit(locks[0])
        take(other)
        locks[0].exec_driver_sql("UNLOCK TABLES")
        altered.result()
        with pytest.raises(flask_rewind.LeaseLost, match="now held by"):
            lease.confirm()


def test_a_lease_outlives_its_connections(connections: Connections, is_short: None, nodes: tuple[str, str]) -> None:
    lease = LeaseRow(connections[0])
    take(lease)
    with renewed(lease, sa.create_engine(nodes[0], poolclass=NullPool)):
        others = "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()"
        with sa.create_engine(nodes[0], poolclass=NullPool).connect() as killing:
            while len(found := killing.exec_driver_sql(others).scalars().all()) < 2:
                time.sleep(0.05)
            for each in found:
                killing.exec_driver_sql(f"KILL {each}")
        beat = "SELECT heartbeat FROM rewind_lease"
        before = scalar(connections[1], beat)
        while before == scalar(connections[1], beat):
            time.sleep(0.05)
    lease.confirm()
    lease.release()
    assert scalar(connections[1], "SET STATEMENT wsrep_sync_wait = 15 FOR SELECT COUNT(*) FROM rewind_lease") == 0


def test_a_node_that_executes_nothing_says_so(connections: Connections, nodes: tuple[str, str]) -> None:
    take(LeaseRow(connections[0]))
    lease = LeaseRow(connections[1])
    with sa.create_engine(nodes[1], poolclass=NullPool).connect() as of_node:
        of_node.exec_driver_sql("SET GLOBAL wsrep_reject_queries = ALL")
        try:
            assert not lease.take()
        finally:
            of_node.exec_driver_sql("SET GLOBAL wsrep_reject_queries = NONE")
    assert "This node of the cluster executes nothing now: (1047," in lease.obstacle()
    while "executes nothing" in lease.obstacle():
        assert not lease.take()
    assert f"Another move holds this database: {who()}" in lease.obstacle()


def test_every_command_that_moves_waits_for_the_row(
    blog: History, connections: Connections, capsys: pytest.CaptureFixture[str]
) -> None:
    blog.revision("pass", "pass")
    lease = LeaseRow(connections[1])
    take(lease)
    for command in (flask_rewind.upgrade, flask_rewind.stamp, flask_rewind.checkout, flask_rewind.eject):
        with pytest.raises(flask_rewind.LeaseTaken, match=rf"holds this database: {re.escape(who())}{SINCE}\.$"):
            command()
    assert "Waiting up to 0.3 seconds" in capsys.readouterr().err
    assert len(flask_rewind.plan().crossings) == 1
    lease.release()
    assert len(flask_rewind.upgrade().crossings) == 1


def test_leaving_rewind_drops_the_table_of_the_lease(blog: History) -> None:
    blog.revision("pass", "pass")
    flask_rewind.upgrade()
    assert flask_rewind.check() is None
    assert sa.inspect(blog.engine).has_table("rewind_lease")
    flask_rewind.eject()
    assert sa.inspect(blog.engine).get_table_names() == ["alembic_version"]


def test_a_move_sees_what_the_one_before_it_has_done_on_another_node(
    blog: History, connections: Connections, nodes: tuple[str, str]
) -> None:
    lease = LeaseRow(connections[0])
    take(lease)
    node = sa.create_engine(nodes[1], poolclass=NullPool)
    with node.connect() as late, ThreadPoolExecutor() as threads, node.connect() as lock:
        session = late.connection.driver_connection.thread_id()
        lock.exec_driver_sql("FLUSH TABLES WITH READ LOCK")
        blog.run("CREATE TABLE t (id INT PRIMARY KEY)")
        caught_up = threads.submit(lease.catch_up, late)
        working = f"SELECT COUNT(*) FROM information_schema.processlist WHERE id = {session} AND info = 'SELECT 1'"
        while not lock.exec_driver_sql(working).scalar():
            time.sleep(0.05)
        assert not sa.inspect(lock).has_table("t")
        lock.exec_driver_sql("UNLOCK TABLES")
        caught_up.result()
        assert sa.inspect(late).has_table("t")
        assert late.exec_driver_sql("SELECT @@SESSION.wsrep_sync_wait").scalar() == 0


def test_two_nodes_are_one_database_in_one_run(make_app: MakeApp, nodes: tuple[str, str]) -> None:
    make_app(nodes[0], config={"SQLALCHEMY_BINDS": {"other": nodes[1]}, "REWIND_LEASE_TIMEOUT": 0.3})
    flask_rewind.init(multidb=True)
    flask_rewind.revision(rev_id="1")
    assert len(flask_rewind.upgrade().crossings) >= 1


def test_what_holds_on_one_server_holds_on_a_node(nodes: tuple[str, str]) -> None:
    laws = Path(__file__).parent / "laws/test_walks.py"
    command = [sys.executable, "-m", "pytest", "-n", "0", str(laws), "-k", "test_a_walk_loses_nothing and mariadb"]
    environment = {name: value for name, value in os.environ.items() if name != database_servers.FOLDER}
    environment |= {"TEST_MARIADB_URL": nodes[0], "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, env=environment, cwd=laws.parents[4], capture_output=True, text=True, check=False)
    assert (done.returncode, " passed" in done.stdout) == (0, True), done.stdout
