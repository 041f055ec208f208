"""What differs between database engines, one module each, and nothing else.

`engine_of(connection)` gives the one that fits. An engine prepares the connection of a run before Alembic sees it,
and may extend Alembic's implementation for that run. Nothing here knows of revisions, commands or the journal.
"""

from sqlalchemy import Connection

from flask_rewind.dialects.base import Engine
from flask_rewind.dialects.mysql import MySQL
from flask_rewind.dialects.postgresql import PostgreSQL
from flask_rewind.dialects.sqlite import SQLite

__all__ = ["Engine", "engine_of"]

_ENGINES: dict[str, type[Engine]] = {
    "sqlite": SQLite,
    "mysql": MySQL,
    "mariadb": MySQL,
    "postgresql": PostgreSQL,
}


def engine_of(connection: Connection) -> Engine:
    """Return what Rewind knows of the engine behind `connection`; of others it assumes nothing."""
    return _ENGINES.get(connection.dialect.name, Engine)(connection)
