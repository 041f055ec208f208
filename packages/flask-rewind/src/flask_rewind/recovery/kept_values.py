"""Values that a crossing had brought back, and had copied aside before its script overwrote them.

`ReturnedRows` puts them back at the end of the script. A crossing that does not come so far may have committed what the
script wrote.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from flask_rewind.attic_entries import Entry, Place
from flask_rewind.describing import Description
from flask_rewind.details import ColumnDetails
from flask_rewind.engines.access import is_nullable
from flask_rewind.keeper import CrossingContext
from flask_rewind.sql.changes import CreateTable
from flask_rewind.sql.statement import Statement
from flask_rewind.steps import Step, StepKind


def give_values_back(steps: Iterable[Step], returned: Iterable[Entry], found: Description, at: CrossingContext) -> None:
    """Put the values back of all copies that the database has, and drop the copies.

    Args:
        steps: those of the crossing, from the journal.
        returned: the entries of what it has brought back.
        found: the schema that it found.
        at: the crossing that undoes it.
    """
    entries = {str(entry.place): entry for entry in returned if entry.place.column}
    earlier = {f"{table}.{name}": Place(None, table, name) for kind, table, name in found if kind == "column"}
    for step, copy in _copies(steps, at):
        entry = entries.get(step.purpose.place)
        place = entry.place if entry else earlier.get(step.purpose.place)
        if place is None or not (at.is_there(copy) and at.is_there(place)):
            continue
        # Rows that were new when a NOT NULL column returned have no other value than the script's.
        is_not_null = entry.details_as(ColumnDetails).not_null if entry else not is_nullable(at.connection, place)
        with at.hiding(StepKind.KEEP_VALUES, place):
            key = at.hider.tables.primary_key(place)
            at.hider.values.fill_by_key(place, replace(copy, column=place.column), key, leave_nulls=is_not_null)
            at.copies.drop(copy)


def _copies(steps: Iterable[Step], at: CrossingContext) -> Iterator[tuple[Step, Place]]:
    for step in steps:
        if step.purpose.kind is StepKind.KEEP_VALUES:
            change = Statement(step.statement, at.connection.dialect.name).change
            if isinstance(change, CreateTable):
                yield step, at.place_of(change.table)
