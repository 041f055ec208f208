"""What an application does after a failed statement."""

from enum import Enum

import sqlalchemy as sa

_AGAIN = {1020, 1205, 1213, 1412, "40001", "40P01", "55P03"}
"""Lock timeouts, deadlocks, rows and tables that have changed since the transaction began."""
_OTHER_SCHEMA = {1054, 1146, 1364, "23502", "42703", "42P01"}
"""No such column, no such table, no value for a column that may not be NULL."""
_AGAIN_SQLITE = ("database is locked", "database table is locked", "database schema has changed")
_OTHER_SCHEMA_SQLITE = ("no such column", "no such table", "has no column named", "NOT NULL constraint failed")
_LOST = {0, 1927, 2006, 2013, "57P01"}
_LOST_SQLSTATE_CLASS = "08"


class Fault(Enum):
    """Kinds of errors."""

    AGAIN = "again"
    """The transaction was rolled back, and the same one may succeed."""
    OTHER_SCHEMA = "other schema"
    """The database is at another revision, for which the application has other statements."""
    LOST = "lost"
    """The connection was lost, and nobody knows yet whether the transaction was committed."""
    UNEXPECTED = "unexpected"


def fault_of(error: sa.exc.DBAPIError) -> Fault:
    """Return of which kind an error is."""
    code = code_of(error)
    if error.connection_invalidated or code in _LOST or str(code).startswith(_LOST_SQLSTATE_CLASS):
        return Fault.LOST
    if code in _AGAIN or str(code).startswith(_AGAIN_SQLITE):
        return Fault.AGAIN
    is_other_schema = code in _OTHER_SCHEMA or any(part in str(code) for part in _OTHER_SCHEMA_SQLITE)
    return Fault.OTHER_SCHEMA if is_other_schema else Fault.UNEXPECTED


def code_of(error: sa.exc.DBAPIError) -> int | str:
    """Return MariaDB's number of an error, PostgreSQL's state, SQLite's message."""
    first = error.orig.args[0] if error.orig and error.orig.args else ""
    return first if isinstance(first, int) else str(getattr(error.orig, "sqlstate", None) or first)
