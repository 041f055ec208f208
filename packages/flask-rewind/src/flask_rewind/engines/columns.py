"""Hide a column, bring it back, or drop a hidden column permanently."""

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
        """Return the details that are needed to bring the column back; None if it is generated, without data.

        Raises:
            Refused: if it cannot be hidden.
        """

    @abstractmethod
    def hide(self, entry: Entry) -> None:
        """Rename the column, and allow inserts without it."""

    @abstractmethod
    def newborn_rows(self, entry: Entry) -> int:
        """Return how many newborn rows have no value in a hidden NOT NULL column without a default."""

    def prepare_return(self, entry: Entry, *, nullable: bool) -> bool:
        """Make sure that rows are noticed which others insert without a value while the column returns.

        An engine stops such inserts until the crossing ends, or finds the rows afterwards (`late_rows`). Return False
        if it needs neither.
        """
        return False

    def late_rows(self, entry: Entry) -> int:
        """Return how many rows without a value were inserted since `prepare_return`."""
        return 0

    def fill_late(self, entry: Entry, fill: str) -> None:
        """Give the late rows a SQL expression as their value; the column is back."""
        return

    def insert_without(self, entry: Entry) -> str:
        """Return what happens to the app's ``INSERT INTO t VALUES …`` while a column is hidden; empty if it works."""
        return ""

    @abstractmethod
    def bring_back(self, entry: Entry, *, nullable: bool, fill: str | None) -> list[Restore]:
        """Bring the column back; newborn rows get the SQL expression `fill`, or NULL without it."""

    def show(self, entry: Entry) -> None:
        """Make the column visible again permanently, without its indexes and constraints."""
        self.bring_back(entry, nullable=not entry.details_as(ColumnDetails).is_numbered, fill=None)

    @abstractmethod
    def purge(self, entry: Entry) -> None:
        """Drop the hidden column permanently.

        Raises:
            Refused: if something still uses it.
        """
