"""Changes of a column's type: find the values that the change would alter permanently."""

from typing import Any

from sqlalchemy.types import TypeEngine

from flask_rewind.attic_entries import Entry, Place
from flask_rewind.engines.access import Part
from flask_rewind.errors import Refused
from flask_rewind.sql.changes import NewType


class TypeChanges(Part):
    """Checks the values and clauses of columns before their types change."""

    def refuse_losses(self, place: Place, wanted: NewType) -> None:
        """Refuse another type for a column if it would change values permanently.

        Raises:
            Refused: with their number.
        """
        if count := self.losses(place, wanted):
            raise Refused(
                f"{place} cannot become {wanted.definition}: {count} values would change permanently.",
                "Change these values with a statement of the revision first, or keep the type.",
            )

    def clauses_lost(self, place: Place, wanted: NewType) -> list[str]:
        """Return the clauses of a column that a new definition drops because it does not repeat them."""
        return []

    def losses(self, place: Place, wanted: NewType) -> int:
        """Return how many values another type would change so that converting them back does not restore them."""
        return 0

    def type_when_hidden(self, entry: Entry) -> TypeEngine[Any] | None:
        """Return the type that a column had when it was hidden; None if it cannot have been changed since."""
        return None
