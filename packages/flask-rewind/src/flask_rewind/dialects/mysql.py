"""MariaDB and MySQL: an index that a foreign key stands on cannot be dropped before its stand-in is there."""

from typing import Any

from sqlalchemy import Constraint, ForeignKeyConstraint, Index, Inspector, UniqueConstraint, inspect, text
from sqlalchemy.engine.interfaces import ReflectedForeignKeyConstraint

from flask_rewind.dialects.base import Engine


class _Impl:
    """Put before Alembic's MySQLImpl."""

    connection: Any

    def drop_index(self, index: Index, **kw: Any) -> None:
        """Drop `index`; where a foreign key needs it, give the key an index of its own in the same statement.

        A plain drop ends in error 1553. The server makes such an index by itself when a key is created without
        one, and quietly takes it away when a script adds its own: the drop of that one has to bring it back.
        """
        table: Any = index.table
        if not self._leave_key_an_index(table, str(index.name)):
            super().drop_index(index, **kw)  # type: ignore[misc]

    def drop_constraint(self, const: Constraint, **kw: Any) -> None:
        """Drop `const`: a unique one like the index that it is, a foreign key with the index the server made for it."""
        table: Any = const.table
        if isinstance(const, UniqueConstraint) and self._leave_key_an_index(table, str(const.name)):
            return
        super().drop_constraint(const, **kw)  # type: ignore[misc]
        if isinstance(const, ForeignKeyConstraint) and self._has_spare_index(table, str(const.name)):
            quote = self.connection.dialect.identifier_preparer.quote
            name = self.connection.dialect.identifier_preparer.format_table(table)
            self.connection.execute(text(f"ALTER TABLE {name} DROP INDEX {quote(str(const.name))}"))

    def _has_spare_index(self, table: Any, name: str) -> bool:
        indexes = inspect(self.connection).get_indexes(table.name, table.schema)
        is_there = any(index["name"] == name for index in indexes)
        return is_there and _key_left_without_index(self.connection, table.name, table.schema, name) is None

    def _leave_key_an_index(self, table: Any, name: str) -> bool:
        """Drop the index where a foreign key needs it, with a stand-in; return False, and do nothing, elsewhere."""
        key = _key_left_without_index(self.connection, table.name, table.schema, name)
        if key is None:
            return False
        quote = self.connection.dialect.identifier_preparer.quote
        columns = ", ".join(quote(name) for name in key["constrained_columns"])
        table_name = self.connection.dialect.identifier_preparer.format_table(table)
        self.connection.execute(
            text(f"ALTER TABLE {table_name} ADD INDEX {quote(key['name'])} ({columns}), DROP INDEX {quote(name)}")
        )
        return True


class MySQL(Engine):
    """A MariaDB or MySQL database."""

    commits_each_ddl_statement = True
    naming_database = "SELECT CONCAT_WS(' ', @@hostname, @@port, @@datadir, DATABASE())"
    # A name may have 64 characters, as that of a database.
    taking_lease = "SELECT GET_LOCK(CONCAT('rewind_', SHA1(COALESCE(DATABASE(), ''))), 0)"
    holding_lease = (
        "SELECT CONCAT('connection ', id, ' of ', user, ' from ', host) FROM information_schema.processlist"
        " WHERE id = IS_USED_LOCK(CONCAT('rewind_', SHA1(COALESCE(DATABASE(), ''))))"
    )
    impl_mixin = _Impl


def _key_left_without_index(
    connection: Any, table: str, schema: str | None, index: str
) -> ReflectedForeignKeyConstraint | None:
    inspector: Inspector = inspect(connection)
    indexes = {str(entry["name"]): entry["column_names"] for entry in inspector.get_indexes(table, schema)}
    primary_key = inspector.get_pk_constraint(table, schema)["constrained_columns"]
    left = [columns for name, columns in indexes.items() if name != index] + [primary_key]
    for key in inspector.get_foreign_keys(table, schema):
        wanted = key["constrained_columns"]
        if _starts_with(indexes.get(index, []), wanted) and not any(_starts_with(each, wanted) for each in left):
            return key
    return None


def _starts_with(columns: list[Any], wanted: list[str]) -> bool:
    # InnoDB takes an index whose first columns are the key's, in any order among themselves.
    return sorted(map(str, columns[: len(wanted)])) == sorted(wanted)
