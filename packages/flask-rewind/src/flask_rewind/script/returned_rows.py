"""Protects values that came back from the data statements of the script.

A script that adds a column fills it, and one that makes a table inserts rows. When the column or table comes back
instead, the script did so once already, and the app may have changed the values since.
"""

import functools
import logging
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from flask_rewind.attic_entries import Place
from flask_rewind.engines.access import is_nullable
from flask_rewind.errors import Refused
from flask_rewind.keeper import Keeper, Outcome
from flask_rewind.sql.parser import renames
from flask_rewind.sql.statement import Statement
from flask_rewind.sql.statements import BLOCKS, DATA, NOTHING, verb
from flask_rewind.sql.tokenizer import Token, shortened
from flask_rewind.steps import StepKind

log = logging.getLogger("alembic.runtime.migration")

_AGAIN = {"UPDATE", "REPLACE", "CONFLICT", "DUPLICATE", "MERGE"}
"""Words of statements that change existing rows."""
_TAKING_BACK = DATA | BLOCKS | {"TRUNCATE", "CALL"}
_WRITING = {"insert", "update", "delete", "merge"}


@dataclass(frozen=True, slots=True)
class Earlier:
    """What came back in earlier crossings of the same move."""

    tables: set[Place] = field(default_factory=set)
    columns: dict[Place, str] = field(default_factory=dict)
    """With their names in the attic."""

    def add(self, outcome: Outcome) -> None:
        """Add what came back in a crossing that has ended."""
        self.tables.difference_update(outcome.tables_hidden)
        self.tables.update(outcome.tables_back - outcome.own)
        self.columns.update({place: name for place, name in outcome.columns_back.items() if place not in outcome.own})


class ReturnedRows:
    """Keeps the rows and values that came back in a move as they were.

    Args:
        keeper: the crossing.
        earlier: what came back before it. If the last crossing of this revision in the other direction changed no
            rows, the statements of this one were executed on these rows before. For whole tables, a statement with
            WHERE does not count: it may select rows that are newer.
        way_back: the statements of that last crossing; None where there was none.
    """

    def __init__(self, keeper: Keeper, earlier: Earlier, way_back: Callable[[], list[str] | None]) -> None:
        self._crossing = keeper.crossing
        self._outcome = keeper.outcome
        self._recreation = keeper.recreation
        self._earlier = earlier
        self._read_way_back = way_back
        self._had_rows: dict[Place, bool] = {}
        self._kept: dict[Place, tuple[str, list[str]]] = {}
        """Name in the attic, and primary key, of each column whose values were copied aside."""
        self._skipped: list[tuple[Place, frozenset[str], str]] = []

    def instead_of(self, statement: Statement) -> str:
        """Return what to execute for an INSERT, UPDATE, DELETE or the like.

        Raises:
            Refused: where it would overwrite what came back, and that cannot be protected.
        """
        is_any_back = self._outcome.columns_back or self._tables_back
        if not (is_any_back or self._earlier.tables or self._earlier.columns):
            return statement.text
        self._recreation.attach_partitions()
        words, names = statement.words, statement.names
        written = {self._crossing.place_of(name) for name in statement.tables_written}
        is_again = self._is_done_again(statement.dialect)
        earlier = self._earlier.tables if is_again and "WHERE" not in words else set()
        for place in self._tables_back | earlier:
            if any(self._crossing.is_of(each, place) for each in written) and self._has_rows(place):
                return self._left_out(statement.text, place, names, is_alone=len(written) == 1)
        if words & _AGAIN:
            asked = _names_after_where(statement.tokens)
            for place, name in self._columns_back(names, is_again=is_again).items():
                is_written = any(self._crossing.is_of(each, place) for each in written)
                if (
                    is_written
                    and self._crossing.is_there(place)
                    and str(place.column).lower() not in asked
                    and place not in self._kept
                ):
                    self._keep(place, name)
        return statement.text

    def _columns_back(self, names: Collection[str], *, is_again: bool) -> dict[Place, str]:
        """Return the columns that a statement may overwrite: earlier ones only if it names them."""
        earlier = self._earlier.columns if is_again else {}
        named = {place: attic for place, attic in earlier.items() if str(place.column).lower() in names}
        back = {place: attic for place, attic in self._outcome.columns_back.items() if place not in self._outcome.own}
        return named | back

    @property
    def _tables_back(self) -> set[Place]:
        return self._outcome.tables_back - self._outcome.own

    @functools.cached_property
    def _way_back(self) -> list[str] | None:
        return self._read_way_back()

    def _is_done_again(self, dialect: str) -> bool:
        """Return whether the data statements of the script were executed before, and not reversed since."""
        way_back = self._way_back
        if way_back is None:
            return False
        return not any(verb(each, dialect) in _TAKING_BACK or renames(each, dialect) for each in way_back)

    def _has_rows(self, place: Place) -> bool:
        """Return whether a table had rows before the script touched them."""
        if place not in self._had_rows and self._crossing.is_there(place):
            hider = self._crossing.hider
            with self._crossing.hiding():
                found = hider.run_literally(f"SELECT 1 FROM {hider.table_of(place)} LIMIT 1").first()
            self._had_rows[place] = found is not None
        return self._had_rows.get(place, False)

    def _left_out(self, statement: str, place: Place, names: frozenset[str], *, is_alone: bool) -> str:
        """Leave out a statement that was executed on the rows of a table before it was hidden."""
        said = shortened(statement)
        if not is_alone:
            raise Refused(
                f"{place} returned with its rows, and the script would change them and rows of other tables in one"
                f" statement: {said}",
                f"Change each table with a statement of its own, or {self._purging(place, 'rows')}",
            )
        if "returning" in names:
            raise Refused(
                f"{place} returned with its rows, so this statement is skipped, but the script reads its result"
                f" (RETURNING): {said}",
                f"Leave RETURNING out, or {self._purging(place, 'rows')}",
            )
        log.warning("%s returned with its rows; this statement is not executed again: %s", place, said)
        self._skipped.append((place, names - {place.table.lower()}, said))
        return NOTHING

    def _refuse_moved_rows(self) -> None:
        """Refuse to leave out a statement that moves rows out of a dropped table: some of them may be new."""
        gone = {place.table.lower() for place in self._outcome.tables_hidden}
        for place, names, said in self._skipped:
            if names & gone:
                raise Refused(
                    f"{place} returned with its rows, and the script would move rows into it: {said}",
                    f"To run the script as it is, {self._purging(place, 'rows')}",
                )

    def refuse_block(self, statement: str, dialect: str) -> None:
        """Refuse a block that may overwrite what came back: its statements are not parsed.

        Raises:
            Refused: with what to purge.
        """
        words = set(re.findall(r"\w+", statement.lower()))
        earlier = self._earlier if self._is_done_again(dialect) else Earlier()
        tables = [place for place in self._tables_back | earlier.tables if self._has_rows(place)]
        back = [*self._outcome.columns_back, *earlier.columns, *tables]
        if words & _WRITING and (found := [place for place in back if place.table.lower() in words]):
            raise Refused(
                f"{found[0]} returned with its values, and a block of statements may overwrite them: "
                f"{shortened(statement)}",
                f"Execute the statements of the block one by one, outside it, or {self._purging(found[0], 'values')}",
            )

    def _purging(self, place: Place, what: str) -> str:
        """Return a hint to delete what returned; what an earlier crossing of the move returned stays visible."""
        is_earlier = place in self._earlier.tables or place in self._earlier.columns
        first = f"go down until {place} is hidden again, then " if is_earlier else ""
        return f"{first}delete these {what} permanently and run the same command again: flask db purge {place}"

    def _keep(self, place: Place, name: str) -> None:
        """Copy the values of a column that came back aside."""
        key = self._crossing.hider.tables.primary_key(place)
        if not key or place.column in key:
            raise Refused(
                f"{place} returned with its values, and the script would overwrite them; they cannot be copied first,"
                f" because no primary key without {place.column} identifies the rows.",
                f"To run the script as it is, {self._purging(place, 'values')}",
            )
        with self._crossing.hiding(StepKind.KEEP_VALUES, place):
            self._crossing.copies.make(_aside(place, name), place, key)
        self._kept[place] = (name, key)

    def give_back(self, table: Place) -> None:
        """Restore values of a table from the copies, before a unique index or constraint compares them.

        What was NULL keeps the value that the script gave it until the end, since a NOT NULL may follow.
        """
        for place, (name, key) in self._kept.items():
            if self._crossing.is_of(table, place) and self._crossing.is_there(place):
                with self._crossing.hiding(StepKind.KEEP_VALUES, place):
                    self._crossing.hider.values.fill_by_key(place, _aside(place, name), key, leave_nulls=True)

    def finish(self) -> None:
        """Restore values from the copies at the end of the script, and drop the copies.

        Raises:
            Refused: where a statement that was left out would have moved rows, or the column is gone.
        """
        self._refuse_moved_rows()
        for place, (name, key) in self._kept.items():
            if not self._crossing.is_there(place):
                raise Refused(
                    f"{place} returned with its values, and the script overwrote them, then dropped or renamed it.",
                    f"To run the script as it is, {self._purging(place, 'values')}",
                )
            self._give_back(place, name, key)
        for place, (name, _) in self._kept.items():
            with self._crossing.hiding(StepKind.KEEP_VALUES, place):
                self._crossing.copies.drop(_aside(place, name))
        self._kept = {}

    def _give_back(self, place: Place, name: str, key: list[str]) -> None:
        # Where it is NOT NULL now, rows without a former value keep the one that the script gave them.
        leave_nulls = not is_nullable(self._crossing.connection, place)
        with self._crossing.hiding(StepKind.KEEP_VALUES, place):
            self._crossing.hider.values.fill_by_key(place, _aside(place, name), key, leave_nulls=leave_nulls)


def _aside(place: Place, name: str) -> Place:
    return Place(place.schema, f"{name}_kept", place.column)


def _names_after_where(found: Sequence[Token]) -> set[str]:
    """Return the names in the condition of a statement: one that reads a column there depends on its values."""
    places = [at for at, token in enumerate(found) if token.depth == 0 and token.word == "WHERE"]
    return {token.name.lower() for token in found[places[-1] :]} if places else set()
