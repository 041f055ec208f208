"""What is kept out of sight: `rewind_attic`, one row for each hidden column or table, in the database itself.

A hidden column stays in its row, or goes into a side table, under the name ``_attic_<number>``; a hidden table stays in
its schema under the same kind of name. The number is that of its entry here, which belongs to the revision and the
direction that hid it.
"""

import itertools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    DateTime,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    delete,
    func,
    insert,
    inspect,
    select,
    update,
)
from sqlalchemy.dialects.mysql import MEDIUMTEXT

from flask_rewind.acting import books_are_kept
from flask_rewind.places import Names, Place
from flask_rewind.revision_ids import REVISION_ID, widen_revision
from flask_rewind.taken_numbers import taken_numbers

__all__ = ["HIDDEN", "PREFIX", "SIDE", "Attic", "Entry", "Place", "table"]

PREFIX = "_attic_"
"""How the name of everything hidden begins."""
HIDDEN = re.compile(rf"{PREFIX}\d+")
"""The name of something hidden; a column that marks newborn rows has more behind it."""

SIDE = "_side"
"""How the name of a side table ends: it begins with that of the column in it."""

table = Table(
    "rewind_attic",
    MetaData(),
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("table_schema", String(255)),
    Column("table_name", String(255), nullable=False),
    Column("column_name", String(255)),
    Column("revision", REVISION_ID, nullable=False),
    Column("direction", String(4), nullable=False),
    Column("hidden_at", DateTime, nullable=False),
    Column("is_type", Boolean, nullable=False),
    Column("details", Text().with_variant(MEDIUMTEXT(), "mysql", "mariadb"), nullable=False),
    mysql_engine="InnoDB",
    mysql_charset="utf8mb4",
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One hidden thing. ``details`` is what its engine needs to bring it back."""

    number: int
    place: Place
    revision: str
    direction: str
    hidden_at: datetime
    """UTC, without a zone."""
    details: dict[str, Any]

    @property
    def name(self) -> str:
        """The name it has in the database while it is hidden."""
        return f"{PREFIX}{self.number}"


class Attic:
    """The attic of one database, on the connection of the move and inside its transaction."""

    def __init__(self, connection: Connection, *, above: int = 0) -> None:
        """Open the attic; new entries get numbers above the given one, and above those of what returned."""
        self._connection = connection
        self.names = Names(connection)
        self.above = above
        self._taken: dict[str | None, set[int]] = {}
        self._exists: bool | None = None
        self.seen: dict[str, Entry] = {}
        """What was read or put here, by its name in the attic; for where nothing can be read, as after an error."""

    @property
    def exists(self) -> bool:
        """Whether anything was ever hidden here."""
        if self._exists is None:
            self._exists = inspect(self._connection).has_table(table.name)
        return self._exists

    @books_are_kept()
    def widen(self) -> None:
        """Let a table that an older version made hold the id of every revision."""
        if self.exists:
            widen_revision(self._connection, table)

    @books_are_kept()
    def put(
        self, place: Place, revision: str, direction: str, details: dict[str, Any], since: datetime | None = None
    ) -> Entry:
        """Write the entry down; the hiding itself comes after. It is of now, or of `since` where it goes on."""
        if not self.exists:
            table.create(self._connection)
            self._exists = True
        hidden_at = since or datetime.now(UTC).replace(tzinfo=None, microsecond=0)
        number = self._free_number(place.schema)
        row = {
            "id": number,
            "table_schema": place.schema,
            "table_name": place.table,
            "column_name": place.column,
            "revision": revision,
            "direction": direction,
            "hidden_at": hidden_at,
            "is_type": place.is_type,
            "details": json.dumps(details),
        }
        self._connection.execute(insert(table).values(row))
        return self._remembered(Entry(number, place, revision, direction, hidden_at, details))

    def count_anew(self) -> None:
        """Number what a crossing hides as if it were the first of its move: a plan of several says the same."""
        self.above, self._taken = 0, {}

    def _free_number(self, schema: str | None) -> int:
        """Return a number that no entry has, and no name in the default schema or in this one."""
        # Not left to the database: a plan that is rolled back would use the numbers up, and name things otherwise.
        last = max(self._connection.scalar(select(func.max(table.c.id))) or 0, self.above)
        taken = self._taken_in(None) | self._taken_in(schema)
        return next(number for number in itertools.count(last + 1) if number not in taken)

    def _taken_in(self, schema: str | None) -> set[int]:
        """Return the numbers taken in a schema when the crossing hid there first."""
        if schema not in self._taken:
            self._taken[schema] = taken_numbers(self._connection, schema)
        return self._taken[schema]

    def entries(self) -> list[Entry]:
        """Return all entries, the oldest first."""
        if not self.exists:
            return []
        rows = self._connection.execute(select(table).order_by(table.c.id))
        return [self._remembered(self._entry(row)) for row in rows]

    def _entry(self, row: Any) -> Entry:
        place = self.names.plain(Place(row.table_schema, row.table_name, row.column_name, row.is_type))
        return Entry(row.id, place, row.revision, row.direction, row.hidden_at, json.loads(row.details))

    def _remembered(self, entry: Entry) -> Entry:
        self.seen[entry.name] = entry
        return entry

    def hidden_by(self, revision: str, direction: str, place: Place) -> list[Entry]:
        """Return the entries that a crossing hid at `place`, the newest first."""
        return [
            entry
            for entry in reversed(self.entries())
            if (entry.revision, entry.direction) == (revision, direction) and self.names.same(entry.place, place)
        ]

    def types_hidden_by(self, revision: str, direction: str) -> list[Entry]:
        """Return the entries of types that a crossing hid."""
        return [
            entry
            for entry in self.entries()
            if entry.place.is_type and (entry.revision, entry.direction) == (revision, direction)
        ]

    @books_are_kept()
    def forget(self, entry: Entry) -> None:
        """Take the entry out: what it stood for is back, or is gone."""
        self.above = max(self.above, entry.number)  # MariaDB marks rows by its name until the crossing is through
        if self.exists:
            self._connection.execute(delete(table).where(table.c.id == entry.number))

    @books_are_kept()
    def rewrite(self, entry: Entry, details: dict[str, Any]) -> None:
        """Note what it takes by now to bring back what an entry hides."""
        self._connection.execute(update(table).where(table.c.id == entry.number).values(details=json.dumps(details)))
        self._remembered(replace(entry, details=details))

    @books_are_kept()
    def follow(self, names: Mapping[str, str]) -> None:
        """Let entries of columns go with their tables: the new name of the table for each ``_attic_<number>``."""
        for name, new in names.items():
            number = int(name.removeprefix(PREFIX))
            self._connection.execute(update(table).where(table.c.id == number).values(table_name=new))

    @books_are_kept()
    def detach(self) -> None:
        """Let no crossing bring anything back by itself: the version table was written by hand."""
        if self.exists:
            self._connection.execute(update(table).values(revision=""))

    @books_are_kept()
    def drop_if_empty(self) -> None:
        """Leave no table behind where nothing is kept."""
        if self.exists and not self.entries():
            table.drop(self._connection)
            self._exists = False
