"""The data statements of a script where they meet what came back in the same crossing: its rows are not written over.

A script that adds a column fills it, and one that makes a table puts rows into it. When the column or the table comes
back instead, that was done once already, and the app may have written there since.
"""

import logging

from sqlalchemy import inspect

from flask_rewind.attic_entries import Entry, Place
from flask_rewind.errors import Refused
from flask_rewind.keeping.keeper import Keeper, columns_of
from flask_rewind.recording import NOTHING
from flask_rewind.statements import table_written
from flask_rewind.tokens import Token, tokens

log = logging.getLogger("alembic.runtime.migration")

_AGAIN = {"UPDATE", "REPLACE", "CONFLICT", "DUPLICATE", "MERGE"}
"""The words of statements that change rows which are there."""


class ReturnedRows:
    """What came back in one crossing, kept as it was whatever the script's data statements do."""

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper
        self._kept: dict[Place, tuple[Entry, list[str]]] = {}
        self._skipped: list[tuple[Place, set[str], str]] = []

    def instead_of(self, statement: str, dialect: str) -> str:
        """Return what to execute for an INSERT, UPDATE, DELETE or the like.

        Raises:
            Refused: where it would write over what came back, and that cannot be kept.
        """
        if not self._keeper.returned:
            return statement
        found = tokens(statement, dialect)
        words, names = {token.word for token in found}, {token.name.lower() for token in found}
        written = table_written(statement, dialect).lower()
        for place in self._keeper.tables_back:
            if place.table.lower() == written and self._has_rows(place):
                return self._left_out(statement, place, names)
        if words & _AGAIN:
            asked = _names_behind_where(found)
            for place, entry in self._keeper.returned.items():
                is_written = place.column is not None and place.table.lower() == written
                if is_written and str(place.column).lower() not in asked and place not in self._kept:
                    self._keep(place, entry)
        return statement

    def _has_rows(self, place: Place) -> bool:
        hider = self._keeper.hider
        with self._keeper.hiding():
            return hider.run_literally(f"SELECT 1 FROM {hider.table_of(place)} LIMIT 1").first() is not None

    def _left_out(self, statement: str, place: Place, names: set[str]) -> str:
        """Leave out what was done to the rows of a table already, before it was hidden."""
        said = " ".join(statement.split())[:200]
        log.warning("%s came back with its rows; not done again: %s", place, said)
        self._skipped.append((place, names - {place.table.lower()}, said))
        return NOTHING

    def _refuse_moved_rows(self) -> None:
        """Refuse to leave out what takes rows from a table that goes: some may have been written there meanwhile."""
        gone = {place.table.lower() for place in self._keeper.hidden_here}
        for place, names, said in self._skipped:
            if names & gone:
                raise Refused(
                    f"{place} came back with its rows, and the script would move rows into it: {said}",
                    f"Forget these rows for good, before this crossing: flask db purge {place}",
                )

    def _keep(self, place: Place, entry: Entry) -> None:
        """Put the values of a column that came back aside."""
        key = inspect(self._keeper.connection).get_pk_constraint(place.table, place.schema)["constrained_columns"]
        if not key or place.column in key:
            raise Refused(
                f"{place} came back with its values, and the script would write over them; they cannot be put aside,"
                " since the table has no primary key that tells its rows apart.",
                f"Forget these values for good, before this crossing: flask db purge {place}",
            )
        hider = self._keeper.hider
        names = ", ".join(hider.quote(name) for name in [*key, place.column or ""])
        aside, table = hider.table_of(self._aside(place, entry)), hider.table_of(place)
        with self._keeper.hiding(f"keeps {place} as it came back"):
            hider.run_literally(f"CREATE TABLE {aside} AS SELECT {names} FROM {table}")
        self._kept[place] = (entry, key)

    def _aside(self, place: Place, entry: Entry) -> Place:
        return Place(place.schema, f"{entry.name}_kept", place.column)

    def finish(self) -> None:
        """Give rows that have a value of their own in what came back that value again.

        Raises:
            Refused: where what was left out mattered, or what was put aside has no place.
        """
        self._refuse_moved_rows()
        for place, (entry, key) in self._kept.items():
            if not self._keeper.is_there(place):
                raise Refused(
                    f"{place} came back with its values, was written over, and is gone under this name.",
                    f"Forget these values for good, before this crossing: flask db purge {place}",
                )
            self._give_back(place, entry, key)
        self.drop()

    def _give_back(self, place: Place, entry: Entry, key: list[str]) -> None:
        there = columns_of(inspect(self._keeper.connection), place.schema, place.table)
        column = (place.column or "").lower()
        is_nullable = any(each["nullable"] for name, each in there.items() if name.lower() == column)
        # Where it is NOT NULL by now, rows without a value have got one from the script.
        with self._keeper.hiding(f"keeps {place} as it came back"):
            self._keeper.hider.fill_by_key(place, self._aside(place, entry), key, leave_nulls=not is_nullable)

    def drop(self) -> None:
        """Drop what was put aside."""
        hider = self._keeper.hider
        for place, (entry, _) in self._kept.items():
            with self._keeper.hiding(f"keeps {place} as it came back"):
                hider.run_literally(f"DROP TABLE {hider.table_of(self._aside(place, entry))}")
        self._kept = {}


def _names_behind_where(found: list[Token]) -> set[str]:
    """Return what the condition of a statement names: one that asks for a column minds what is in it."""
    places = [at for at, token in enumerate(found) if token.depth == 0 and token.word == "WHERE"]
    return {token.name.lower() for token in found[places[-1] :]} if places else set()
