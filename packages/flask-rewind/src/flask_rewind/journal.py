"""The record of a crossing that is under way, for engines that commit every DDL statement by themselves.

On SQLite and PostgreSQL a crossing and its version row are one transaction: a run that dies leaves nothing half
done, and nothing needs to be recorded. On MariaDB and MySQL it leaves the statements that had run; the row here,
written before the first of them, says so to `status`, until the crossing is run again and finishes.
"""

import os
import socket
from datetime import UTC, datetime

from sqlalchemy import Column, Connection, DateTime, MetaData, String, Table, delete, inspect, select

from flask_rewind.results import UnfinishedCrossing

moves = Table(
    "rewind_moves",
    MetaData(),
    Column("revision", String(32), primary_key=True),
    Column("direction", String(4), nullable=False),
    Column("started_at", DateTime, nullable=False),
    Column("place", String(255), nullable=False),
)


class Journal:
    """The journal of one database, kept on the connection of the move. It commits: use it between crossings."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def begin(self, revision: str, direction: str) -> None:
        """Write down that the crossing of `revision` starts."""
        moves.create(self._connection, checkfirst=True)
        self._connection.execute(delete(moves))
        place = f"{socket.gethostname()}, process {os.getpid()}"
        now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
        row = {"revision": revision, "direction": direction, "started_at": now, "place": place[:255]}
        self._connection.execute(moves.insert(), row)
        # Said to the server itself: SQLAlchemy's own transaction may belong to env.py.
        self._connection.exec_driver_sql("COMMIT")

    def forget(self) -> None:
        """The crossing is over: nothing of the journal stays in the database."""
        moves.drop(self._connection, checkfirst=True)

    def unfinished(self, current: tuple[str, ...]) -> UnfinishedCrossing | None:
        """Return the crossing that was begun and never reached the version table, where `current` is what it says."""
        if not inspect(self._connection).has_table(moves.name):
            return None
        row = self._connection.execute(select(moves)).first()
        if row is None or (row.revision in current) == (row.direction == "up"):
            return None
        return UnfinishedCrossing(row.revision, row.direction, f"{row.started_at.isoformat()}Z", row.place)
