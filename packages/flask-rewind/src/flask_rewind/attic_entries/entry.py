"""One hidden thing: its place, its name while it is hidden, and what its engine needs to bring it back."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from flask_rewind.details import TITLES, Details
from flask_rewind.errors import Refused
from flask_rewind.places import Place

PREFIX = "_attic_"
"""How the name of everything hidden begins."""
HIDDEN = re.compile(rf"{PREFIX}\d+")
"""The name of something hidden; a marker column has a longer one."""

SIDE = "_side"
"""How the name of a side table ends: it begins with that of the column in it."""

AnyDetails = TypeVar("AnyDetails", bound=Details)


@dataclass(frozen=True, slots=True)
class Entry:
    """One hidden thing. ``details`` is what its engine needs to bring it back."""

    number: int
    place: Place
    revision: str
    direction: str
    hidden_at: datetime
    """UTC, without a zone."""
    details: Details
    is_own: bool = False
    """Whether the crossing that hid it had made it, too: it is being taken back, and is going to be finished."""
    former: str = ""
    """The name that the same thing had in the attic before a crossing that failed brought it back; not stored."""

    @property
    def name(self) -> str:
        """The name it has in the database while it is hidden."""
        return f"{PREFIX}{self.number}"

    def details_as(self, kind: type[AnyDetails]) -> AnyDetails:
        """Return the details, which are of this kind.

        Raises:
            Refused: where another engine hid the thing, and its tables were copied to this one.
        """
        if kind.engine:
            self.refuse_other_engine(kind.engine)
        if not isinstance(self.details, kind):
            raise TypeError(f"{self.name} has {type(self.details).__name__}, not {kind.__name__}")
        return self.details

    def refuse_other_engine(self, engine: str) -> None:
        """Refuse to bring back what another engine than this one hid.

        Raises:
            Refused: with what to do.
        """
        if self.details.engine != engine:
            former, present = TITLES[self.details.engine], TITLES.get(engine, engine)
            raise Refused(
                f"{self.place} was hidden by {former} (as {self.name}, by revision {self.revision}), and this database"
                f" is {present}: Flask-Rewind cannot bring it back here.",
                f"Make this move in the {former} database, then copy that again; or delete the hidden values:"
                f" flask db purge {self.place}",
            )
