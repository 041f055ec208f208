"""The row that is the lease on a Galera cluster, where GET_LOCK is valid on one node only."""

import contextlib
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import flask_rewind
import pytest
import sqlalchemy as sa
from flask_rewind.engines.mysql import lease_row
from flask_rewind.engines.mysql.lease_row import LeaseRow
from flask_rewind.journal import who
from flask_rewind.leases.heartbeat import renewed
from histories import History
from movers import SINCE
from sqlalchemy.pool import NullPool

pytestmark = pytest.mark.slow

Connections = tuple[sa.Connection, sa.Connection]

EVERY, LASTS = 1, 6


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
