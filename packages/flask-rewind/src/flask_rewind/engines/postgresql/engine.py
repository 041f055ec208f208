"""PostgreSQL: enum types are objects of their own, and outlive the tables that use them."""

from typing import Any, cast

from sqlalchemy import Column, Enum, Table
from sqlalchemy.dialects.postgresql import ENUM

from flask_rewind.engines.blockers import Blocker
from flask_rewind.engines.engine import Engine
from flask_rewind.engines.postgresql.blockers import blockers_of
from flask_rewind.engines.postgresql.lock_timeouts import is_lock_timeout
from flask_rewind.waiting import TRY_SECONDS

_LIMITING = (
    f"SELECT set_config('lock_timeout', '{TRY_SECONDS}s', true)"
    f" WHERE current_setting('lock_timeout') = '0' OR current_setting('lock_timeout')::interval > '{TRY_SECONDS}s'"
)


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
    has_lock_timeouts = True
    naming_database = "SELECT concat_ws(' ', pg_postmaster_start_time(), current_database(), current_schema())"
    # Apps may share a database, each in its schema.
    taking_lease = "SELECT pg_try_advisory_lock(hashtextextended(concat('rewind ', current_schema()), 0))"
    holding_lease = (
        "SELECT concat('process ', pid, ' of ', usename, ' from ' || client_addr)"
        " FROM pg_locks JOIN pg_stat_activity USING (pid)"
        " WHERE locktype = 'advisory' AND granted AND datname = current_database()"
        " AND (CAST(classid AS bigint) << 32) | CAST(objid AS bigint)"
        " = hashtextextended(concat('rewind ', current_schema()), 0)"
    )
    impl_mixin = _Impl

    def limit_waits(self) -> None:
        self.connection.exec_driver_sql(_LIMITING)

    def is_lock_timeout(self, error: BaseException) -> bool:
        return is_lock_timeout(error)

    def blockers(self, statement: str) -> list[Blocker]:
        return blockers_of(self.connection, statement)
