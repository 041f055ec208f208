"""The way back through one crossing: first the names, then what is too much, then what is missing."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence

from flask_rewind.attic_entries import HIDDEN, Place
from flask_rewind.describing import (
    Change,
    Description,
    Part,
    changes,
    has_more_labels,
    key_of,
    wanted_back,
    without_other_letters,
    without_parts_of_tables,
)
from flask_rewind.engines.registry import describe
from flask_rewind.engines.schema_restorer import Restorer
from flask_rewind.errors import Refused
from flask_rewind.keeper import Keeper
from flask_rewind.sql.changes import Rename
from flask_rewind.steps import StepKind

_GENERATED = re.compile(r"\bAS\s*\(", re.IGNORECASE)
_ORDER = (
    "type",
    "sequence",
    "table",
    "column",
    "primary key",
    "unique",
    "index",
    "check",
    "exclusion",
    "foreign key",
    "view",
    "trigger",
)
"""What needs nothing before what may need it."""


class Undo:
    """Takes the schema from what a crossing left to what it had found.

    Args:
        keeper: hides what is too much, and returns what was hidden.
        restorer: makes everything else.
        made: what the crossing changed.
        renamed: what it renamed, in its order.
        fresh: columns and tables that the crossing itself, which failed, has made. They are dropped; a table with other
            rows than the crossing put there is hidden, and returns by no move.
        fresh_rows: how many rows the crossing put into each of these tables.
        keeps_fresh: hide these instead, for the crossing, which is going to be finished.
    """

    def __init__(
        self,
        keeper: Keeper,
        restorer: Restorer,
        made: Sequence[Change],
        renamed: Sequence[Rename],
        fresh: Collection[Place] = (),
        *,
        fresh_rows: Mapping[Place, int] | None = None,
        keeps_fresh: bool = False,
    ) -> None:
        self._keeper = keeper
        self._crossing = keeper.crossing
        self._restorer = restorer
        self._made = made
        self._renamed = renamed
        self._fresh = fresh
        self._fresh_rows = fresh_rows or {}
        self._keeps_fresh = keeps_fresh

    def run(self) -> None:
        """Go back.

        Raises:
            Refused: where something cannot be made as it was.
        """
        with self._crossing.hiding(StepKind.TAKE_BACK):
            wanted, _ = wanted_back(self._made, self._now())
            for rename in reversed(self._renamed):
                self._rename_back(rename)
            self._drop(self._differences(wanted))
            while self._bring_back(self._differences(wanted)):
                pass  # a table that came back shows which of its columns are still hidden
            for place in self._keeper.lookup.hidden_in_other_schemas():
                self._keeper.schemas.make_again(place.schema or "")
                self._keeper.returns.bring_back(place)
            self._drop(self._differences(wanted))  # and what the crossing had made in it before
            self._keeper.finish()
            for _ in range(2):  # another character set of a table shows in its columns
                if found := self._differences(wanted):
                    self._make(found, wanted)
            self._refuse_what_is_left(self._differences(wanted))

    def _rename_back(self, rename: Rename) -> None:
        """Take back a change of name; what was hidden returns, and what had returned is hidden."""
        now = Place(None, rename.table, rename.new) if rename.column else Place(None, rename.new)
        was = Place(None, rename.table, rename.column or None)
        if HIDDEN.fullmatch(rename.new):
            self._free_name(rename)
            self._drop_made(now.table, self._is_fresh_column)  # there may be no room beside these
            if not self._keeper.lookup.is_in_side_table(was):  # else its table is full while what was made is there
                self._keeper.returns.bring_back(was)
        elif HIDDEN.fullmatch(rename.column or rename.table):
            self._drop_made(now.table, _is_generated)
            self._keeper.drops.hide(now)
        elif self._crossing.is_there(now):
            self._free_name(rename)
            self._keeper.recreation.create_pending(now)
            if not rename.column:
                self._keeper.rename_tables([(now, rename.table)])
            self._restorer.rename_back(rename)

    def _drop_made(self, table: str, is_meant: Callable[[Part], bool]) -> None:
        """Drop what the crossing made in a table that something is about to return to, or to be hidden in."""
        parts = [each.after for each in self._made if each.before is None and each.after]
        there = self._now()
        for part in parts:
            if part.table == table and is_meant(part) and part.key in there:
                self._drop([Change(part, None)])

    def _is_fresh_column(self, part: Part) -> bool:
        return part.kind == "column" and any(self._crossing.names.same(_place(part), each) for each in self._fresh)

    def _free_name(self, rename: Rename) -> None:
        """Take away what was made later under the name that something is to have again."""
        fold = self._crossing.names.of_column if rename.column else self._crossing.names.of_table
        for part in self._now().values():
            kind, name = ("column", part.name) if rename.column else ("table", part.table)
            taken = rename.column or rename.table
            is_of_table = not rename.column or part.table == rename.table
            is_taken = name == taken or (fold(name) == fold(taken) and name != rename.new)
            if part.kind == kind and is_of_table and is_taken:
                self._drop([Change(part, None)])

    def _now(self) -> Description:
        found = describe(self._crossing.connection)
        if found is None:
            raise Refused("the schema of this engine cannot be read.", "Go back by the script.")
        return found

    def _differences(self, wanted: Description) -> list[Change]:
        left = without_parts_of_tables(without_other_letters(changes(self._now(), wanted), self._crossing.names))
        gone = self._keeper.outcome.partitions_gone
        # Turned round: what is there stands before.
        found = [each for each in left if key_of(each)[1] not in gone and not has_more_labels(_turned(each))]
        return sorted(
            found, key=lambda change: (_ORDER.index(key_of(change)[0]), _is_generated(change.after or change.before))
        )

    def _drop(self, found: list[Change]) -> None:
        there: Description | None = None
        for change in reversed(found):
            part = change.before
            if part is None or (change.after is not None and part.kind in {"table", "column"}):
                continue
            if part.kind == "table" and not self._crossing.is_there(_place(part)):
                continue  # a partition goes with its table
            if part.kind == "type":  # types come last: the columns that go are gone
                there = there or self._now()
                if self._restorer.is_type_used(part, there):
                    continue  # until the column has its former one again
            if not self._hide(part):
                self._restorer.drop(self._of_crossing(part))
        self._restorer.finish()

    def _of_crossing(self, part: Part) -> Part:
        """Return the very constraint that the crossing made, where another says the same."""
        if part.kind not in {"check", "unique", "foreign key"}:
            return part
        made = {each.after.called for each in self._made if each.after}
        made -= {each.before.called for each in self._made if each.before}  # of another name for their columns alone
        alike = [each for each in self._now().values() if each.says_the_same(part)]
        return next((each for each in alike if each.called in made), part) if len(alike) > 1 else part

    def _hide(self, part: Part) -> bool:
        if part.kind not in {"table", "column"}:
            return False
        self._restorer.finish()
        place = _place(part)
        is_fresh = any(self._crossing.names.same(place, each) for each in self._fresh)
        if is_fresh and self._keeps_fresh:
            return self._keeper.drops.hide(place, own=True)
        if is_fresh and (place.column or self._has_own_rows_only(place)):
            return False
        return self._keeper.drops.hide(place, for_good=is_fresh)

    def _has_own_rows_only(self, table: Place) -> bool:
        names = self._crossing.names
        own = sum(count for place, count in self._fresh_rows.items() if names.same(place, table))
        return self._restorer.count_rows(table.table) == own

    def _bring_back(self, found: list[Change]) -> bool:
        missing = [change.after for change in found if change.before is None and change.after]
        hidden = [_place(part) for part in missing if part.kind in {"table", "column"}]
        return any(self._keeper.returns.bring_back(place) for place in hidden)

    def _make(self, found: list[Change], wanted: Description) -> None:
        for change in found:
            if change.after is None:
                self._drop([change])  # the server kept the index of a foreign key
            elif change.before is not None:
                self._fill_nulls(change.after, change.before)
                self._restorer.change(change.after, change.before)
            elif change.after.kind == "table":
                self._restorer.make_table(change.after, wanted)
            else:
                self._restorer.make(change.after)
        self._restorer.finish()
        for change in found:
            if change.before is None and change.after is not None and change.after.kind == "column":
                self._keeper.values.fill_from_source(_place(change.after))

    def _fill_nulls(self, part: Part, now: Part) -> None:
        is_never_null = self._restorer.is_never_null
        if part.kind == "column" and is_never_null(part) and not is_never_null(now):
            self._keeper.values.fill_nulls(_place(part))

    def _refuse_what_is_left(self, found: list[Change]) -> None:
        if found:
            named = "; ".join(str(_turned(change)) for change in found[:5])
            raise Refused(
                f"the journal alone does not bring the schema back: {named}.",
                "Go back by the script, with its downgrade() corrected.",
            )


def _turned(change: Change) -> Change:
    return Change(change.after, change.before)


def _is_generated(part: Part | None) -> bool:
    """Return whether a column is made of others, which are created before it and dropped after it."""
    return part is not None and part.kind == "column" and bool(_GENERATED.search(part.sql))


def _place(part: Part) -> Place:
    return Place(None, part.table, part.name if part.kind == "column" else None)
