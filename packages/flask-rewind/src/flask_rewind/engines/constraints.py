"""Indexes, constraints and triggers that are dropped with a hidden column or table, and recreated when it returns."""

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
    """Something to recreate that was dropped with a hidden thing: an index, a constraint, a trigger.

    It is recreated at the end of the crossing that brings the thing back, because the script may recreate it itself,
    and the table that it refers to may return later.
    """

    kind: str
    """``index``, ``constraint``, ``trigger``, ``policy``; on SQLite ``part`` of a table's text, or ``key to`` a column.

    On PostgreSQL also ``parent``: attach the table to the table that it is a partition of, or inherits from.
    """
    place: Place
    name: str
    sql: str
    needs: frozenset[str] = frozenset()
    """The columns of its table that it uses, in lower case; for kind ``parent`` the parent table, as in SQL."""
    more: tuple[str, ...] = ()
    """Further statements, such as one for its comment; for kind ``part`` the former CREATE TABLE statement."""


def on_table(sql: str, dialect: str, table: str) -> str:
    """Return a CREATE INDEX statement with the quoted name `table`; the table may have been renamed since."""
    change = read(sql, dialect)
    if not isinstance(change, CreateIndex) or change.table.table == table.split(".")[-1].strip('"'):
        return sql
    former = re.escape(change.table.sql)
    return re.sub(rf"(\sON\s+(?:ONLY\s+)?){former}", lambda match: match[1] + table, sql, count=1)


class Constraints(Part, ABC):
    """Drops and creates the indexes, constraints and triggers of one database."""

    key = "CONSTRAINT"
    """The engine's keyword for dropping a foreign key."""

    @abstractmethod
    def has(self, restore: Restore) -> bool:
        """Return whether the index, constraint or trigger exists."""

    def has_like(self, restore: Restore, own: Collection[str]) -> bool:
        """Return whether the script has created the same constraint, or unique index, under another name.

        Args:
            restore: the constraint or index to recreate.
            own: names of those that this crossing recreates; they do not count, since two may have the same definition.
        """
        return False

    def make(self, restore: Restore) -> None:
        """Recreate an index, constraint or trigger."""
        for sql in (restore.sql, *restore.more):
            self.run_literally(sql)

    def is_relation(self, name: str) -> bool:
        """Return whether a table, index or sequence of this quoted name exists; always True except on PostgreSQL."""
        return True

    def trigger_named(self, name: str) -> tuple[str, str] | None:
        """Return the table of a trigger, and its CREATE statement; None on PostgreSQL, where names are per table."""
        return None

    def hidden_trigger(self, name: str) -> tuple[str, str] | None:
        """Return the table of a trigger, and its CREATE statement, if that table is hidden; else None."""
        found = self.trigger_named(name)
        return found if found and found[0].startswith(PREFIX) else None

    def has_name(self, restore: Restore) -> bool:
        """Return whether a trigger of a visible table has the name of the trigger to recreate."""
        found = self.trigger_named(restore.name)
        return found is not None and not found[0].startswith(PREFIX)

    def triggers_of(self, entry: Entry) -> list[Restore]:
        """Return the triggers of a table that were dropped because others took their names while it was hidden."""
        table = self.table_of(entry.place)
        return [
            Restore("trigger", entry.place, name, re.sub(rf'"?\b{entry.name}\b"?', lambda _: table, sql, count=1))
            for name, sql in entry.details_as(TableDetails).triggers
        ]

    def keys_to(self, entry: Entry) -> list[Restore]:
        """Return the foreign keys to a hidden thing that were dropped with it; none on SQLite."""
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
        """Create foreign keys inside the block without checking the rows, if the engine can do so."""
        yield
