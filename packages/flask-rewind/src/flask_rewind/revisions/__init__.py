"""A directory of revision scripts, opened by Alembic; its env.py, run under guard.

The commands are Rewind's; env.py files and revision scripts are the user's. Private names of Alembic are used in
`alembic_private` only.
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
