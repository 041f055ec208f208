"""The commands as plain functions: they return results and raise `RewindError`, never print and never exit.

All need an app context. Those that Flask-Migrate has take its arguments in its order; what Rewind adds
follows, by keyword. ``directory`` defaults to the extension's, ``x_arg`` are values for env.py.
"""

from flask_rewind.commands.attics import attic, attic_definition, create_attic, eject, purge
from flask_rewind.commands.inspecting import branches, current, heads, history, log, show, status
from flask_rewind.commands.moving import abort, checkout, downgrade, plan, resume, stamp, upgrade
from flask_rewind.commands.scripts import check, edit, ensure_version, init, list_templates, merge, migrate, revision

__all__ = [
    "abort",
    "attic",
    "attic_definition",
    "branches",
    "check",
    "checkout",
    "create_attic",
    "current",
    "downgrade",
    "edit",
    "eject",
    "ensure_version",
    "heads",
    "history",
    "init",
    "list_templates",
    "log",
    "merge",
    "migrate",
    "plan",
    "purge",
    "resume",
    "revision",
    "show",
    "stamp",
    "status",
    "upgrade",
]
