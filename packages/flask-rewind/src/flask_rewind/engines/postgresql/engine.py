"""PostgreSQL: enum types are separate objects, which stay when the tables that use them are dropped."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, cast

from sqlalchemy import Column, Connection, Enum, Table, event, text
from sqlalchemy.dialects.postgresql import ENUM

from flask_rewind.engines.blockers import Blocker
from flask_rewind.engines.engine import Engine
from flask_rewind.engines.failures import note_failure
from flask_rewind.engines.lease import Lease
from flask_rewind.engines.postgresql.blockers import blockers_of
from flask_rewind.engines.postgresql.lock_timeouts import is_lock_timeout
from flask_rewind.journal import who
from flask_rewind.waiting import TRY_SECONDS

_RUNNING = (
    "SELECT query, octet_length(query) > pg_size_bytes(current_setting('track_activity_query_size')) - 5 AS is_cut"
    " FROM pg_stat_activity WHERE pid = :session AND state = 'active'"
    " AND usename = current_user AND datname = current_database()"
)
_LIMITING = (
    f"SELECT set_config('lock_timeout', '{TRY_SECONDS}s', true)"
    f" WHERE current_setting('lock_timeout') = '0' OR current_setting('lock_timeout')::interval > '{TRY_SECONDS}s'"
    # PostgreSQL 14 and newer can look for a dead client while they execute its statement, where the system can.
    f" UNION ALL SELECT set_config('client_connection_check_interval', '{TRY_SECONDS}s', true)"
    " WHERE current_setting('client_connection_check_interval', true) = '0' AND version() LIKE '%%linux%%'"
)


class _Impl:
    """Put before Alembic's PostgresqlImpl."""

    connection: Any

    def create_table(self, table: Table, **kw: Any) -> None:
        """Create `table`, and use enum types that already exist.

        A downgrade that dropped the table may not have dropped its types; stock Alembic then fails on the way up.
        """
        with ExitStack() as stack:
            for column in table.columns:
                stack.enter_context(self._type_there(column))
            super().create_table(table, **kw)  # type: ignore[misc]

    def add_column(self, table_name: str, column: Column[Any], **kw: Any) -> None:
        """Create the enum type of `column` if it is missing, since ALTER TABLE does not, and add the column."""
        with self._type_there(column):
            super().add_column(table_name, column, **kw)  # type: ignore[misc]

    @contextmanager
    def _type_there(self, column: Column[Any]) -> Iterator[None]:
        """Create the enum type of a column where it is missing, and let the block not create it."""
        kind = column.type.dialect_impl(self.connection.dialect) if isinstance(column.type, Enum) else None
        if not isinstance(kind, ENUM) or not kind.create_type:
            yield
            return
        kind.create(self.connection, checkfirst=True)
        # A reflected type creates itself with its table; a generic one does so through `kind`. Prevent both.
        both = (kind, cast(ENUM, column.type))
        for each in both:
            each.create_type = False
        try:
            yield
        finally:
            for each in both:  # a type of the script's module, if the crossing is begun anew
                each.create_type = True


class PostgreSQL(Engine):
    """A PostgreSQL database."""

    has_own_stand_in = False
    reading_may_change = True
    has_lock_timeouts = True
    naming_database = "SELECT concat_ws(' ', pg_postmaster_start_time(), current_database(), current_schema())"
    # The lease is per schema: apps may share a database, each in its own schema.
    taking_lease = "SELECT pg_try_advisory_lock(hashtextextended(concat('rewind ', current_schema()), 0))"
    holding_lease = (
        "SELECT concat('process ', pid, ' of ', usename, ' from ' || host(client_addr),"
        " ' (' || nullif(application_name, '') || ')',"
        ' to_char(state_change AT TIME ZONE \'UTC\', \'", since "YYYY-MM-DD"T"HH24:MI:SS"Z"\'))'
        " FROM pg_locks JOIN pg_stat_activity USING (pid)"
        " WHERE locktype = 'advisory' AND granted AND datname = current_database()"
        " AND (CAST(classid AS bigint) << 32) | CAST(objid AS bigint)"
        " = hashtextextended(concat('rewind ', current_schema()), 0)"
    )
    ending_session = "SELECT pg_terminate_backend({})"
    impl_mixin = _Impl

    def lease(self, own: Connection) -> Lease:
        # It is idle for as long as the move takes; versions before 14 have no limit for that.
        own.execute(
            text(
                "SELECT set_config('application_name', :who, false), (SELECT set_config(name, '0', false)"
                " FROM pg_settings WHERE name = 'idle_session_timeout')"
            ),
            {"who": who()},
        )
        return super().lease(own)

    def running_in(self, session: int) -> tuple[str, bool] | None:
        # A transaction shows sessions as they were when it looked first.
        self.connection.exec_driver_sql("SELECT pg_stat_clear_snapshot()")
        found = self.connection.execute(text(_RUNNING), {"session": session}).first()
        return found and (found.query, found.is_cut)

    def limit_waits(self) -> None:
        # Permanently: removing a listener is not safe beside other threads.
        if not event.contains(self.connection.engine, "handle_error", _note_failure):
            event.listen(self.connection.engine, "handle_error", _note_failure)
        self.connection.exec_driver_sql(_LIMITING)

    def is_lock_timeout(self, error: BaseException) -> bool:
        return is_lock_timeout(error)

    def blockers(self, statement: str) -> list[Blocker]:
        return blockers_of(self.connection, statement)


def _note_failure(context: Any) -> None:
    note_failure(context.connection, context.sqlalchemy_exception)
