"""Schemas that scripts drop: what is hidden in one is moved out of it first, and back when it is made again."""

from flask_rewind.attic_entries import Entry
from flask_rewind.engines.access import Part


class Schemas(Part):
    """Moves hidden tables and types between schemas; an engine whose schemas are databases moves nothing."""

    def is_out(self, entry: Entry) -> bool:
        """Return whether a hidden table or type was moved out of its schema into the default one."""
        return False

    def move_out(self, entry: Entry) -> None:
        """Move a hidden table or type that is in its schema into the default one."""
        return

    def move_in(self, entry: Entry) -> None:
        """Move a hidden table or type back into its schema, which is there again."""
        return

    def make(self, schema: str) -> None:
        """Make a schema where it is missing."""
        return
