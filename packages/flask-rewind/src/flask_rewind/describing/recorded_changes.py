"""The changes that one crossing made to a schema, as the journal stores them. Pure."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

from flask_rewind.describing.base import Change, Description, as_data, changes, from_data
from flask_rewind.details import engine_called
from flask_rewind.sql.changes import Rename
from flask_rewind.sql.parser import renames

_NO_NAMES = re.compile(r"rewind_|_alembic_tmp_|_attic_\d+_")
"""Prefixes of names that tables and columns have temporarily, and relations while their table is hidden."""


@dataclass(frozen=True, slots=True)
class Made:
    """The changes that one crossing made to a schema."""

    changes: list[Change]
    renames: list[Rename]
    """In order, each with the names at that time. Hiding and bringing back are renames, too."""
    engine: str = ""
    """The engine in whose SQL it is written, one of `details.TITLES`; empty if an older version recorded it."""

    def __str__(self) -> str:
        renamed = [[each.table, each.column, each.new] for each in self.renames]
        data = {"engine": self.engine, "changes": as_data(self.changes), "renames": renamed}
        return json.dumps(data, ensure_ascii=False)

    @classmethod
    def read(cls, text: str) -> "Made":
        """Return the object that `str` wrote."""
        data = json.loads(text)
        return cls(from_data(data["changes"]), [Rename(*each) for each in data["renames"]], data.get("engine", ""))

    @classmethod
    def by(cls, statements: Iterable[str], before: Description, after: Description, dialect: str) -> "Made":
        """Return the changes from schema `before` to schema `after`, with the renames in the executed `statements`."""
        renamed = [
            each
            for statement in statements
            for each in renames(statement, dialect)
            if not _NO_NAMES.match(each.new) and not _NO_NAMES.match(each.column or each.table)
        ]
        return cls(changes(before, after), renamed, engine_called(dialect))

    def is_of(self, dialect: str) -> bool:
        """Return whether it was recorded on the engine of this dialect, so that the two can be compared."""
        return self.engine in {"", engine_called(dialect)}
