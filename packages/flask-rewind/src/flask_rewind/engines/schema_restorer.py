"""Drop, create and change the parts of a schema by their SQL text, on any engine."""

from abc import ABC, abstractmethod
from itertools import pairwise

from flask_rewind.describing import Description, Part
from flask_rewind.engines.hider import Hider
from flask_rewind.sql.changes import Rename
from flask_rewind.sql.tokenizer import tokens

OBJECTS = {"view", "trigger", "index", "sequence", "type"}
"""Kinds of parts that their own statements create and drop."""


class Restorer(ABC):
    """Changes the schema of one database, part by part. Columns and tables with data are left to the attic."""

    def __init__(self, hider: Hider) -> None:
        self.hider = hider
        self.connection = hider.connection
        self.run = hider.run_literally
        self.quote = hider.quote

    def rename_back(self, rename: Rename) -> None:
        """Give a table or a column its former name."""
        if rename.column:
            self.run(
                f"ALTER TABLE {self.quote(rename.table)} RENAME COLUMN {self.quote(rename.new)}"
                f" TO {self.quote(rename.column)}"
            )
        else:
            self.run(f"ALTER TABLE {self.quote(rename.new)} RENAME TO {self.quote(rename.table)}")

    def drop(self, part: Part) -> None:
        """Drop a part. Call it for a column or a table only if it has no data to keep."""
        if part.kind == "table":
            self.run(f"DROP TABLE {self.quote(part.table)}")
        else:
            self.drop_from_table(part)

    @abstractmethod
    def drop_from_table(self, part: Part) -> None:
        """Drop anything but a table."""

    @abstractmethod
    def make(self, part: Part) -> None:
        """Create a missing part from its SQL text."""

    def change(self, part: Part, now: Part) -> None:
        """Restore a part that has changed; what the engine cannot change stays, and is refused afterwards."""
        if part.kind == "column":
            self.change_column(part, now)
        elif part.kind == "table":
            self.change_options(part)
        else:
            self.drop(now)
            self.make(part)

    @abstractmethod
    def change_column(self, part: Part, now: Part) -> None:
        """Restore the definition of a column."""

    def change_options(self, part: Part) -> None:
        """Restore the options of a table, if the engine can."""
        return

    @abstractmethod
    def make_table(self, part: Part, wanted: Description) -> None:
        """Create a table that is no longer in the attic, without rows."""

    def is_never_null(self, part: Part) -> bool:
        """Return whether a column is declared NOT NULL."""
        found = tokens(part.sql, self.connection.dialect.name)
        return ("NOT", "NULL") in pairwise(token.word for token in found if token.depth == 0)

    @abstractmethod
    def column_without_default(self, part: Part) -> str:
        """Return the definition of a column without its default and its comment."""

    def without_comment(self, part: Part) -> str:
        """Return the definition of a column without its comment."""
        return part.sql

    def table_without_comment(self, part: Part) -> str | None:
        """Return the definition of a table without its comment; None if the two cannot be separated."""
        return None

    def commenting(self, part: Part) -> str:
        """Return the statement that sets the comment of a table, if the engine has comments."""
        raise NotImplementedError

    def is_type_used(self, part: Part, there: Description) -> bool:
        """Return whether a column of a schema has this type."""
        return False

    def finish(self) -> None:
        """Execute the changes that were collected."""
        return

    def count_rows(self, table: str) -> int:
        """Return how many rows a table has."""
        return int(self.run(f"SELECT count(*) FROM {self.quote(table)}").scalar_one())
