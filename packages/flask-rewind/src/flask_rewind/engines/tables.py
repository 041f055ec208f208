"""Tables: hiding one, bringing it back, and dropping a hidden one permanently."""

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
        """Return what it takes to bring the table back.

        Raises:
            Refused: where it cannot be hidden.
        """

    @abstractmethod
    def hide(self, entry: Entry) -> None:
        """Rename the table, and what would act or keep a name taken from under the roof."""

    @abstractmethod
    def bring_back(self, entry: Entry) -> list[Restore]:
        """Bring the table back."""

    def purge(self, entry: Entry) -> None:
        """Drop the hidden table, or type, permanently."""
        self.run(f"DROP TABLE {self.name_of(entry.place.schema, entry.name)}")

    def give_names_again(self) -> None:
        """Give what returned while its names were taken these names, where they are free by now."""
        return

    @abstractmethod
    def is_temporary(self, place: Place) -> bool:
        """Return whether a table is one of the session, which goes with it whatever is done."""

    def dependants_on(self, place: Place) -> list[str]:
        """Return what CASCADE would drop with a column or a table, constraints left out."""
        return []

    def primary_key(self, place: Place) -> list[str]:
        """Return the columns of the primary key of a table."""
        inspector = inspect(self.connection)
        key = inspector.get_pk_constraint(place.table, place.schema)["constrained_columns"]
        spelled = columns_of(inspector, place.schema, place.table)
        return [name if name in spelled else name.replace("``", "`") for name in key]

    def without_column(self, details: TableDetails, column: str) -> TableDetails:
        """Return what it takes to bring a hidden table back, now that a column of it was dropped permanently."""
        return details
