"""MariaDB and MySQL: by which algorithm and under which lock a table is altered.

Measured on MariaDB 10.11: the server refuses an algorithm or a lock that will not do before it begins any work, also
while another session keeps it from the table; where none is asserted, it takes the first of these that will do.
"""

from typing import Any

from flask_rewind.acting import is_bookkeeping
from flask_rewind.sql.changes import AlterTable
from flask_rewind.sql.parser import read, renames
from flask_rewind.steps import StepKind, current_purpose

_MARIADB = (
    ("INSTANT", "NONE"),
    ("NOCOPY", "NONE"),
    ("INPLACE", "NONE"),
    ("INPLACE", "SHARED"),
    ("COPY", "NONE"),  # from 11.2
    ("COPY", "SHARED"),
    ("COPY", "EXCLUSIVE"),
)
_MYSQL = (
    ("INSTANT", "DEFAULT"),  # it takes no other lock with INSTANT, and does not know NOCOPY
    ("INPLACE", "NONE"),
    ("INPLACE", "SHARED"),
    ("COPY", "SHARED"),
    ("COPY", "EXCLUSIVE"),
)
NOT_KNOWN = {1064, 1221, 1800}
"""Errors that say: this statement takes no such words, or not together."""
NOT_SO = NOT_KNOWN | {1845, 1846}
"""The same, and: not by this algorithm, or under this lock."""


def rungs_of(dialect: Any) -> tuple[tuple[str, str], ...]:
    """Return the algorithms and locks that a server knows, the best first."""
    return _MARIADB if dialect.is_mariadb else _MYSQL


def asserted(statement: str, algorithm: str, lock: str, *, comma: str = ",") -> str:
    """Return a statement that the server executes by one algorithm and under one lock, or refuses."""
    return f"{statement}{comma} ALGORITHM={algorithm}{comma} LOCK={lock}"


def is_own_alter(statement: str, dialect: str) -> bool:
    """Return whether a statement alters a table for Rewind, in the middle of a crossing."""
    if current_purpose().kind is StepKind.SCRIPT or is_bookkeeping():
        return False
    # MariaDB 10.11 takes the words with a new name of the table, too, and foreign keys to it go on naming the old one.
    is_named = any(not each.column for each in renames(statement, dialect))
    return isinstance(read(statement, dialect), AlterTable) and not is_named
