"""PostgreSQL: enum types are objects of their own, and outlive the tables that use them."""

from typing import Any, cast

from sqlalchemy import Column, Connection, Enum, Table, text
from sqlalchemy.dialects.postgresql import ENUM

from flask_rewind.engines.engine import Engine
from flask_rewind.engines.lease import Lease
from flask_rewind.journal import who


class _Impl:
    """Put before Alembic's PostgresqlImpl."""

    connection: Any

    def create_table(self, table: Table, **kw: Any) -> None:
        """Create `table`, taking the enum types that are already there as they are.

        An older downgrade that dropped the table did not drop its types; stock Alembic then fails on the way up.
        """
        for column in table.columns:
            self._have_type(column)
        super().create_table(table, **kw)  # type: ignore[misc]

    def add_column(self, table_name: str, column: Column[Any], **kw: Any) -> None:
        """Add `column`, its enum type first where it is missing: ALTER TABLE does not create types."""
        self._have_type(column)
        super().add_column(table_name, column, **kw)  # type: ignore[misc]

    def _have_type(self, column: Column[Any]) -> None:
        if not isinstance(column.type, Enum):
            return
        kind = column.type.dialect_impl(self.connection.dialect)
        if isinstance(kind, ENUM) and kind.create_type:
            kind.create(self.connection, checkfirst=True)
            # A reflected type listens for its table itself, a generic one through what stands for it here.
            for each in (kind, cast(ENUM, column.type)):
                each.create_type = False


class PostgreSQL(Engine):
    """A PostgreSQL database."""

    has_own_stand_in = False
    reading_may_change = True
    naming_database = "SELECT concat_ws(' ', pg_postmaster_start_time(), current_database(), current_schema())"
    # Apps may share a database, each in its schema.
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
