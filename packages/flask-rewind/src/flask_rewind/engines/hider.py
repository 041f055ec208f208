"""The hider: it hides things in one database and brings them back, on any engine.

A part of the hider first reads (`Columns.look_at`, `Tables.look_at`), and refuses if it must. Then the entry is
written. Then the part changes the database, by statements whose cost does not depend on the number of rows, except for
side tables.
"""

from collections.abc import Sequence

from sqlalchemy import Connection

from flask_rewind.attic_entries import HIDDEN, Entry
from flask_rewind.engines.access import DatabaseAccess
from flask_rewind.engines.columns import Columns
from flask_rewind.engines.constraints import Constraints
from flask_rewind.engines.key_indexes import KeyIndexes
from flask_rewind.engines.room import Room
from flask_rewind.engines.tables import Tables
from flask_rewind.engines.type_changes import TypeChanges
from flask_rewind.engines.types import Types
from flask_rewind.engines.values import Values
from flask_rewind.places import Names
from flask_rewind.taken_numbers import attic_names


class Hider(DatabaseAccess):
    """Hides things in one database and brings them back, by its parts. An engine replaces the parts that differ."""

    ties_keys_again = False
    """Whether foreign keys to a dropped table apply to the next table of its name, as with foreign_key_checks = 0."""
    leaves_hidden_columns_out = False
    """Whether ``SELECT *`` and an INSERT without columns leave hidden columns out."""

    values: Values
    constraints: Constraints
    columns: Columns
    tables: Tables

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection, Names(connection))
        self.room = Room(self)
        self.key_indexes = KeyIndexes(self)
        self.types = Types(self)
        self.type_changes = TypeChanges(self)

    def drop_markers(self) -> None:
        """Drop the markers of returned columns, which are only needed to take a failed crossing back."""
        return

    def hidden_names(self, schema: str | None) -> set[str]:
        """Return the names such as ``_attic_1`` of hidden things in a schema."""
        return {name for name in attic_names(self.connection, schema) if HIDDEN.fullmatch(name)}

    def clean_up(self, hidden: Sequence[Entry], returned: Sequence[Entry], gone: Sequence[Entry]) -> None:
        """Drop leftovers of an interrupted crossing before it is taken back.

        Args:
            hidden: the entries of hidden things.
            returned: the entries of things that the crossing had brought back; their markers stay until `drop_markers`.
            gone: the entries of things that the crossing was about to hide when it was interrupted.
        """
        return
