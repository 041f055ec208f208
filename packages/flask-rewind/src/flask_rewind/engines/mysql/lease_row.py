"""The lease on a Galera cluster, where GET_LOCK is valid on one node only: a row of a table, which all nodes have.

If two nodes write the row at once, the cluster lets one commit, and the other gets a deadlock error. So only a move
that has seen the last renewal can take the lease over. The times in the row are not enough for that: an ALTER TABLE
blocks the commits of the whole cluster, so a renewal that was sent during it is committed after it, and its times are
past by then (measured on MariaDB 10.11, with an ALTER of 9 seconds). The clocks of the nodes may differ, too. So a move
watches the row for a while before it takes the lease over.
"""

import logging
import time
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, delete, insert, literal_column, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import CreateTable

from flask_rewind.engines.lease import Lease, held_by
from flask_rewind.errors import DatabaseUnreachable, LeaseLost
from flask_rewind.journal import who
from flask_rewind.lease_table import table

log = logging.getLogger("alembic.runtime.migration")

RENEWED_EVERY = 5.0
"""Seconds between two renewals."""
LASTS = 30.0
"""Seconds from a renewal until the lease expires."""
_TRIES = 20
_PAUSE = 0.1
"""Seconds between two of them."""

_NO_TABLE = 1146
_NOT_READY = 1047
"""The node is not part of the cluster, or still copies the data of another one."""
_LOST_AGAINST_ANOTHER = {1020, 1062, 1205, 1213}
"""Record changed, duplicate key, lock wait timeout, deadlock: also the error of the node that wrote second."""

_NOW: ColumnElement[Any] = literal_column("UTC_TIMESTAMP(6)")
_OWN_ROW = table.c.name == literal_column("DATABASE()")
_FOUND = select(table, (table.c.expires < _NOW).label("is_expired")).where(_OWN_ROW)


def is_on_cluster(own: Connection) -> bool:
    """Return whether the server is a node of a Galera cluster. MySQL does not have the variable."""
    row = own.exec_driver_sql("SHOW VARIABLES LIKE 'wsrep_on'").first()
    return row is not None and row[1] == "ON"


class LeaseRow(Lease):
    """The row. Its holder has the lease as long as it renews the row."""

    def __init__(self, own: Connection) -> None:
        self.renewed_every = RENEWED_EVERY
        cluster = own.exec_driver_sql("SHOW GLOBAL STATUS LIKE 'wsrep_cluster_state_uuid'").first()
        self.database = f"{cluster and cluster[1]} {own.exec_driver_sql('SELECT DATABASE()').scalar()}"
        own.commit()
        self._own = own
        self._token = uuid4().hex
        self._obstacle = held_by("")
        self._seen: tuple[str, datetime] | None = None
        self._seen_at = 0.0
        self._renewed_at = 0.0
        self._is_lost = False

    def take(self) -> bool:
        """Take the lease if nobody has it, or if its holder has stopped renewing it."""
        try:
            return self._take()
        except DBAPIError as error:
            if _code(error) == _NO_TABLE:
                self._create_table()
                return self.take()
            if _code(error) == _NOT_READY:
                self._obstacle = f"This node of the cluster executes nothing now: {error.orig}."
            elif _code(error) not in _LOST_AGAINST_ANOTHER:
                raise
            return False

    def _take(self) -> bool:
        sent = time.monotonic()
        with self._own.begin():
            row = self._own.execute(_FOUND).first()
            is_taken = self._is_free(row) and self._write(row)
        if is_taken:
            self._renewed_at = sent
            if row:
                log.warning("The lease of %s has expired. This move takes it over.", _described(row))
        return is_taken

    def obstacle(self) -> str:
        """Return what the last `take` has found."""
        return self._obstacle

    def _is_free(self, row: Any) -> bool:
        if row is None:
            return True
        self._obstacle = held_by(_described(row))
        if self._seen != (row.token, row.heartbeat):
            self._seen, self._seen_at = (row.token, row.heartbeat), time.monotonic()
        watched = time.monotonic() - self._seen_at
        return watched >= LASTS or (bool(row.is_expired) and watched >= 3 * RENEWED_EVERY)

    def _write(self, row: Any) -> bool:
        values = {"holder": who()[:255], "token": self._token, "since": _NOW, **_renewal()}
        if row is None:
            self._own.execute(insert(table).values(name=literal_column("DATABASE()"), **values))
            return True
        is_as_seen = (table.c.token == row.token) & (table.c.heartbeat == row.heartbeat)
        return self._own.execute(update(table).where(_OWN_ROW, is_as_seen).values(values)).rowcount == 1

    def _create_table(self) -> None:
        with self._own.begin():
            self._own.execute(CreateTable(table, if_not_exists=True))

    def catch_up(self, connection: Connection) -> None:
        """Wait until the node of `connection`, which may be another one, has everything that the cluster committed."""
        # Past SQLAlchemy, which would begin a transaction.
        with closing(connection.connection.cursor()) as cursor:
            cursor.execute("SELECT @@SESSION.wsrep_sync_wait")
            before = cursor.fetchone()
            cursor.execute("SET SESSION wsrep_sync_wait = 1")
            try:
                cursor.execute("SELECT 1")
            except connection.dialect.loaded_dbapi.Error as error:
                raise DatabaseUnreachable(
                    f"This node of the cluster has not caught up with the others: {error}",
                    "Run the same command again when it has.",
                ) from error
            cursor.execute(f"SET SESSION wsrep_sync_wait = {before and before[0]}")

    def renew(self, connection: Connection) -> None:
        """Write a heartbeat and a later expiry, if the row still belongs to this holder."""
        sent = time.monotonic()
        try:
            with connection.begin():
                own_row = table.c.token == self._token
                is_renewed = connection.execute(update(table).where(own_row).values(_renewal())).rowcount == 1
        except DBAPIError as error:
            if _code(error) != _NO_TABLE:
                raise
            is_renewed = True  # `eject` has dropped the table, so nobody else has the lease
        if is_renewed:
            self._renewed_at = max(self._renewed_at, sent)
        else:
            self._is_lost = True

    def confirm(self) -> None:
        """Renew the lease now if the thread has not done so lately: another move may be about to take it over."""
        while not self._is_lost and time.monotonic() - self._renewed_at >= 2 * RENEWED_EVERY:
            if error := _tried(lambda: self.renew(self._own)):
                raise LeaseLost(
                    f"This move could not renew its lease of the database: {error.orig}.",
                    "Check the cluster, then run the same command again. It first finishes or takes back what this one "
                    "left.",
                ) from error
        if self._is_lost:
            raise self._lost()

    def _lost(self) -> LeaseLost:
        row = None
        try:
            with self._own.begin():
                row = self._own.execute(_FOUND).first()
        except DBAPIError:
            log.debug("Nobody can say who has the lease", exc_info=True)
        holder = f"now held by {_described(row)}" if row else f"its row in {table.name} is gone"
        return LeaseLost(
            f"This move has lost its lease of the database, which it did not renew for {LASTS:g} seconds: {holder}.",
            "Run the same command again. It waits for other moves, then finishes or takes back what this one left.",
        )

    def release(self) -> None:
        """Delete the row."""
        if error := _tried(self._delete):
            log.warning("The lease was not released, and expires in %g seconds: %s", LASTS, error.orig)

    def _delete(self) -> None:
        try:
            with self._own.begin():
                self._own.execute(delete(table).where(table.c.token == self._token))
        except DBAPIError as error:
            if _code(error) != _NO_TABLE:
                raise


def _tried(do: Callable[[], None]) -> DBAPIError | None:
    """Call `do`, and again if it fails, since a lost connection is replaced. Return the error of the last try."""
    failed = None
    for _ in range(_TRIES):
        try:
            do()
        except DBAPIError as error:
            failed = error
            time.sleep(_PAUSE)
        else:
            return None
    return failed


def _renewal() -> dict[str, Any]:
    return {"heartbeat": _NOW, "expires": literal_column(f"UTC_TIMESTAMP(6) + INTERVAL {LASTS} SECOND")}


def _described(row: Any) -> str:
    last = f", last renewed at {_text(row.heartbeat)}" if row.is_expired else ""
    return f"{row.holder}, since {_text(row.since)}{last}"


def _text(when: datetime) -> str:
    return f"{when.isoformat(timespec='seconds')}Z"


def _code(error: DBAPIError) -> object:
    return error.orig.args[0] if error.orig and error.orig.args else None
