"""Types and sequences of PostgreSQL that hidden columns use: they are hidden and return with these."""

import logging

from flask_rewind.attic_entries import Entry, Place
from flask_rewind.details import PostgreSQLTypeDetails
from flask_rewind.keeper.context import CrossingContext
from flask_rewind.keeper.refusals import refuse_other_of_its_name
from flask_rewind.sql.changes import Name
from flask_rewind.sql.statements import NOTHING
from flask_rewind.sql.types import AddLabel, CreateType, DropTypes
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
        types = self._hider.types
        match types.change_by(statement):
            case DropTypes(kind, [name]) if place := types.to_hide(kind, name):
                return types.hide(self._put(kind, place))
            case AddLabel() as added if types.has_label(added):
                log.info("Skipped, because the type already has the label: %s", statement)
                return NOTHING
            case CreateType() as created:
                return self._returned_for(created)
        return None

    def hide(self, kind: str, name: str) -> bool:
        """Hide a type or sequence of the default schema; return False unless hidden columns use it, and no others.

        Args:
            kind: ``type`` or ``sequence``.
            name: its name, not quoted.
        """
        types, kind = self._hider.types, kind.upper()
        place = types.to_hide(kind, Name(None, name, self._hider.quote(name)))
        if place is None:
            return False
        entry = self._put(kind, place)
        with self._crossing.hiding(StepKind.HIDE, place, entry.name):
            self._hider.run_literally(types.hide(entry))
        return True

    def _put(self, kind: str, place: Place) -> Entry:
        crossing, details = self._crossing, PostgreSQLTypeDetails(kind=kind)
        return crossing.attic.put(place, crossing.revision, crossing.direction, details)

    def _returned_for(self, created: CreateType) -> str | None:
        """Return the statement that brings back the type that a script makes again; None where none is hidden."""
        for entry in self._hidden():
            if self._hider.types.is_created_by(created, entry):
                self._refuse_taken(entry)
                self._crossing.attic.note_return(entry)
                return self._hider.types.bring_back(entry)
        return None

    def bring_back(self) -> None:
        """Return all types and sequences that the opposite crossing hid: a column that returns may use them."""
        for entry in self._hidden():
            self._refuse_taken(entry)
            self._crossing.attic.note_return(entry)
            with self._crossing.hiding(StepKind.BRING_BACK, entry.place, entry.name):
                self._hider.run_literally(self._hider.types.bring_back(entry))

    def _refuse_taken(self, entry: Entry) -> None:
        if self._hider.types.has_other_of_its_name(entry):
            refuse_other_of_its_name(entry, self._crossing)

    def _hidden(self) -> list[Entry]:
        attic, is_of_opposite = self._crossing.attic, self._crossing.is_of_opposite
        found = [each for each in attic.entries() if each.place.is_type and is_of_opposite(each)]
        found = [each for each in found if each.details.engine == attic.engine]
        return [each for each in found if self._hider.types.is_there(each)]  # not where its schema is gone
