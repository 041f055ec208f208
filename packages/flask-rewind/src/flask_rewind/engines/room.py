"""Room in a table for more columns: what is hidden takes some."""

from collections.abc import Collection, Sequence

from sqlalchemy.exc import DBAPIError

from flask_rewind.attic_entries import Place
from flask_rewind.engines.access import Part


class Room(Part):
    """Makes room in the tables of one database; where dropped columns count as well there is none to make."""

    def is_lacking(self, error: DBAPIError) -> bool:
        """Return whether an error says that a table cannot hold more columns, or longer ones."""
        return False

    def make(self, place: Place, actions: Sequence[str], staying: Collection[str] = ()) -> list[str]:
        """Let what is hidden in a table take less room in its rows, where actions of an ALTER TABLE need that.

        Returns the names of the hidden columns that must leave the table besides, the first of them first; those that
        are `staying` cannot.
        """
        return []
