"""Columns: hiding one, bringing it back, and dropping a hidden one permanently."""

from abc import ABC, abstractmethod

from flask_rewind.attic_entries import Entry, Place
from flask_rewind.details import ColumnDetails
from flask_rewind.engines.access import DatabaseAccess, Part
from flask_rewind.engines.constraints import Constraints, Restore
from flask_rewind.engines.values import Values


class Columns(Part, ABC):
    """Hides columns of one database and brings them back."""

    def __init__(self, access: DatabaseAccess, values: Values, constraints: Constraints) -> None:
        super().__init__(access)
        self._values = values
        self._constraints = constraints

    @abstractmethod
    def look_at(self, place: Place) -> ColumnDetails | None:
        """Return what it takes to bring the column back; None where it holds no data of its own.

        Raises:
            Refused: where it cannot be hidden.
        """

    @abstractmethod
    def hide(self, entry: Entry) -> None:
        """Rename the column and let rows be inserted without it."""

    @abstractmethod
    def newborn_rows(self, entry: Entry) -> int:
        """Return how many rows have no value of their own in a hidden NOT NULL column without a default."""

    def insert_without(self, entry: Entry) -> str:
        """Return what becomes of the app's ``INSERT INTO t VALUES …`` while a column is hidden; empty where nothing."""
        return ""

    @abstractmethod
    def bring_back(self, entry: Entry, *, nullable: bool, fill: str | None) -> list[Restore]:
        """Bring the column back; rows without a value of their own get the SQL expression `fill`, else NULL."""

    def show(self, entry: Entry) -> None:
        """Make the column visible again permanently, without its indexes and constraints."""
        self.bring_back(entry, nullable=not entry.details_as(ColumnDetails).is_numbered, fill=None)

    @abstractmethod
    def purge(self, entry: Entry) -> None:
        """Drop the hidden column permanently.

        Raises:
            Refused: where something still uses it.
        """
