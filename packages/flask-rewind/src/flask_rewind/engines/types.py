"""Enum types and sequences that hidden columns use. Only PostgreSQL has them as objects of their own."""

from flask_rewind.attic_entries import Entry, Place
from flask_rewind.engines.access import Part
from flask_rewind.sql.changes import Name
from flask_rewind.sql.types import AddLabel, CreateType, TypeChange


class Types(Part):
    """Hides types and sequences, and brings them back; an engine that has none has nothing to do."""

    def one_drop_each(self, statement: str) -> list[str]:
        """Return a DROP of several types or sequences that hidden columns use as one statement for each."""
        return [statement]

    def change_by(self, statement: str) -> TypeChange | None:
        """Return what a statement does to types or sequences; None where it does nothing to them."""
        return None

    def to_hide(self, kind: str, name: Name) -> Place | None:
        """Return the type or sequence of this name, if only hidden columns use it.

        Args:
            kind: ``TYPE`` or ``SEQUENCE``.
            name: as a DROP statement has it.
        """
        return None

    def is_there(self, entry: Entry) -> bool:
        """Return whether a hidden type or sequence is there still: a sequence may go with its column."""
        return False

    def has_other_of_its_name(self, entry: Entry) -> bool:
        """Return whether another type or sequence has the name that a hidden one had."""
        return False

    def has_label(self, added: AddLabel) -> bool:
        """Return whether an enum type has the label already that a statement would add."""
        return False

    def hide(self, entry: Entry) -> str:
        """Return the statement that takes the name of a type away."""
        raise NotImplementedError

    def bring_back(self, entry: Entry) -> str:
        """Return the statement that gives a hidden type its name back."""
        raise NotImplementedError

    def is_created_by(self, created: CreateType, entry: Entry) -> bool:
        """Return whether a statement makes the very type, or the sequence, that `entry` hides."""
        return False

    def purge(self, entry: Entry) -> None:
        """Drop a hidden type or sequence permanently.

        Raises:
            Refused: where something still uses it.
        """
        raise NotImplementedError
