"""The indexes that a server makes under foreign keys."""

from flask_rewind.attic_entries import Place
from flask_rewind.engines.access import Part


class KeyIndexes(Part):
    """Keeps the names of these indexes. Does nothing on an engine that makes none."""

    def expect_foreign_key(self, table: Place) -> None:
        """Record that the script of a downgrade is about to add a foreign key to a table."""
        return

    def settle(self) -> None:
        """Give the server's indexes for foreign keys their former names, and drop unused ones."""
        return

    def drop_index(self, table: Place, index: str) -> bool:
        """Replace an index that a foreign key needs by another one; return False if no foreign key needs it."""
        return False
