"""The command line: parse, call `commands`, print.

Names and options are those of Flask-Migrate and, where it has none, of Alembic.
"""

import click

from flask_rewind.cli import attics, inspecting, moving, scripts

commands = click.Group(
    "db",
    commands=[
        scripts.list_templates,
        scripts.init,
        scripts.revision,
        scripts.migrate,
        scripts.edit,
        scripts.merge,
        scripts.check,
        scripts.ensure_version,
        moving.upgrade,
        moving.downgrade,
        moving.checkout,
        moving.resume,
        moving.abort,
        moving.plan,
        moving.stamp,
        inspecting.status,
        inspecting.show,
        inspecting.history,
        inspecting.heads,
        inspecting.branches,
        inspecting.current,
        inspecting.log,
        attics.attic,
        attics.purge,
        attics.eject,
    ],
)
