"""Open a directory of revision scripts with Alembic, and run its env.py in a guarded environment.

The commands are Rewind's; env.py files and revision scripts are the user's. Only `alembic_private` uses private names
of Alembic.
"""

from flask_rewind.revisions.configuration import Config, XArg, alembic_version, make_config
from flask_rewind.revisions.directory import Revisions, commit, live_connection, named_at_all
from flask_rewind.revisions.environment import Work

__all__ = [
    "Config",
    "Revisions",
    "Work",
    "XArg",
    "alembic_version",
    "commit",
    "live_connection",
    "make_config",
    "named_at_all",
]
