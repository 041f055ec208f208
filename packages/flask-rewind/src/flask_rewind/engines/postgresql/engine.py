"""PostgreSQL: enum types are separate objects, which stay when the tables that use them are dropped."""

from typing import Any, cast

from sqlalchemy import Column, Enum, Table
from sqlalchemy.dialects.postgresql import ENUM

from flask_rewind.engines.engine import Engine


class _Impl:
    """Put before Alembic's PostgresqlImpl."""

    connection: Any

    def create_table(self, table: Table, **kw: Any) -> None:
        """Create `table`, and use enum types that already exist.

        A downgrade that dropped the table may not have dropped its types; stock Alembic then fails on the way up.
        """
        for column in table.columns:
            self._have_type(column)
        super().create_table(table, **kw)  # type: ignore[misc]

    def add_column(self, table_name: str, column: Column[Any], **kw: Any) -> None:
        """Create the enum type of `column` if it is missing, since ALTER TABLE does not, and add the column."""
        self._have_type(column)
        super().add_column(table_name, column, **kw)  # type: ignore[misc]

    def _have_type(self, column: Column[Any]) -> None:
        if not isinstance(column.type, Enum):
            return
        kind = column.type.dialect_impl(self.connection.dialect)
        if isinstance(kind, ENUM) and kind.create_type:
            kind.create(self.connection, checkfirst=True)
            # A reflected type creates itself with its table; a generic one does so through `kind`. Prevent both.
            for each in (kind, cast(ENUM, column.type)):
                each.create_type = False


class PostgreSQL(Engine):
    """A PostgreSQL database."""

    has_own_stand_in = False
    reading_may_change = True
    naming_database = "SELECT concat_ws(' ', pg_postmaster_start_time(), current_database(), current_schema())"
    # The lease is per schema: apps may share a database, each in its own schema.
    taking_lease = "SELECT pg_try_advisory_lock(hashtextextended(concat('rewind ', current_schema()), 0))"
    holding_lease = (
        "SELECT concat('process ', pid, ' of ', usename, ' from ' || client_addr)"
        " FROM pg_locks JOIN pg_stat_activity USING (pid)"
        " WHERE locktype = 'advisory' AND granted AND datname = current_database()"
        " AND (CAST(classid AS bigint) << 32) | CAST(objid AS bigint)"
        " = hashtextextended(concat('rewind ', current_schema()), 0)"
    )
    impl_mixin = _Impl
