"""Whether something hidden is what the script adds: a column of this type, a table with these columns."""

import logging
from collections.abc import Collection
from typing import Any

from sqlalchemy import Column, inspect
from sqlalchemy.types import NullType

from flask_rewind.attic_entries import Entry, Place
from flask_rewind.engines.access import columns_of
from flask_rewind.keeper.context import CrossingContext
from flask_rewind.keeper.lookup import Lookup

log = logging.getLogger("alembic.runtime.migration")


class Compatibility:
    """Compares hidden columns and tables with those of a script, and logs why one does not return."""

    def __init__(self, crossing: CrossingContext, lookup: Lookup) -> None:
        self._crossing = crossing
        self._lookup = lookup

    def has_type_of(self, entry: Entry, column: Column[Any]) -> bool:
        """Return whether a hidden column has the type of this one, now or when it was hidden."""
        place = entry.place
        there = columns_of(inspect(self._crossing.connection), place.schema, place.table)
        present: Column[Any] = Column(column.name, there[entry.name]["type"])
        former = self._crossing.hider.type_changes.type_when_hidden(entry)
        types = [present, *([Column(column.name, former)] if former is not None else [])]
        if isinstance(column.type, NullType):  # SQLAlchemy does not know the type, so there is nothing to compare
            return True
        if any(not self._crossing.impl.compare_type(each, column) for each in types):
            return True
        log.warning(
            "%s was %s when it was hidden, and the script adds it as %s: the old values stay in the attic as %s.",
            place,
            present.type if former is None else former,
            column.type,
            entry.name,
        )
        return False

    def has_columns(self, entry: Entry, columns: Collection[str]) -> bool:
        """Return whether a hidden table has these columns, hidden or not."""
        place = entry.place
        fold = self._crossing.names.of_column
        hidden = Place(place.schema, entry.name)
        there = {fold(name) for name in self._crossing.visible_columns(hidden)}
        if all(fold(name) in there or self._lookup.hidden_in(hidden, place, name) for name in columns):
            return True
        log.warning("%s has columns that the hidden table lacks: the old table stays as %s.", place, entry.name)
        return False
