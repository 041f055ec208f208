"""What hides and brings back in one database, whatever the engine: its parts, and what a crossing asks of all of them.

A part reads first (`Columns.look_at`, `Tables.look_at`) and refuses there; then the entry is written; then it changes
the database, with statements whose cost does not grow with the number of rows, but for side tables.
"""

from collections.abc import Sequence

from sqlalchemy import Connection

from flask_rewind.attic_entries import Entry
from flask_rewind.engines.access import DatabaseAccess
from flask_rewind.engines.columns import Columns
from flask_rewind.engines.constraints import Constraints
from flask_rewind.engines.key_indexes import KeyIndexes
from flask_rewind.engines.room import Room
from flask_rewind.engines.schemas import Schemas
from flask_rewind.engines.tables import Tables
from flask_rewind.engines.type_changes import TypeChanges
from flask_rewind.engines.types import Types
from flask_rewind.engines.values import Values
from flask_rewind.places import Names


class Hider(DatabaseAccess):
    """Hides and brings back in one database, by its parts. An engine sets those that differ."""

    ties_keys_again = False
    """Whether the keys to a dropped table are those of the next one of its name, where a script may drop it at all."""
    leaves_hidden_columns_out = False
    """Whether ``SELECT *`` and an INSERT without columns know nothing of hidden ones."""

    values: Values
    constraints: Constraints
    columns: Columns
    tables: Tables

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection, Names(connection))
        self.room = Room(self)
        self.key_indexes = KeyIndexes(self)
        self.types = Types(self)
        self.schemas = Schemas(self)
        self.type_changes = TypeChanges(self)

    def drop_markers(self) -> None:
        """Drop markers, which only the way back of a failed crossing needs."""
        return

    def hidden_names(self, schema: str | None) -> set[str]:
        """Return the names like ``_attic_1`` that tables and columns of a schema have, on MariaDB and MySQL."""
        return set()

    def clean_up(self, hidden: Sequence[Entry], returned: Sequence[Entry], gone: Sequence[Entry]) -> None:
        """Drop what a crossing that broke off has left beside what is hidden, before the crossing is taken back.

        Args:
            hidden: the entries of what is hidden.
            returned: those of what the crossing had brought back. What marks its new rows is kept until `drop_markers`.
            gone: those of what it was about to hide when it broke off.
        """
        return
