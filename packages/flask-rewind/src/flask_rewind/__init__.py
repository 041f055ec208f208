"""Flask-Rewind: move the database of a Flask app like a git checkout, forward and back.

Public names only. The commands are imported when they are first used, so that a web worker, which imports this package
for `Rewind`, loads neither Alembic nor Mako.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from flask_rewind.errors import (
    BadRequest,
    BadScript,
    BadSetting,
    Blocked,
    CopyFailed,
    CrossingFailed,
    DatabaseFailed,
    DatabaseUnreachable,
    DefaultNeeded,
    LeaseLost,
    LeaseTaken,
    ModelsDiffer,
    NotAtHead,
    NotKept,
    NotSetUp,
    NoWay,
    Refused,
    RevisionNotFound,
    RewindError,
    SeveralHeads,
)
from flask_rewind.extension import Rewind, database_commands
from flask_rewind.schema import SchemaState, is_unfinished, schema_state
from flask_rewind.typed import typed_command

if TYPE_CHECKING:
    from flask_rewind.commands import (
        abort,
        attic,
        attic_definition,
        branches,
        check,
        checkout,
        create_attic,
        current,
        downgrade,
        edit,
        eject,
        ensure_version,
        heads,
        history,
        init,
        list_templates,
        log,
        merge,
        migrate,
        plan,
        purge,
        resume,
        revision,
        show,
        stamp,
        status,
        upgrade,
    )
    from flask_rewind.revisions import Config, alembic_version

__version__ = "0.1.0"

__all__ = [
    "BadRequest",
    "BadScript",
    "BadSetting",
    "Blocked",
    "Config",
    "CopyFailed",
    "CrossingFailed",
    "DatabaseFailed",
    "DatabaseUnreachable",
    "DefaultNeeded",
    "LeaseLost",
    "LeaseTaken",
    "ModelsDiffer",
    "NoWay",
    "NotAtHead",
    "NotKept",
    "NotSetUp",
    "Refused",
    "RevisionNotFound",
    "Rewind",
    "RewindError",
    "SchemaState",
    "SeveralHeads",
    "abort",
    "alembic_version",
    "attic",
    "attic_definition",
    "branches",
    "check",
    "checkout",
    "create_attic",
    "current",
    "database_commands",
    "downgrade",
    "edit",
    "eject",
    "ensure_version",
    "heads",
    "history",
    "init",
    "is_unfinished",
    "list_templates",
    "log",
    "merge",
    "migrate",
    "plan",
    "purge",
    "resume",
    "revision",
    "schema_state",
    "show",
    "stamp",
    "status",
    "typed_command",
    "upgrade",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = "revisions" if name in {"Config", "alembic_version"} else "commands"
    return getattr(import_module(f"{__name__}.{module}"), name)
