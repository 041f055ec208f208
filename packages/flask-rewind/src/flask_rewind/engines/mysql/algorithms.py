"""MariaDB and MySQL: by which algorithm and under which lock a table is altered.

Measured on MariaDB 10.11: the server refuses an algorithm or a lock that will not do before it begins any work, also
while another session keeps it from the table, and without an assertion it takes the first of these that will do.
"""

from typing import Any

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


def asserted(statement: str, algorithm: str, lock: str, *, comma: str = ",") -> str:
    """Return a statement that the server executes by one algorithm and under one lock, or refuses."""
    return f"{statement}{comma} ALGORITHM={algorithm}{comma} LOCK={lock}"


def rungs_of(dialect: Any) -> tuple[tuple[str, str], ...]:
    """Return the algorithms and locks that a server knows, the best first."""
    return _MARIADB if dialect.is_mariadb else _MYSQL
