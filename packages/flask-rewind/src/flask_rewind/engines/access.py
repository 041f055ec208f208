"""Execute statements and quote names in one database; classify its errors, and reflect columns."""

from typing import Any

from sqlalchemy import Connection, inspect, text

from flask_rewind.places import Names, Place


class DatabaseAccess:
    """Executes statements and quotes names in one database."""

    def __init__(self, connection: Connection, names: Names) -> None:
        self.connection = connection
        self.names = names

    def run(self, statement: str, **parameters: Any) -> Any:
        """Execute one statement with its parameters."""
        return self.connection.execute(text(statement), parameters)

    def run_literally(self, statement: str) -> Any:
        """Execute one statement unchanged, even if it contains ``%`` or ``:``."""
        escaped = statement.replace("%", "%%") if self.connection.dialect.paramstyle in {"format", "pyformat"} else None
        return self.connection.exec_driver_sql(escaped or statement)

    def quote(self, name: str) -> str:
        """Return an identifier in quotes, whether it needs them or not."""
        # The preparer doubles % for drivers that use it for parameters. Here `run_literally` does that, so hide it.
        quoted = self.connection.dialect.identifier_preparer.quote_identifier(name.replace("%", "\0"))
        return quoted.replace("\0", "%")

    def name_of(self, schema: str | None, name: str) -> str:
        """Return the quoted name of a table."""
        return f"{self.quote(schema)}.{self.quote(name)}" if schema else self.quote(name)

    def table_of(self, place: Place) -> str:
        """Return the quoted name of the table of `place`."""
        return self.name_of(place.schema, place.table)

    def column_of(self, place: Place) -> str:
        """Return the quoted name of the column of `place`."""
        return self.quote(place.column or "")


class Part(DatabaseAccess):
    """One part of a hider, on the same connection."""

    def __init__(self, access: DatabaseAccess) -> None:
        super().__init__(access.connection, access.names)


def is_nullable(connection: Connection, place: Place) -> bool:
    """Return whether a column may be NULL."""
    there = columns_of(inspect(connection), place.schema, place.table)
    column = (place.column or "").lower()
    return any(each["nullable"] for name, each in there.items() if name.lower() == column)


def columns_of(inspector: Any, schema: str | None, table: str) -> dict[str, Any]:
    """Return the reflected columns of a table by name."""
    found = {column["name"]: column for column in inspector.get_columns(table, schema=schema)}
    if inspector.dialect.name in {"mysql", "mariadb"}:  # SQLAlchemy does not unescape `` in their names
        return {name.replace("``", "`"): column for name, column in found.items()}
    return found
