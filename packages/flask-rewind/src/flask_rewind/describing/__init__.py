"""The visible schema of a database as values that can be compared, and how two of them differ."""

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import Connection

from flask_rewind.acting import books_are_kept
from flask_rewind.describing.base import (
    AGAIN,
    OWN,
    Change,
    Description,
    Key,
    Part,
    as_text,
    changes,
    fingerprint,
    has_more_labels,
    key_of,
    not_brought_back,
    read,
    wanted_back,
    without_parts_of_tables,
)
from flask_rewind.describing.letters import without_other_letters
from flask_rewind.describing.made import Made
from flask_rewind.describing.mysql import parts_of_mysql
from flask_rewind.describing.postgresql import parts_of_postgresql
from flask_rewind.describing.sqlite import parts_of_sqlite
from flask_rewind.sql.tokens import tokens

__all__ = [
    "Change",
    "Description",
    "Key",
    "Made",
    "Part",
    "as_text",
    "changes",
    "describe",
    "fingerprint",
    "has_more_labels",
    "key_of",
    "not_brought_back",
    "read",
    "wanted_back",
    "without_other_letters",
    "without_parts_of_tables",
]

_PLAIN = {"ALTER", "CREATE", "DROP", "RENAME", "TRUNCATE", "INSERT", "UPDATE", "DELETE", "REPLACE", "SET"}
"""Statements that name whatever they change; a CALL does not."""


@books_are_kept()
def describe(
    connection: Connection, known: Description | None = None, statements: Iterable[str] = ()
) -> Description | None:
    """Return what the default schema of a database consists of; None for an engine that Rewind cannot read.

    Args:
        connection: to the database.
        known: what it consisted of before `statements` were executed, which saves reading what they do not concern.
        statements: all of them.
    """
    match connection.dialect.name:
        case "sqlite":
            parts = parts_of_sqlite(connection)
        case "postgresql":
            parts = parts_of_postgresql(connection, known or {}, statements)
        case "mysql" | "mariadb":
            said = [tokens(statement, connection.dialect.name) for statement in statements]
            names = {token.name.lower() for found in said for token in found}
            is_said = all(found[0].word in _PLAIN for found in said)
            parts = parts_of_mysql(connection, known if known and is_said else {}, names)
        case _:
            return None
    return _by_key(parts, {part.called for part in (known or {}).values()})


def _by_key(parts: list[Part], former: set[str]) -> Description:
    """Return the parts by key; of two that are alike, the one whose name is among the former ones has the shorter."""
    found: Description = {}
    for part in parts:
        if not _is_own(part):
            while part.key in found:  # nothing forbids the same CHECK twice
                if part.called in former and found[part.key].called not in former:
                    found[part.key], part = part, found[part.key]
                part = replace(part, name=part.name + AGAIN)
            found[part.key] = part
    return found


def _is_own(part: Part) -> bool:
    stands_on_hidden = part.kind != "table" and "_attic_" in part.sql
    return part.table.startswith(OWN) or part.name.startswith(OWN) or stands_on_hidden
