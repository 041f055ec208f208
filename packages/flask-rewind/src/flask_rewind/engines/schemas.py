"""Schemas that scripts drop: hidden tables and types are moved out first, and back when the schema is created again."""

from flask_rewind.attic_entries import Entry
from flask_rewind.engines.access import Part


class Schemas(Part):
    """Moves hidden tables and types between schemas; does nothing on engines whose schemas are databases."""

    def is_out(self, entry: Entry) -> bool:
        """Return whether a hidden table or type was moved out of its schema into the default one."""
        return False

    def move_out(self, entry: Entry) -> None:
        """Move a hidden table or type from its schema into the default one, if it is there."""
        return

    def move_in(self, entry: Entry) -> None:
        """Move a hidden table or type back into its schema, if it was moved out."""
        return

    def make(self, schema: str) -> None:
        """Create a schema if it does not exist."""
        return
