"""Columns that a table of Flask-Rewind, made by an older version, does not have yet."""

from collections.abc import Collection

from sqlalchemy import Connection, Table, inspect
from sqlalchemy.schema import CreateColumn


def columns_there(connection: Connection, table: Table) -> set[str]:
    """Return the names of the columns that a table has in the database; empty where there is no such table."""
    inspector = inspect(connection)
    if not inspector.has_table(table.name):
        return set()
    return {each["name"] for each in inspector.get_columns(table.name)}


def add_missing_columns(connection: Connection, table: Table, there: Collection[str]) -> None:
    """Add the columns that the table does not have; each needs a ``server_default``, or takes NULL."""
    for column in table.columns:
        if column.name not in there:
            definition = CreateColumn(column).compile(dialect=connection.dialect)
            connection.exec_driver_sql(f"ALTER TABLE {table.name} ADD COLUMN {definition}")
