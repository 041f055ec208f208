"""What a move would do, found out by making it on a stand-in of each database.

The scripts run, with everything that stands between them and the database; only the database is another: a copy on
SQLite, a database of its own on MariaDB and MySQL, a transaction that is rolled back on PostgreSQL.
"""

from flask_rewind.planning.planner import LATER, Planner
from flask_rewind.planning.shadows import Opaque, shadow_of, writing_elsewhere_refused

__all__ = ["LATER", "Opaque", "Planner", "shadow_of", "writing_elsewhere_refused"]
