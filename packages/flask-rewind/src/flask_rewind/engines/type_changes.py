"""Another type for a column: what it would change so that it does not come back."""

from typing import Any

from sqlalchemy.types import TypeEngine

from flask_rewind.attic_entries import Entry, Place
from flask_rewind.engines.access import Part
from flask_rewind.errors import Refused
from flask_rewind.sql.changes import NewType


class TypeChanges(Part):
    """Looks at the values and clauses of columns before their types change."""

    def refuse_losses(self, place: Place, wanted: NewType) -> None:
        """Refuse another type for a column where it would change values permanently.

        Raises:
            Refused: with their number.
        """
        if count := self.losses(place, wanted):
            raise Refused(
                f"{place} cannot become {wanted.definition}: {count} values would change permanently.",
                "Change these values with a statement of the revision first, or keep the type.",
            )

    def clauses_lost(self, place: Place, wanted: NewType) -> list[str]:
        """Return what is declared of a column besides its type, and a new definition drops by not repeating it."""
        return []

    def losses(self, place: Place, wanted: NewType) -> int:
        """Return how many values another type would change so that its own type does not bring them back."""
        return 0

    def type_when_hidden(self, entry: Entry) -> TypeEngine[Any] | None:
        """Return the type a column had when it was hidden, where the engine may have made it a longer one since."""
        return None
