"""Going back through a crossing by what the journal recorded of it, without the script's other function.

What the crossing had hidden returns, what it had added is hidden, and everything else is made as it was by the
database's own text of it. Rows are not looked at: data statements are not undone.
"""

from flask_rewind.hiding import Hider
from flask_rewind.undoing.base import Restorer
from flask_rewind.undoing.lost_words import LostWords
from flask_rewind.undoing.mysql import MySQLRestorer
from flask_rewind.undoing.postgresql import PostgreSQLRestorer
from flask_rewind.undoing.sqlite import SQLiteRestorer
from flask_rewind.undoing.undo import Undo

__all__ = ["LostWords", "Undo", "restorer_of"]

_RESTORERS: dict[str, type[Restorer]] = {
    "sqlite": SQLiteRestorer,
    "mysql": MySQLRestorer,
    "mariadb": MySQLRestorer,
    "postgresql": PostgreSQLRestorer,
}


def restorer_of(hider: Hider) -> Restorer:
    """Return what makes the parts of a schema again in the database of `hider`."""
    return _RESTORERS[hider.connection.dialect.name](hider)
