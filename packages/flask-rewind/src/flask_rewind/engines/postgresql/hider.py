"""The hider of PostgreSQL. All its changes are in one transaction."""

from sqlalchemy import Connection

from flask_rewind.engines.hider import Hider
from flask_rewind.engines.postgresql.columns import PostgreSQLColumns
from flask_rewind.engines.postgresql.constraints import PostgreSQLConstraints
from flask_rewind.engines.postgresql.tables import PostgreSQLTables
from flask_rewind.engines.postgresql.type_changes import PostgreSQLTypeChanges
from flask_rewind.engines.postgresql.types import PostgreSQLTypes
from flask_rewind.engines.postgresql.values import PostgreSQLValues


class PostgreSQLHider(Hider):
    """Hides things in a PostgreSQL database and brings them back."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self.types = PostgreSQLTypes(self)
        self.type_changes = PostgreSQLTypeChanges(self)
        self.values = PostgreSQLValues(self)
        constraints = PostgreSQLConstraints(self)
        self.constraints = constraints
        self.columns = PostgreSQLColumns(self, self.values, constraints)
        self.tables = PostgreSQLTables(self, constraints, self.types)
