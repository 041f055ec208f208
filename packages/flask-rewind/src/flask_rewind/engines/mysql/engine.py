"""MariaDB and MySQL: each DDL statement commits, and a named lock (GET_LOCK) is the lease."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flask_rewind.engines.blockers import Blocker
from flask_rewind.engines.engine import Engine
from flask_rewind.engines.mysql.blockers import blockers_of
from flask_rewind.engines.mysql.lock_timeouts import is_lock_timeout
from flask_rewind.engines.mysql.waits import limit_again, waiting_briefly
from flask_rewind.waiting import Patience


class MySQL(Engine):
    """A MariaDB or MySQL database."""

    commits_each_ddl_statement = True
    makes_key_indexes = True
    has_lock_timeouts = True
    naming_database = "SELECT CONCAT_WS(' ', @@hostname, @@port, @@datadir, DATABASE())"
    # The name of a lock, like that of a database, has at most 64 characters. So the lock has a hash of the name.
    taking_lease = "SELECT GET_LOCK(CONCAT('rewind_', SHA1(COALESCE(DATABASE(), ''))), 0)"
    running_in_session = (
        "SELECT info FROM information_schema.processlist WHERE id = :session AND info IS NOT NULL"
        " AND user = SUBSTRING_INDEX(USER(), '@', 1) AND db = DATABASE()"
    )
    ending_session = "KILL CONNECTION {}"
    holding_lease = (
        "SELECT CONCAT('connection ', id, ' of ', user, ' from ', host) FROM information_schema.processlist"
        " WHERE id = IS_USED_LOCK(CONCAT('rewind_', SHA1(COALESCE(DATABASE(), ''))))"
    )

    @contextmanager
    def waiting_briefly(self, patience: Patience, may_wait: Callable[[], bool]) -> Iterator[None]:
        with waiting_briefly(self.connection, patience, may_wait):
            yield

    def limit_waits(self) -> None:
        limit_again(self.connection)

    def is_lock_timeout(self, error: BaseException) -> bool:
        return is_lock_timeout(error)

    def blockers(self, statement: str) -> list[Blocker]:
        return blockers_of(self.connection, statement)
