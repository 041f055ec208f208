"""The indexes that a server makes under foreign keys."""

from flask_rewind.attic_entries import Place
from flask_rewind.engines.access import Part


class KeyIndexes(Part):
    """Keeps the names of these indexes; an engine that makes none has nothing to do."""

    def expect_foreign_key(self, table: Place) -> None:
        """Note that a script which goes down is about to add a foreign key to a table."""
        return

    def settle(self) -> None:
        """Give the indexes that the server makes for foreign keys the names they had, and drop unused ones."""
        return

    def drop_index(self, table: Place, index: str) -> bool:
        """Drop an index that a foreign key needs, with another one in its place; return False where none does."""
        return False
