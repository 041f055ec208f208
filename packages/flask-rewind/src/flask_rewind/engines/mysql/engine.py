"""MariaDB and MySQL: each DDL statement commits, and a lock of a name is the lease."""

from sqlalchemy import Connection

from flask_rewind.engines.engine import Engine
from flask_rewind.engines.lease import Lease
from flask_rewind.engines.mysql.lease_row import LeaseRow, is_on_cluster

_LOCK = "CONCAT('rewind_', SHA1(COALESCE(DATABASE(), '')))"
"""The name of the lock. It may have 64 characters, as that of a database."""
_WITHOUT_END = 2147483
"""Seconds that a session may be idle; the most that a server on Windows takes."""


class MySQL(Engine):
    """A MariaDB or MySQL database."""

    commits_each_ddl_statement = True
    makes_key_indexes = True
    naming_database = "SELECT CONCAT_WS(' ', @@hostname, @@port, @@datadir, DATABASE())"
    taking_lease = f"SELECT GET_LOCK({_LOCK}, 0)"
    # Its session has been idle since it took the lock. Without the privilege PROCESS other users' are not shown.
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
