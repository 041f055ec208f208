"""MariaDB and MySQL: each DDL statement commits, and a named lock (GET_LOCK) is the lease."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text

from flask_rewind.engines.blockers import Blocker
from flask_rewind.engines.engine import Engine
from flask_rewind.engines.lease import Lease
from flask_rewind.engines.mysql.blockers import blockers_of
from flask_rewind.engines.mysql.lease_row import LeaseRow, is_on_cluster
from flask_rewind.engines.mysql.lock_timeouts import is_lock_timeout
from flask_rewind.engines.mysql.waits import limit_again, waiting_briefly
from flask_rewind.waiting import Patience

# The name of a lock, like that of a database, has at most 64 characters. So the lock has a hash of the name.
_LOCK = "CONCAT('rewind_', SHA1(COALESCE(DATABASE(), '')))"
_WITHOUT_END = 2147483
"""Seconds that a session may be idle; the most that a server on Windows allows."""
_RUNNING = (
    "SELECT info FROM information_schema.processlist WHERE id = :session AND info IS NOT NULL"
    " AND user = SUBSTRING_INDEX(USER(), '@', 1) AND db = DATABASE()"
)


class MySQL(Engine):
    """A MariaDB or MySQL database."""

    commits_each_ddl_statement = True
    makes_key_indexes = True
    repeats_definitions = True
    has_lock_timeouts = True
    naming_database = "SELECT CONCAT_WS(' ', @@hostname, @@port, @@datadir, DATABASE())"
    taking_lease = f"SELECT GET_LOCK({_LOCK}, 0)"
    ending_session = "KILL CONNECTION {}"
    # Its session has been idle since it took the lock. Other users' sessions are visible only with PROCESS.
    holding_lease = (
        "SELECT CONCAT('connection ', held.id, COALESCE(CONCAT(' of ', user, ' from ', host, DATE_FORMAT("
        "UTC_TIMESTAMP() - INTERVAL time SECOND, ', since %Y-%m-%dT%H:%i:%sZ')), ''))"
        f" FROM (SELECT IS_USED_LOCK({_LOCK}) AS id) AS held"
        " LEFT JOIN information_schema.processlist AS session ON session.id = held.id"
    )

    def lease(self, own: Connection) -> Lease:
        if is_on_cluster(own):
            return LeaseRow(own)
        own.exec_driver_sql(f"SET SESSION wait_timeout = {_WITHOUT_END}")  # it is idle for as long as the move takes
        return super().lease(own)

    @contextmanager
    def waiting_briefly(self, patience: Patience, may_wait: Callable[[], bool]) -> Iterator[None]:
        with waiting_briefly(self.connection, patience, may_wait):
            yield

    def running_in(self, session: int) -> tuple[str, bool] | None:
        running = self.connection.scalar(text(_RUNNING), {"session": session})
        return None if running is None else (str(running), False)

    def limit_waits(self) -> None:
        limit_again(self.connection)

    def is_lock_timeout(self, error: BaseException) -> bool:
        return is_lock_timeout(error)

    def blockers(self, statement: str) -> list[Blocker]:
        return blockers_of(self.connection, statement)
