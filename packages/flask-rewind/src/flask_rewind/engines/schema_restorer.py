"""How the parts of a schema are dropped, made and changed by their own text, whatever the engine."""

from abc import ABC, abstractmethod
from itertools import pairwise

from flask_rewind.describing import Description, Part
from flask_rewind.engines.hider import Hider
from flask_rewind.sql.changes import Rename
from flask_rewind.sql.tokenizer import tokens

OBJECTS = {"view", "trigger", "index", "sequence", "type"}
"""What a statement of its own makes and drops."""


class Restorer(ABC):
    """Changes the schema of one database, part by part. Columns and tables that hold data are the attic's."""

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
        """Drop a part; a column or a table only where it holds nothing to keep."""
        if part.kind == "table":
            self.run(f"DROP TABLE {self.quote(part.table)}")
        else:
            self.drop_from_table(part)

    @abstractmethod
    def drop_from_table(self, part: Part) -> None:
        """Drop anything but a table."""

    @abstractmethod
    def make(self, part: Part) -> None:
        """Make a part that is missing by its own text."""

    def change(self, part: Part, now: Part) -> None:
        """Make a part what it was; what an engine cannot change is left, and refused afterwards."""
        if part.kind == "column":
            self.change_column(part, now)
        elif part.kind == "table":
            self.change_options(part)
        else:
            self.drop(now)
            self.make(part)

    @abstractmethod
    def change_column(self, part: Part, now: Part) -> None:
        """Make a column what it was."""

    def change_options(self, part: Part) -> None:
        """Make the options of a table what they were, where the engine can."""
        return

    @abstractmethod
    def make_table(self, part: Part, wanted: Description) -> None:
        """Make a table that nothing keeps any more, without rows."""

    def is_never_null(self, part: Part) -> bool:
        """Return whether a column is declared NOT NULL."""
        found = tokens(part.sql, self.connection.dialect.name)
        return ("NOT", "NULL") in pairwise(token.word for token in found if token.depth == 0)

    @abstractmethod
    def column_without_default(self, part: Part) -> str:
        """Return what is declared of a column besides its default and its comment."""

    def without_comment(self, part: Part) -> str:
        """Return what is declared of a column besides its comment."""
        return part.sql

    def table_without_comment(self, part: Part) -> str | None:
        """Return what is declared of a table besides its comment; None where that cannot be told apart."""
        return None

    def commenting(self, part: Part) -> str:
        """Return the statement that gives a table its comment, where the engine has comments."""
        raise NotImplementedError

    def is_type_used(self, part: Part, there: Description) -> bool:
        """Return whether a column of a schema is of this type."""
        return False

    def finish(self) -> None:
        """Do what was gathered."""
        return

    def count_rows(self, table: str) -> int:
        """Return how many rows a table has."""
        return int(self.run(f"SELECT count(*) FROM {self.quote(table)}").scalar_one())
