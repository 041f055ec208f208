"""Enum types and sequences that hidden columns use. Only PostgreSQL has them as objects of their own."""

from flask_rewind.attic_entries import Entry, Place
from flask_rewind.engines.access import Part


class Types(Part):
    """Hides types and sequences, and brings them back; an engine that has none has nothing to do."""

    def one_drop_each(self, statement: str) -> list[str]:
        """Return a DROP of several types or sequences that hidden columns use as one statement for each."""
        return [statement]

    def to_hide(self, statement: str) -> tuple[Place, str] | None:
        """Return the type or sequence that a DROP statement names, where nothing but what is hidden uses it.

        With it comes what it is: ``TYPE`` or ``SEQUENCE``.
        """
        return None

    def is_there(self, entry: Entry) -> bool:
        """Return whether a hidden type or sequence is there still: a sequence may go with its column."""
        return False

    def has_label(self, statement: str) -> bool:
        """Return whether an enum type has the label already that a statement would add."""
        return False

    def hide(self, entry: Entry) -> str:
        """Return the statement that takes the name of a type away."""
        raise NotImplementedError

    def bring_back(self, entry: Entry) -> str:
        """Return the statement that gives a hidden type its name back."""
        raise NotImplementedError

    def is_created_by(self, statement: str, entry: Entry) -> bool:
        """Return whether a statement makes the very type, or the sequence, that `entry` hides."""
        return False

    def purge(self, entry: Entry) -> None:
        """Drop a hidden type or sequence permanently.

        Raises:
            Refused: where something still uses it.
        """
        raise NotImplementedError
