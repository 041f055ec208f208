"""What one crossing made of a schema, as the journal keeps it. Pure."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

from flask_rewind.describing.base import Change, Description, as_data, changes, from_data
from flask_rewind.details import engine_called
from flask_rewind.sql.changes import Rename
from flask_rewind.sql.parser import renames

_NO_NAMES = re.compile(r"rewind_|_alembic_tmp_|_attic_\d+_")
"""How the names begin that tables and columns have in passing, and partitions while their table is hidden."""


@dataclass(frozen=True, slots=True)
class Made:
    """What one crossing made of a schema."""

    changes: list[Change]
    renames: list[Rename]
    """In their order, each with the names of its time; to hide and to bring back is to rename, too."""
    engine: str = ""
    """The engine whose SQL it is written in, one of `details.TITLES`; empty where an older version recorded it."""

    def __str__(self) -> str:
        renamed = [[each.table, each.column, each.new] for each in self.renames]
        data = {"engine": self.engine, "changes": as_data(self.changes), "renames": renamed}
        return json.dumps(data, ensure_ascii=False)

    @classmethod
    def read(cls, text: str) -> "Made":
        """Return what `str` wrote."""
        data = json.loads(text)
        return cls(from_data(data["changes"]), [Rename(*each) for each in data["renames"]], data.get("engine", ""))

    @classmethod
    def by(cls, statements: Iterable[str], before: Description, after: Description, dialect: str) -> "Made":
        """Return what `statements` made of one schema another, in the `dialect` of their engine."""
        renamed = [
            each
            for statement in statements
            for each in renames(statement, dialect)
            if not _NO_NAMES.match(each.new) and not _NO_NAMES.match(each.column or each.table)
        ]
        return cls(changes(before, after), renamed, engine_called(dialect))

    def is_of(self, dialect: str) -> bool:
        """Return whether a database of that dialect can be compared with it."""
        return self.engine in {"", engine_called(dialect)}
