"""The visible schema of a database as values that can be compared, and how two of them differ."""

from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import Connection

from flask_rewind.describing.base import (
    Change,
    Description,
    Key,
    Part,
    changes,
    fingerprint,
    key_of,
    not_brought_back,
    wanted_back,
    without_parts_of_tables,
)
from flask_rewind.describing.made import Made
from flask_rewind.describing.mysql import parts_of_mysql
from flask_rewind.describing.postgresql import parts_of_postgresql
from flask_rewind.describing.sqlite import parts_of_sqlite

__all__ = [
    "Change",
    "Description",
    "Key",
    "Made",
    "Part",
    "changes",
    "describe",
    "fingerprint",
    "key_of",
    "not_brought_back",
    "wanted_back",
    "without_parts_of_tables",
]

_READERS: dict[str, Callable[[Connection], list[Part]]] = {
    "sqlite": parts_of_sqlite,
    "mysql": parts_of_mysql,
    "mariadb": parts_of_mysql,
    "postgresql": parts_of_postgresql,
}
_OWN = ("_attic_", "rewind_", "alembic_version")


def describe(connection: Connection) -> Description | None:
    """Return what the default schema of a database consists of; None for an engine that Rewind cannot read."""
    read = _READERS.get(connection.dialect.name)
    if read is None:
        return None
    found: Description = {}
    for part in read(connection):
        if not _is_own(part):
            while part.key in found:  # nothing forbids the same CHECK twice
                part = replace(part, name=f"{part.name} again")
            found[part.key] = part
    return found


def _is_own(part: Part) -> bool:
    stands_on_hidden = part.kind != "table" and "_attic_" in part.sql
    return part.table.startswith(_OWN) or part.name.startswith(_OWN) or stands_on_hidden
