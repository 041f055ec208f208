"""Enum types and sequences that hidden columns use. Only on PostgreSQL they are separate objects."""

from flask_rewind.attic_entries import Entry, Place
from flask_rewind.engines.access import Part
from flask_rewind.sql.changes import Name
from flask_rewind.sql.types import AddLabel, CreateType, TypeChange


class Types(Part):
    """Hides types and sequences, and brings them back. Does nothing on engines other than PostgreSQL."""

    def one_drop_each(self, statement: str) -> list[str]:
        """Split a DROP of several types or sequences into one statement each, if hidden columns use one of them."""
        return [statement]

    def change_by(self, statement: str) -> TypeChange | None:
        """Return what a statement does to types or sequences; None if it does nothing to them."""
        return None

    def to_hide(self, kind: str, name: Name) -> Place | None:
        """Return the type or sequence of this name, if only hidden columns use it.

        Args:
            kind: ``TYPE`` or ``SEQUENCE``.
            name: the name in a DROP statement.
        """
        return None

    def is_there(self, entry: Entry) -> bool:
        """Return whether a hidden type or sequence still exists: a sequence may be dropped with its column."""
        return False

    def has_label(self, added: AddLabel) -> bool:
        """Return whether an enum type already has the label that a statement would add."""
        return False

    def hide(self, entry: Entry) -> str:
        """Return the statement that renames a type to its hidden name."""
        raise NotImplementedError

    def bring_back(self, entry: Entry) -> str:
        """Return the statement that renames a hidden type to its former name."""
        raise NotImplementedError

    def is_created_by(self, created: CreateType, entry: Entry) -> bool:
        """Return whether a statement creates the type or sequence that `entry` hides."""
        return False

    def purge(self, entry: Entry) -> None:
        """Drop a hidden type or sequence permanently.

        Raises:
            Refused: if something still uses it.
        """
        raise NotImplementedError
