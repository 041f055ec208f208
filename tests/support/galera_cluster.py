"""A pytest plugin: two MariaDB servers that are one Galera cluster, from Debian's packages.

Like the other servers of the tests they are started when a test asks, one pair per run, and stopped at its end.
"""

import fcntl
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from database_servers import SERVERS, MariaDB, Runner, empty_database, folder, free_port
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import NullPool

LIBRARY = Path("/usr/lib/galera/libgalera_smm.so")


class FirstNode(MariaDB):
    """The node that begins the cluster."""

    name = "galera"
    title = "Galera"
    url_variable = ""

    def programs(self) -> list[str | None]:
        copying = [shutil.which(name) for name in ("wsrep_sst_rsync", "rsync")]
        return [*super().programs(), str(LIBRARY) if LIBRARY.exists() else None, *copying]

    def command(self, port: int) -> list[str]:
        group_port, copy_port, later_port = free_port(), free_port(), free_port()
        (self.folder / f"{self.name}.group").write_text(str(group_port))
        listening = f"gmcast.listen_addr=tcp://127.0.0.1:{group_port};ist.recv_addr=127.0.0.1:{later_port}"
        return [
            *super().command(port), "--innodb-buffer-pool-size=32M", "--wsrep-on=ON", f"--wsrep-provider={LIBRARY}",
            "--binlog-format=ROW", "--innodb-autoinc-lock-mode=2", "--wsrep-sst-method=rsync",
            "--wsrep-node-address=127.0.0.1", f"--wsrep-node-incoming-address=127.0.0.1:{port}",
            f"--wsrep-sst-receive-address=127.0.0.1:{copy_port}", f"--wsrep-node-name={self.name}",
            f"--wsrep-provider-options={listening};gcache.size=8M", *self.joining(),
        ]  # fmt: skip

    def joining(self) -> list[str]:
        """Return the options that say which cluster it belongs to."""
        return ["--wsrep-cluster-address=gcomm://", "--wsrep-new-cluster"]


class SecondNode(FirstNode):
    """The node that joins the first one, and gets its data from it."""

    name = "galera2"

    def prepare(self, run: Runner) -> None:
        FirstNode(self.folder).url()
        self.data.mkdir()
        run.give(self.data)

    def joining(self) -> list[str]:
        port = (self.folder / f"{FirstNode.name}.group").read_text()
        return [f"--wsrep-cluster-address=gcomm://127.0.0.1:{port}"]


SERVERS[FirstNode.name] = FirstNode  # so that it is skipped, required and reported like the others


@pytest.fixture
def nodes(worker_id: str) -> Iterator[tuple[str, str]]:
    """Return the addresses of one empty database on the two nodes. One test has them at a time: some stop a node."""
    with (folder() / f"{FirstNode.name}.turn").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        name = f"rewind_test_{worker_id}"
        first = make_url(empty_database(FirstNode.name, name))
        second = SecondNode(folder()).url().set(database=name)
        for url in (first, second):
            _wait_for_both(url)
        yield first.render_as_string(hide_password=False), second.render_as_string(hide_password=False)


def _wait_for_both(url: URL) -> None:
    """Wait until a node knows both, and has what the other one has executed."""
    engine = sa.create_engine(url.set(database="mysql"), poolclass=NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql("SET SESSION wsrep_sync_wait = 15")
        connection.exec_driver_sql("SELECT COUNT(*) FROM user")
        assert connection.exec_driver_sql("SHOW STATUS LIKE 'wsrep_cluster_size'").all() == [
            ("wsrep_cluster_size", "2")
        ]
