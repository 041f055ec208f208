"""Taking a column or a table out of sight, and bringing it back: how each engine does it.

A hider reads first (`Hider.look_at_column`, `look_at_table`) and refuses there; then the entry is written; then it
changes the database, with statements whose cost does not grow with the number of rows, but for side tables.
"""

from sqlalchemy import Connection

from flask_rewind.hiding.base import Hider, Restore, columns_of
from flask_rewind.hiding.keyed_copies import KeyedCopies, keyed_copies_of
from flask_rewind.hiding.mysql import MySQLHider
from flask_rewind.hiding.postgresql import PostgreSQLHider
from flask_rewind.hiding.side_tables import SideTables, key_of_side, side_tables_of
from flask_rewind.hiding.sqlite import SQLiteHider

__all__ = [
    "Hider",
    "KeyedCopies",
    "Restore",
    "SideTables",
    "columns_of",
    "hider_of",
    "key_of_side",
    "keyed_copies_of",
    "side_tables_of",
]

_HIDERS: dict[str, type[Hider]] = {
    "sqlite": SQLiteHider,
    "mysql": MySQLHider,
    "mariadb": MySQLHider,
    "postgresql": PostgreSQLHider,
}


def hider_of(connection: Connection) -> Hider | None:
    """Return the hider of the engine behind `connection`, None for an engine that has none."""
    hider = _HIDERS.get(connection.dialect.name)
    return hider(connection) if hider else None
