"""Undo one crossing: first its renames, then what it added, then what it dropped or changed."""

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
"""The order in which kinds are created: each kind comes after those that it may need."""


class Undo:
    """Restores the schema from before a crossing.

    Args:
        keeper: hides the tables and columns that the crossing added, and brings back those that it hid.
        restorer: restores everything else.
        made: the changes of the crossing.
        renamed: its renames, in order.
        fresh: columns and tables that a failed crossing itself created. They are dropped. A table with other rows than
            the crossing inserted is hidden instead, and no move brings it back.
        fresh_rows: how many rows the crossing inserted into each of these tables.
        keeps_fresh: whether to hide `fresh` things for this crossing instead, which will be finished.
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
        """Undo the crossing.

        Raises:
            Refused: if something cannot be restored.
        """
        with self._crossing.hiding(StepKind.TAKE_BACK):
            wanted, _ = wanted_back(self._made, self._now())
            for rename in reversed(self._renamed):
                self._rename_back(rename)
            self._drop(self._differences(wanted))
            while self._bring_back(self._differences(wanted)):
                pass  # a table that returned shows which of its columns are still hidden
            for place in self._keeper.lookup.hidden_in_other_schemas():
                self._keeper.schemas.make_again(place.schema or "")
                self._keeper.returns.bring_back(place)
            self._drop(self._differences(wanted))  # what the crossing had made in tables before it hid them
            self._keeper.finish()
            for _ in range(2):  # the first pass may change a table's character set, and so its columns
                if found := self._differences(wanted):
                    self._make(found, wanted)
            self._refuse_what_is_left(self._differences(wanted))

    def _rename_back(self, rename: Rename) -> None:
        """Undo a rename; a hidden thing returns, and one that had returned is hidden again."""
        now = Place(None, rename.table, rename.new) if rename.column else Place(None, rename.new)
        was = Place(None, rename.table, rename.column or None)
        if HIDDEN.fullmatch(rename.new):
            self._free_name(rename)
            self._drop_made(now.table, self._is_fresh_column)  # the table may have no room while these exist
            if not self._keeper.lookup.is_in_side_table(was):  # else there is no room before other columns are dropped
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
        """Drop parts that the crossing made in a table, before a column of it returns or is hidden."""
        parts = [each.after for each in self._made if each.before is None and each.after]
        there = self._now()
        for part in parts:
            if part.table == table and is_meant(part) and part.key in there:
                self._drop([Change(part, None)])

    def _is_fresh_column(self, part: Part) -> bool:
        return part.kind == "column" and any(self._crossing.names.same(_place(part), each) for each in self._fresh)

    def _free_name(self, rename: Rename) -> None:
        """Drop what was created later under the name that a renamed or hidden thing is about to get back."""
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
            raise Refused("Flask-Rewind cannot read the schema of this engine.", "Go down with the script.")
        return found

    def _differences(self, wanted: Description) -> list[Change]:
        left = without_parts_of_tables(without_other_letters(changes(self._now(), wanted), self._crossing.names))
        gone = self._keeper.outcome.partitions_gone
        # The changes lead from the present schema to the wanted one; `has_more_labels` expects the reverse.
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
                continue  # a partition is dropped with its table
            if part.kind == "type":  # types come last, after the columns to drop
                there = there or self._now()
                if self._restorer.is_type_used(part, there):
                    continue  # it is dropped when the column has its former type again
            if not self._hide(part):
                self._restorer.drop(self._of_crossing(part))
        self._restorer.finish()

    def _of_crossing(self, part: Part) -> Part:
        """Return the constraint that the crossing made, if the table has another one with the same definition."""
        if part.kind not in {"check", "unique", "foreign key"}:
            return part
        made = {each.after.called for each in self._made if each.after}
        made -= {each.before.called for each in self._made if each.before}  # changed only by renames of columns
        alike = [each for each in self._now().values() if each.says_the_same(part)]
        return next((each for each in alike if each.called in made), part) if len(alike) > 1 else part

    def _hide(self, part: Part) -> bool:
        if part.kind in {"type", "sequence"}:
            return self._keeper.types.hide(part.kind, part.name)
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
                self._drop([change])  # the server kept the index of a dropped foreign key
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
                f"what the journal recorded does not restore the schema: {named}.",
                "Go down with the script, after you have corrected its downgrade().",
            )


def _turned(change: Change) -> Change:
    return Change(change.after, change.before)


def _is_generated(part: Part | None) -> bool:
    """Return whether a column is generated: it is created after the columns that it uses, and dropped before them."""
    return part is not None and part.kind == "column" and bool(_GENERATED.search(part.sql))


def _place(part: Part) -> Place:
    return Place(None, part.table, part.name if part.kind == "column" else None)
