"""Hide a table, bring it back, or drop a hidden table permanently."""

from abc import ABC, abstractmethod

from sqlalchemy import inspect

from flask_rewind.attic_entries import Entry, Place
from flask_rewind.details import TableDetails
from flask_rewind.engines.access import DatabaseAccess, Part, columns_of
from flask_rewind.engines.constraints import Constraints, Restore


class Tables(Part, ABC):
    """Hides tables of one database and brings them back."""

    def __init__(self, access: DatabaseAccess, constraints: Constraints) -> None:
        super().__init__(access)
        self._constraints = constraints

    @abstractmethod
    def look_at(self, place: Place) -> TableDetails:
        """Return the details that are needed to bring the table back.

        Raises:
            Refused: if it cannot be hidden.
        """

    @abstractmethod
    def hide(self, entry: Entry) -> None:
        """Rename the table; rename or drop what would keep a name taken or still act, such as foreign keys."""

    @abstractmethod
    def bring_back(self, entry: Entry) -> list[Restore]:
        """Bring the table back."""

    def purge(self, entry: Entry) -> None:
        """Drop the hidden table, or type, permanently."""
        self.run(f"DROP TABLE {self.name_of(entry.place.schema, entry.name)}")

    def give_names_again(self) -> None:
        """Give relations that returned while their names were taken these names, if they are free now."""
        return

    @abstractmethod
    def is_temporary(self, place: Place) -> bool:
        """Return whether a table is temporary, so that it is dropped with the session anyway."""

    def dependants_on(self, place: Place) -> list[str]:
        """Return what CASCADE would drop with a column or a table, except constraints."""
        return []

    def primary_key(self, place: Place) -> list[str]:
        """Return the columns of the primary key of a table."""
        inspector = inspect(self.connection)
        key = inspector.get_pk_constraint(place.table, place.schema)["constrained_columns"]
        spelled = columns_of(inspector, place.schema, place.table)
        return [name if name in spelled else name.replace("``", "`") for name in key]

    def without_column(self, details: TableDetails, column: str) -> TableDetails:
        """Return the details of a hidden table after one of its columns was dropped permanently."""
        return details
