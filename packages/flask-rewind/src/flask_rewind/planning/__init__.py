"""What a move would do, found out by making it on a stand-in of each database.

The scripts run, with everything that stands between them and the database; only the database is another: a copy on
SQLite, a database of its own on MariaDB and MySQL, a transaction that is rolled back on PostgreSQL.
"""

from flask_rewind.engines.registry import stand_in_of
from flask_rewind.engines.stand_in import Opaque
from flask_rewind.planning.other_connections import writing_elsewhere_refused
from flask_rewind.planning.planner import LATER, Planner

__all__ = ["LATER", "Opaque", "Planner", "stand_in_of", "writing_elsewhere_refused"]
