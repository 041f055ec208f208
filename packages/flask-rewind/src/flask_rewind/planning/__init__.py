"""Plan a move: make it on a stand-in of each database, and record its steps.

The scripts run as in a real move; only the database is replaced: by a copy of the file on SQLite, by another database
on MariaDB and MySQL, by a transaction that is rolled back on PostgreSQL.
"""

from flask_rewind.engines.registry import stand_in_of
from flask_rewind.engines.stand_in import Opaque
from flask_rewind.planning.other_connections import writing_elsewhere_refused
from flask_rewind.planning.planner import LATER, Planner

__all__ = ["LATER", "Opaque", "Planner", "stand_in_of", "writing_elsewhere_refused"]
