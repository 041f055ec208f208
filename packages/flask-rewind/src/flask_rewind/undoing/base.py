"""How the parts of a schema are dropped, made and changed by their own text, whatever the engine."""

from abc import ABC, abstractmethod

from sqlalchemy import Connection

from flask_rewind.describing import Description, Part
from flask_rewind.statements import Rename

OBJECTS = {"view", "trigger", "index", "sequence", "type"}
"""What a statement of its own makes and drops."""


class Restorer(ABC):
    """Changes the schema of one database, part by part. Columns and tables that hold data are the attic's."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def rename_back(self, rename: Rename) -> None:
        """Give a table or a column its former name."""
        if rename.column:
            self.run(
                f"ALTER TABLE {self.quote(rename.table)} RENAME COLUMN {self.quote(rename.new)}"
                f" TO {self.quote(rename.column)}"
            )
        else:
            self.run(f"ALTER TABLE {self.quote(rename.new)} RENAME TO {self.quote(rename.table)}")

    @abstractmethod
    def drop(self, part: Part) -> None:
        """Drop a part; a column or a table only where it holds nothing to keep."""

    @abstractmethod
    def make(self, part: Part) -> None:
        """Make a part that is missing by its own text."""

    @abstractmethod
    def change(self, part: Part, now: Part) -> None:
        """Make a part what it was; what an engine cannot change is left, and refused afterwards."""

    def make_table(self, part: Part, wanted: Description) -> None:
        """Make a table that nothing keeps any more, without rows."""
        self.run(part.sql)

    def finish(self) -> None:
        """Do what was gathered."""
        return

    def is_empty(self, table: str) -> bool:
        """Return whether a table has no rows."""
        return self.connection.exec_driver_sql(f"SELECT 1 FROM {self.quote(table)} LIMIT 1").first() is None

    def run(self, statement: str) -> None:
        """Execute one statement as it stands."""
        is_formatting = self.connection.dialect.paramstyle in {"format", "pyformat"}
        self.connection.exec_driver_sql(statement.replace("%", "%%") if is_formatting else statement)

    def quote(self, name: str) -> str:
        """Return an identifier in quotes."""
        return self.connection.dialect.identifier_preparer.quote_identifier(name)
