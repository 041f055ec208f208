"""Hiding a column or table that a script drops."""

from collections.abc import Iterable
from dataclasses import replace

from flask_rewind.attic_entries import Entry, Place
from flask_rewind.details import ColumnDetails, TableDetails, with_missing_parts
from flask_rewind.keeper.context import CrossingContext, without_column
from flask_rewind.keeper.lookup import Lookup
from flask_rewind.keeper.outcome import Outcome
from flask_rewind.keeper.recreation import Recreation
from flask_rewind.own_names import is_hidden, is_own_table
from flask_rewind.steps import StepKind


class Drops:
    """Hides what a script drops; what holds no data of its own is dropped."""

    def __init__(self, crossing: CrossingContext, outcome: Outcome, lookup: Lookup, recreation: Recreation) -> None:
        self._crossing = crossing
        self._outcome = outcome
        self._lookup = lookup
        self._recreation = recreation

    def hide(self, place: Place, *, for_good: bool = False, own: bool = False) -> bool:
        """Hide a column or table; return False where there is none, or it holds no data of its own.

        With `for_good` no crossing brings it back. `own`: see `Entry.is_own`.
        """
        if is_own(place) or not self._crossing.is_there(place) or self._crossing.hider.tables.is_temporary(place):
            return False
        self._recreation.create_pending(place)
        entry = self._hide(place, self._crossing.direction, for_good=for_good, own=own)
        if entry and self._crossing.is_derived(place) and not entry.details.incoming:  # else others refer to it
            self._drop(entry)
        return entry is not None

    def hide_surplus(self, table: Place, columns: Iterable[str]) -> None:
        """Hide columns of a table that returned with more of them than the script makes."""
        self._recreation.create_pending(table)  # what depends on a column is hidden with it
        for column in columns:
            self._hide(replace(table, column=column), self._crossing.opposite)

    def _hide(self, place: Place, direction: str, *, for_good: bool = False, own: bool = False) -> Entry | None:
        crossing, hider = self._crossing, self._crossing.hider
        details = self._details_of(place)
        if details is None:
            return None
        former = crossing.taken_back.get(place)
        kept = with_missing_parts(details, former.details) if former else details
        since = former.hidden_at if former else None
        is_own = former.is_own if former else own
        revision = "" if for_good else crossing.revision
        entry = crossing.attic.put(place, revision, direction, kept, since, is_own=is_own)
        entry = replace(entry, details=details, former=former.name if former else "")
        is_dropped = crossing.is_derived(place) and not details.incoming
        with crossing.hiding(StepKind.DROP_DERIVED if is_dropped else StepKind.HIDE, place, entry.name):
            (hider.columns.hide if place.column else hider.tables.hide)(entry)
        if not place.column:
            self._outcome.note_hidden_table(entry)
        self._recreation.note_hidden(entry)
        return entry

    def _details_of(self, place: Place) -> ColumnDetails | TableDetails | None:
        """Return what it takes to bring a column or table back; None where it holds no data of its own."""
        hider = self._crossing.hider
        if place.column:
            column = hider.columns.look_at(place)
            return column and replace(column, columns=tuple(self._crossing.visible_columns(without_column(place))))
        former_names = tuple(former.table for former in self._outcome.former_names(place))
        return replace(hider.tables.look_at(place), former_names=former_names)

    def _drop(self, entry: Entry) -> None:
        """Drop what is derived permanently, with what is hidden in it."""
        crossing, place = self._crossing, entry.place
        hidden = Place(place.schema, entry.name)
        with crossing.hiding(StepKind.DROP_DERIVED, place, entry.name):
            for inner in [] if place.column else self._lookup.all_in(hidden, place):
                if crossing.sides.is_out(inner):
                    crossing.sides.drop(inner)
                crossing.attic.forget(inner)
            (crossing.hider.columns.purge if place.column else crossing.hider.tables.purge)(entry)
            crossing.attic.forget(entry)
        self._outcome.tables_hidden.discard(place)


def is_own(place: Place) -> bool:
    """Return whether a table is Rewind's, or a table or column is hidden."""
    return is_own_table(place.table) or is_hidden(place.column)
