"""The hider of MariaDB and MySQL."""

from collections.abc import Sequence

from sqlalchemy import Connection

from flask_rewind.attic_entries import Entry
from flask_rewind.engines.hider import Hider
from flask_rewind.engines.mysql.columns import MySQLColumns
from flask_rewind.engines.mysql.constraints import MySQLConstraints
from flask_rewind.engines.mysql.key_indexes import MySQLKeyIndexes
from flask_rewind.engines.mysql.leftovers import drop_leftovers, hidden_names
from flask_rewind.engines.mysql.markers import Markers
from flask_rewind.engines.mysql.room import MySQLRoom
from flask_rewind.engines.mysql.tables import MySQLTables
from flask_rewind.engines.mysql.type_changes import MySQLTypeChanges
from flask_rewind.engines.mysql.values import MySQLValues


class MySQLHider(Hider):
    """Hides things in a MariaDB or MySQL database and brings them back."""

    ties_keys_again = True
    leaves_hidden_columns_out = True

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._markers = Markers(self)
        self.type_changes = MySQLTypeChanges(self)
        self.room = room = MySQLRoom(self)
        self.values = values = MySQLValues(self)
        self.key_indexes = indexes = MySQLKeyIndexes(self)
        self.constraints = constraints = MySQLConstraints(self)
        self.columns = MySQLColumns(self, values, constraints, indexes, self._markers, room)
        self.tables = MySQLTables(self, constraints, indexes)

    def hidden_names(self, schema: str | None) -> set[str]:
        return hidden_names(self, schema)

    def clean_up(self, hidden: Sequence[Entry], returned: Sequence[Entry], gone: Sequence[Entry]) -> None:
        drop_leftovers(self, hidden, gone)
        for entry in returned:
            if entry.place.column:
                self._markers.drop_later(entry, has_marker=True)

    def drop_markers(self) -> None:
        self._markers.drop()
