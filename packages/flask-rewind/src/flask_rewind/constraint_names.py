"""Names for constraints that have none."""

import hashlib
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ForeignKeyConstraint, Table, UniqueConstraint

MAX_LENGTH = 63
"""Bytes of a name on PostgreSQL, the shortest limit of the three engines (MariaDB: 64 characters)."""


def unique_name(table: str, columns: Sequence[str]) -> str:
    """Return the name of a unique constraint: ``uq_<table>__<columns>``.

    Two underscores separate the names, so that table ``a_b`` with column ``c`` and table ``a`` with column ``b_c``
    give different names.
    """
    return fitting("__".join([f"uq_{table}", *columns]))


def key_name(table: str, columns: Sequence[str], referred: str) -> str:
    """Return the name of a foreign key: ``fk_<table>__<columns>__<referred table>``."""
    return fitting("__".join([f"fk_{table}", *columns, referred]))


def fitting(name: str) -> str:
    """Return the name, shortened with a digest if it is too long for one of the engines."""
    if len(name.encode()) <= MAX_LENGTH:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name.encode()[: MAX_LENGTH - 9].decode(errors='ignore')}_{digest}"


def referred_table(key: ForeignKeyConstraint) -> str:
    """Return the table that a foreign key refers to."""
    return key.elements[0].target_fullname.rsplit(".", 2)[-2]


def _convention_unique(constraint: UniqueConstraint, table: Table) -> str:
    return unique_name(table.name, [column.name for column in constraint.columns])


def _convention_key(constraint: ForeignKeyConstraint, table: Table) -> str:
    return key_name(table.name, constraint.column_keys, referred_table(constraint))


NAMING_CONVENTION: dict[str, Any] = {
    "rewind_uq": _convention_unique,
    "rewind_fk": _convention_key,
    "uq": "%(rewind_uq)s",
    "fk": "%(rewind_fk)s",
}
"""The same names as a SQLAlchemy naming convention, for unnamed constraints in a SQLite file."""
