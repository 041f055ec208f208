"""Columns that one of Flask-Rewind's tables lacks because an older version made it."""

from collections.abc import Collection

from sqlalchemy import Connection, Table, inspect
from sqlalchemy.schema import CreateColumn


def columns_there(connection: Connection, table: Table) -> set[str]:
    """Return the names of the columns that a table has in the database; empty if it does not exist."""
    inspector = inspect(connection)
    if not inspector.has_table(table.name):
        return set()
    return {each["name"] for each in inspector.get_columns(table.name)}


def add_missing_columns(connection: Connection, table: Table, there: Collection[str]) -> None:
    """Add the columns that the table lacks; each must have a ``server_default`` or allow NULL."""
    for column in table.columns:
        if column.name not in there:
            definition = CreateColumn(column).compile(dialect=connection.dialect)
            connection.exec_driver_sql(f"ALTER TABLE {table.name} ADD COLUMN {definition}")
