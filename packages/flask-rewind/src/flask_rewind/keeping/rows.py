"""The data statements of a script where they meet what came back in the same crossing: its rows are not written over.

A script that adds a column fills it, and one that makes a table puts rows into it. When the column or the table comes
back instead, that was done once already, and the app may have written there since.
"""

import functools
import logging
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from sqlalchemy import inspect

from flask_rewind.attic_entries import Place
from flask_rewind.engines.access import columns_of
from flask_rewind.errors import Refused
from flask_rewind.keeping.keeper import Keeper
from flask_rewind.recording import NOTHING
from flask_rewind.sql.grammar import renames
from flask_rewind.sql.statement import Statement
from flask_rewind.sql.statements import BLOCKS, DATA, verb
from flask_rewind.sql.tokens import Token, shortened
from flask_rewind.steps import StepKind

log = logging.getLogger("alembic.runtime.migration")

_AGAIN = {"UPDATE", "REPLACE", "CONFLICT", "DUPLICATE", "MERGE"}
"""The words of statements that change rows which are there."""
_TAKING_BACK = DATA | BLOCKS | {"TRUNCATE", "CALL"}
_WRITING = {"insert", "update", "delete", "merge"}


@dataclass(frozen=True, slots=True)
class Earlier:
    """What came back in the crossings of a move before the present one."""

    tables: set[Place] = field(default_factory=set)
    columns: dict[Place, str] = field(default_factory=dict)
    """With their names in the attic."""

    def add(self, keeper: Keeper) -> None:
        """Take in what came back in a crossing that is through."""
        self.tables.difference_update(keeper.hidden_here)
        self.tables.update(keeper.tables_back)
        self.columns.update(keeper.columns_back)


class ReturnedRows:
    """What came back in a move, kept as it was whatever a script's data statements do.

    Args:
        keeper: the crossing.
        earlier: what came back before it. A statement of this crossing was executed on these rows once already where
            the last crossing of its revision, the other way, wrote nothing. Of whole tables that concerns what asks
            for no row; a WHERE may be about rows that were written since.
        way_back: the statements of that crossing; None where there was none.
    """

    def __init__(self, keeper: Keeper, earlier: Earlier, way_back: Callable[[], list[str] | None]) -> None:
        self._keeper = keeper
        self._earlier = earlier
        self._read_way_back = way_back
        self._had_rows: dict[Place, bool] = {}
        self._kept: dict[Place, tuple[str, list[str]]] = {}
        """Name in the attic, and primary key, of columns whose values were put aside."""
        self._skipped: list[tuple[Place, frozenset[str], str]] = []

    def instead_of(self, statement: Statement) -> str:
        """Return what to execute for an INSERT, UPDATE, DELETE or the like.

        Raises:
            Refused: where it would write over what came back, and that cannot be kept.
        """
        if not (self._keeper.columns_back or self._keeper.tables_back or self._earlier.tables or self._earlier.columns):
            return statement.text
        self._keeper.attach_partitions()
        words, names = statement.words, statement.names
        written = {self._keeper.place_of(name) for name in statement.tables_written}
        is_again = self._is_done_again(statement.dialect)
        earlier = self._earlier.tables if is_again and "WHERE" not in words else set()
        for place in self._keeper.tables_back | earlier:
            if any(self._keeper.is_of(each, place) for each in written) and self._has_rows(place):
                return self._left_out(statement.text, place, names, is_alone=len(written) == 1)
        if words & _AGAIN:
            asked = _names_after_where(statement.tokens)
            for place, name in self._columns_back(names, is_again=is_again).items():
                is_written = any(self._keeper.is_of(each, place) for each in written) and self._keeper.is_there(place)
                if is_written and str(place.column).lower() not in asked and place not in self._kept:
                    self._keep(place, name)
        return statement.text

    def _columns_back(self, names: Collection[str], *, is_again: bool) -> dict[Place, str]:
        """Return the columns that a statement with these names may write over: of earlier ones those that it names."""
        earlier = self._earlier.columns if is_again else {}
        named = {place: attic for place, attic in earlier.items() if str(place.column).lower() in names}
        return named | self._keeper.columns_back

    @functools.cached_property
    def _way_back(self) -> list[str] | None:
        return self._read_way_back()

    def _is_done_again(self, dialect: str) -> bool:
        """Return whether what a script does to rows was done before, and never taken back."""
        way_back = self._way_back
        if way_back is None:
            return False
        return not any(verb(each, dialect) in _TAKING_BACK or renames(each, dialect) for each in way_back)

    def _has_rows(self, place: Place) -> bool:
        """Return whether a table had rows before the script touched them."""
        if place not in self._had_rows and self._keeper.is_there(place):
            hider = self._keeper.hider
            with self._keeper.hiding():
                found = hider.run_literally(f"SELECT 1 FROM {hider.table_of(place)} LIMIT 1").first()
            self._had_rows[place] = found is not None
        return self._had_rows.get(place, False)

    def _left_out(self, statement: str, place: Place, names: frozenset[str], *, is_alone: bool) -> str:
        """Leave out what was done to the rows of a table already, before it was hidden."""
        said = shortened(statement)
        if not is_alone:
            raise Refused(
                f"{place} came back with its rows, and the script would change them and those of other tables in one"
                f" statement: {said}",
                "Change each table by a statement of its own, or forget these rows for good, before this crossing:"
                f" flask db purge {place}",
            )
        if "returning" in names:
            raise Refused(
                f"{place} came back with its rows, and the script asks for those that it would insert again: {said}",
                f"Forget these rows for good, before this crossing: flask db purge {place}",
            )
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

    def refuse_block(self, statement: str, dialect: str) -> None:
        """Refuse a block that may write over what came back: what is in it is not read.

        Raises:
            Refused: with what to forget.
        """
        words = set(re.findall(r"\w+", statement.lower()))
        earlier = self._earlier if self._is_done_again(dialect) else Earlier()
        tables = [place for place in self._keeper.tables_back | earlier.tables if self._has_rows(place)]
        back = [*self._keeper.columns_back, *earlier.columns, *tables]
        if words & _WRITING and (found := [place for place in back if place.table.lower() in words]):
            raise Refused(
                f"{found[0]} came back with its values, and a block of statements would write over them: "
                f"{shortened(statement)}",
                "Execute what it does by statements of their own, or forget these values for good, before this"
                f" crossing: flask db purge {found[0]}",
            )

    def _keep(self, place: Place, name: str) -> None:
        """Put the values of a column that came back aside."""
        key = self._keeper.primary_key(place)
        if not key or place.column in key:
            raise Refused(
                f"{place} came back with its values, and the script would write over them; they cannot be put aside,"
                " since the table has no primary key that tells its rows apart.",
                f"Forget these values for good, before this crossing: flask db purge {place}",
            )
        with self._keeper.hiding(StepKind.KEEP_VALUES, place):
            self._keeper.copies.make(_aside(place, name), place, key)
        self._kept[place] = (name, key)

    def give_back(self, table: Place) -> None:
        """Give the rows of a table their values again before an index or constraint holds them against each other.

        What was NULL stays as the script has filled it until the end: a NOT NULL may follow.
        """
        for place, (name, key) in self._kept.items():
            if self._keeper.is_of(table, place) and self._keeper.is_there(place):
                with self._keeper.hiding(StepKind.KEEP_VALUES, place):
                    self._keeper.hider.values.fill_by_key(place, _aside(place, name), key, leave_nulls=True)

    def finish(self) -> None:
        """Give rows that have a value of their own in what came back that value again.

        Raises:
            Refused: where what was left out mattered, or what was put aside has no place.
        """
        self._refuse_moved_rows()
        for place, (name, key) in self._kept.items():
            if not self._keeper.is_there(place):
                raise Refused(
                    f"{place} came back with its values, was written over, and is gone under this name.",
                    f"Forget these values for good, before this crossing: flask db purge {place}",
                )
            self._give_back(place, name, key)
        self.drop()

    def _give_back(self, place: Place, name: str, key: list[str]) -> None:
        there = columns_of(inspect(self._keeper.connection), place.schema, place.table)
        column = (place.column or "").lower()
        is_nullable = any(each["nullable"] for name, each in there.items() if name.lower() == column)
        # Where it is NOT NULL by now, rows without a value have got one from the script.
        with self._keeper.hiding(StepKind.KEEP_VALUES, place):
            self._keeper.hider.values.fill_by_key(place, _aside(place, name), key, leave_nulls=not is_nullable)

    def drop(self) -> None:
        """Drop what was put aside."""
        for place, (name, _) in self._kept.items():
            with self._keeper.hiding(StepKind.KEEP_VALUES, place):
                self._keeper.copies.drop(_aside(place, name))
        self._kept = {}


def _aside(place: Place, name: str) -> Place:
    return Place(place.schema, f"{name}_kept", place.column)


def _names_after_where(found: Sequence[Token]) -> set[str]:
    """Return what the condition of a statement names: one that asks for a column minds what is in it."""
    places = [at for at, token in enumerate(found) if token.depth == 0 and token.word == "WHERE"]
    return {token.name.lower() for token in found[places[-1] :]} if places else set()
