"""Refusals for what is hidden: a full table, a name that is taken, another primary key under a side table."""

from collections.abc import Sequence
from itertools import pairwise

from sqlalchemy.exc import DBAPIError

from flask_rewind.attic_entries import HIDDEN, Entry, Place
from flask_rewind.errors import Refused
from flask_rewind.keeper.context import CrossingContext, without_column
from flask_rewind.keeper.lookup import Lookup
from flask_rewind.sql.changes import AlterTable
from flask_rewind.sql.parser import read
from flask_rewind.sql.tokenizer import tokens


class Refusals:
    """Refuses what cannot work beside hidden columns and tables, and says what to purge."""

    def __init__(self, crossing: CrossingContext, lookup: Lookup) -> None:
        self._crossing = crossing
        self._lookup = lookup
        self._sides = crossing.sides

    def refuse_for_room(self, error: DBAPIError) -> None:
        """Refuse an ALTER TABLE that failed because hidden columns fill the table.

        Raises:
            Refused: with what to purge.
        """
        change = read(error.statement or "", self._crossing.dialect)
        if isinstance(change, AlterTable):
            self.refuse_full_table(error, self._crossing.place_of(change.table))

    def refuse_full_table(self, error: DBAPIError, table: Place) -> None:
        """Refuse a statement that failed because hidden columns fill this table.

        Raises:
            Refused: with what to purge.
        """
        if not self._crossing.hider.room.is_lacking(error):
            return
        hidden = self._lookup.all_in(table, table)
        before = self._lookup.hidden_before(hidden)
        if hidden:
            names = ", ".join(str(each.place) for each in hidden)
            raise Refused(
                f"{table} has no room for this beside its hidden columns ({names}): {_on_one_line(error.statement)}",
                f"Delete hidden columns permanently, then run the same command again: flask db purge {before[0].place}"
                if before
                else f"Drop {hidden[0].place} in an earlier revision, then run: flask db purge {hidden[0].place}",
            ) from error

    def refuse_for_hidden(self, error: DBAPIError) -> None:
        """Refuse a statement that failed because of something hidden, and say what that is.

        Raises:
            Refused: with what to purge.
        """
        seen = self._crossing.attic.seen
        said = " ".join(str(error.orig).split())
        names = set(HIDDEN.findall(said)) | self._in_side_tables(error)
        known = [seen[name] for name in sorted(names & seen.keys())]
        if found := [each for each in known if self._is_meant(each, f"{error.statement} {said}")]:
            meant = ", ".join(map(_described, found))
            before = self._lookup.hidden_before(found)
            raise Refused(
                f"{_on_one_line(error.statement)} failed because of the hidden {meant}: {said}",
                "Change the script so that it does not use it"
                + (f", or delete it permanently: flask db purge {before[0].place}" if before else "."),
            ) from error

    def _is_meant(self, entry: Entry, text: str) -> bool:
        """Return whether a text that names something hidden names its table too.

        A table restored from a dump may have a hidden column of the same name.
        """
        named = {token.name.lower() for token in tokens(text, self._crossing.dialect)}
        table = without_column(entry.place)
        outer = [name for name, each in self._crossing.attic.seen.items() if each.place == table]
        return not entry.place.column or any(name.lower() in named for name in [entry.place.table, *outer])

    def _in_side_tables(self, error: DBAPIError) -> set[str]:
        """Return the names in the attic of what is in side tables of the table whose change failed."""
        change = read(error.statement or "", self._crossing.dialect)
        if not isinstance(change, AlterTable) or not self._sides.is_in_the_way(error):
            return set()
        table, seen = self._crossing.place_of(change.table), self._crossing.attic.seen
        out = [name for name, each in seen.items() if self._sides.is_out(each)]
        return {name for name in out if self._crossing.is_of(table, seen[name].place)}

    def refuse_other_key(self, statement: str) -> None:
        """Refuse an ALTER TABLE that gives another primary key to a table with a side table.

        It is refused before it runs: MariaDB would execute it, and the side table would no longer follow its rows.

        Raises:
            Refused: with what to purge.
        """
        words = [token.word for token in tokens(statement, self._crossing.dialect)]
        is_key = ("PRIMARY", "KEY") in pairwise(words)
        change = read(statement, self._crossing.dialect) if is_key else None
        if isinstance(change, AlterTable):
            table = self._crossing.place_of(change.table)
            out = self._lookup.in_side_tables()
            _refuse_key([each for each in out if self._crossing.is_of(table, each.place)])

    def refuse_changed_keys(self) -> None:
        """Refuse a primary key that has changed in this crossing, by whatever means, under a side table.

        Raises:
            Refused: with what to purge.
        """
        for entry in self._lookup.in_side_tables():
            owner = self._sides.owner_of(entry)
            if owner is None:
                continue
            key = self._crossing.hider.tables.primary_key(Place(entry.place.schema, owner.table))
            if owner.key != key or self._sides.has_other_types(entry, owner):
                _refuse_key([entry])


def _described(entry: Entry) -> str:
    by = f", hidden by revision {entry.revision}" if entry.revision else ""
    kind = "type" if entry.place.is_type else "column" if entry.place.column else "table"
    return f"{kind} {entry.place} (stored as {entry.name}{by})"


def _refuse_key(out: Sequence[Entry]) -> None:
    if out:
        raise Refused(
            f"the primary key of {without_column(out[0].place)} cannot change while the hidden {out[0].place} is in a"
            " side table: the side table has the same key.",
            f"Delete it permanently, then run the same command again: flask db purge {out[0].place}",
        )


def _on_one_line(statement: str | None) -> str:
    return " ".join((statement or "").split())
