"""Room in a table for more columns: hidden columns take some of it."""

from collections.abc import Collection, Sequence

from sqlalchemy.exc import DBAPIError

from flask_rewind.attic_entries import Place
from flask_rewind.engines.access import Part


class Room(Part):
    """Makes room in the tables of one database. On PostgreSQL, where dropped columns count, too, it makes none."""

    def is_lacking(self, error: DBAPIError) -> bool:
        """Return whether an error says that a table cannot hold more columns, or longer ones."""
        return False

    def make(self, place: Place, actions: Sequence[str], staying: Collection[str] = ()) -> list[str]:
        """Make hidden columns of a table take less room, if actions of an ALTER TABLE need that.

        Returns the names of hidden columns that must leave the table in addition, in this order; never one of
        `staying`.
        """
        return []
