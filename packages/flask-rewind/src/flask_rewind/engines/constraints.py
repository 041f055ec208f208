"""Indexes, constraints and triggers that go with a hidden column or table, and are made again when it returns."""

import re
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask_rewind.attic_entries import PREFIX, Entry, Place
from flask_rewind.details import TableDetails
from flask_rewind.engines.access import Part
from flask_rewind.sql.changes import CreateIndex
from flask_rewind.sql.parser import read

DROP_THEM = "Drop the views first, in the same revision."


@dataclass(frozen=True, slots=True)
class Restore:
    """An index or a constraint that went with a hidden thing; made again at the end of the crossing that returns it.

    At the end, because the script may make it by itself, and what it points to may return later.
    """

    kind: str
    """``index``, ``constraint``, ``trigger``, ``policy``; on SQLite ``part`` of a text, or ``key to`` a column.

    On PostgreSQL also ``parent``: the table that it is a partition of, or inherits from.
    """
    place: Place
    name: str
    sql: str
    needs: frozenset[str] = frozenset()
    """The columns of its table that it names, in small letters; of kind ``parent`` that table, as SQL names it."""
    more: tuple[str, ...] = ()
    """Statements that say the rest of it, such as its comment."""


def on_table(sql: str, dialect: str, table: str) -> str:
    """Return a CREATE INDEX statement for the quoted `table`, which may have had another name when it was written."""
    change = read(sql, dialect)
    if not isinstance(change, CreateIndex) or change.table.table == table.split(".")[-1].strip('"'):
        return sql
    former = re.escape(change.table.sql)
    return re.sub(rf"(\sON\s+(?:ONLY\s+)?){former}", lambda match: match[1] + table, sql, count=1)


class Constraints(Part, ABC):
    """Drops and makes the indexes, constraints and triggers of one database."""

    key = "CONSTRAINT"
    """What the engine calls a foreign key where one is dropped."""

    @abstractmethod
    def has(self, restore: Restore) -> bool:
        """Return whether the index or constraint is there already."""

    def has_like(self, restore: Restore, own: Collection[str]) -> bool:
        """Return whether the script has made the same constraint, or unique index, without a name.

        Args:
            restore: what would be made.
            own: the names of what returned by itself: two of these may say the same.
        """
        return False

    def make(self, restore: Restore) -> None:
        """Make an index or a constraint again."""
        for sql in (restore.sql, *restore.more):
            self.run_literally(sql)

    def is_relation(self, name: str) -> bool:
        """Return whether there is a table, index or sequence of this quoted name, on PostgreSQL."""
        return True

    def trigger_named(self, name: str) -> tuple[str, str] | None:
        """Return the table that has a trigger of that name, and what makes it, where names are the schema's."""
        return None

    def hidden_trigger(self, name: str) -> tuple[str, str] | None:
        """Return the hidden table that has a trigger of that name, and what makes it."""
        found = self.trigger_named(name)
        return found if found and found[0].startswith(PREFIX) else None

    def has_name(self, restore: Restore) -> bool:
        """Return whether a trigger of another table in sight has the name of one that is to be made."""
        found = self.trigger_named(restore.name)
        return found is not None and not found[0].startswith(PREFIX)

    def triggers_of(self, entry: Entry) -> list[Restore]:
        """Return the triggers whose names others took while their table was hidden."""
        table = self.table_of(entry.place)
        return [
            Restore("trigger", entry.place, name, re.sub(rf'"?\b{entry.name}\b"?', lambda _: table, sql, count=1))
            for name, sql in entry.details_as(TableDetails).triggers
        ]

    def keys_to(self, entry: Entry) -> list[Restore]:
        """Return the foreign keys to a hidden thing that were dropped with it; SQLite's wait for it."""
        return [
            Restore(
                "constraint", Place(schema, other), name, f"ALTER TABLE {self.name_of(schema, other)} ADD {definition}"
            )
            for schema, other, name, definition in entry.details.incoming
        ]

    def drop_keys_to(self, entry: Entry) -> None:
        """Drop the foreign keys to a thing that is about to be hidden."""
        for schema, other, name, _ in entry.details.incoming:
            self.run_literally(f"ALTER TABLE {self.name_of(schema, other)} DROP {self.key} {self.quote(name)}")

    @contextmanager
    def unchecked_keys(self) -> Iterator[None]:
        """Let foreign keys be made without a look at the rows, where the engine has that."""
        yield
