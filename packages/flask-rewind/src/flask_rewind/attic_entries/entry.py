"""One hidden thing: its place, its name while it is hidden, and the details that its engine needs to bring it back."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from flask_rewind.details import TITLES, Details
from flask_rewind.errors import Refused
from flask_rewind.places import Place

PREFIX = "_attic_"
"""The prefix of every hidden name."""
HIDDEN = re.compile(rf"{PREFIX}\d+")
"""Matches the name of a hidden thing; the name of a marker column is longer."""

SIDE = "_side"
"""The suffix of the name of a side table, after the name of the hidden column in it."""

AnyDetails = TypeVar("AnyDetails", bound=Details)


@dataclass(frozen=True, slots=True)
class Entry:
    """One hidden thing. Its engine needs ``details`` to bring it back."""

    number: int
    place: Place
    revision: str
    direction: str
    hidden_at: datetime
    """UTC, without a time zone."""
    details: Details
    is_own: bool = False
    """Whether the crossing that hid it had made it: that crossing was taken back, and will be finished."""
    former: str = ""
    """The name ``_attic_<number>`` that the thing had before a failed crossing brought it back; not stored."""

    @property
    def name(self) -> str:
        """The name of the thing in the database while it is hidden."""
        return f"{PREFIX}{self.number}"

    def details_as(self, kind: type[AnyDetails]) -> AnyDetails:
        """Return the details as an object of class `kind`.

        Raises:
            Refused: if another engine hid the thing, because the database was copied from that engine.
            TypeError: if the details are of another class.
        """
        if kind.engine:
            self.refuse_other_engine(kind.engine)
        if not isinstance(self.details, kind):
            raise TypeError(f"{self.name} has {type(self.details).__name__}, not {kind.__name__}")
        return self.details

    def refuse_other_engine(self, engine: str) -> None:
        """Refuse to bring back a thing that another engine than `engine` hid.

        Raises:
            Refused: with the remedy.
        """
        if self.details.engine != engine:
            former, present = TITLES[self.details.engine], TITLES.get(engine, engine)
            by = f", by revision {self.revision}" if self.revision else ""
            raise Refused(
                f"{self.place} was hidden by {former} (as {self.name}{by}), and this database is {present}:"
                " Flask-Rewind cannot bring it back here.",
                f"Make this move in the {former} database, then copy that again; or delete the hidden values:"
                f" flask db purge {self.place}",
            )
