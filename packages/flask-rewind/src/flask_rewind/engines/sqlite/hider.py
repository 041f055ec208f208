"""The hider of SQLite."""

from sqlalchemy import Connection

from flask_rewind.engines.hider import Hider
from flask_rewind.engines.sqlite.columns import SQLiteColumns
from flask_rewind.engines.sqlite.constraints import SQLiteConstraints
from flask_rewind.engines.sqlite.room import SQLiteRoom
from flask_rewind.engines.sqlite.tables import SQLiteTables
from flask_rewind.engines.sqlite.values import SQLiteValues


class SQLiteHider(Hider):
    """Hides things in a SQLite database and brings them back."""

    room: SQLiteRoom
    columns: SQLiteColumns

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self.room = SQLiteRoom(self)
        self.values = SQLiteValues(self)
        self.constraints = SQLiteConstraints(self)
        self.columns = SQLiteColumns(self, self.values, self.constraints)
        self.tables = SQLiteTables(self, self.constraints)
