"""The table rewind_lease: who may move a database of a cluster, where a session lock is valid on one node only."""

from sqlalchemy import Column, DateTime, MetaData, String, Table
from sqlalchemy.dialects.mysql import DATETIME

_TIME = DateTime().with_variant(DATETIME(fsp=6), "mysql", "mariadb")

table = Table(
    "rewind_lease",
    MetaData(),
    Column("name", String(64), primary_key=True),
    Column("holder", String(255), nullable=False),
    # Identifies the holder: a process in a container has the same number after each restart.
    Column("token", String(32), nullable=False),
    Column("since", _TIME, nullable=False),
    Column("heartbeat", _TIME, nullable=False),
    Column("expires", _TIME, nullable=False),
    mysql_engine="InnoDB",
    mysql_charset="utf8mb4",
)
"""One row while a move holds the lease, none otherwise. Its times are UTC, by the clock of the server."""
