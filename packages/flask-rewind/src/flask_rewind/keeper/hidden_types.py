"""Types and sequences of PostgreSQL that hidden columns use: they are hidden and return with these."""

import logging

from flask_rewind.attic_entries import Entry
from flask_rewind.details import PostgreSQLTypeDetails
from flask_rewind.keeper.context import CrossingContext
from flask_rewind.sql.statements import NOTHING
from flask_rewind.steps import StepKind

log = logging.getLogger("alembic.runtime.migration")


class HiddenTypes:
    """Hides types and sequences, and brings them back."""

    def __init__(self, crossing: CrossingContext) -> None:
        self._crossing = crossing
        self._hider = crossing.hider

    def instead_of(self, statement: str) -> str | None:
        """Return what to execute for a statement that drops, makes or changes a type or sequence.

        None where it is to be executed as it is.
        """
        if found := self._hider.types.to_hide(statement):
            place, kind = found
            crossing, details = self._crossing, PostgreSQLTypeDetails(kind=kind)
            return self._hider.types.hide(crossing.attic.put(place, crossing.revision, crossing.direction, details))
        if self._hider.types.has_label(statement):
            log.info("The label is there already: %s", statement)
            return NOTHING
        for entry in self._hidden() if statement[:6].upper() == "CREATE" else ():
            if self._hider.types.is_created_by(statement, entry):
                self._crossing.attic.note_return(entry)
                return self._hider.types.bring_back(entry)
        return None

    def bring_back(self) -> None:
        """Return all types and sequences that the opposite crossing hid: a column that returns may use them."""
        for entry in self._hidden():
            self._crossing.attic.note_return(entry)
            with self._crossing.hiding(StepKind.BRING_BACK, entry.place, entry.name):
                self._hider.run_literally(self._hider.types.bring_back(entry))

    def _hidden(self) -> list[Entry]:
        attic = self._crossing.attic
        found = attic.types_hidden_by(self._crossing.revision, self._crossing.opposite)
        return [each for each in found if each.details.engine == attic.engine]
