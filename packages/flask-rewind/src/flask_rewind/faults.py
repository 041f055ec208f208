"""Faults of a database, or of the connection to it, that changing a revision script does not fix."""

from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """A kind of fault."""

    DISK_FULL = "disk full"
    READ_ONLY = "read-only"
    """Of a file, its file system, a server, or a transaction."""
    NO_PRIVILEGE = "no privilege"
    NOT_OWNER = "not the owner"
    WRONG_PASSWORD = "wrong user or password"  # noqa: S105
    NO_DATABASE = "no such database"
    NOT_A_DATABASE = "not a database file"
    CANNOT_OPEN = "file cannot be opened"
    UNKNOWN_HOST = "unknown host"
    NO_SERVER = "no server"
    TOO_MANY_CONNECTIONS = "too many connections"
    CONNECTION_LOST = "connection lost"
    TIME_LIMIT = "time limit"
    """The server or the session limits the time of a statement."""
    CANCELLED = "cancelled"
    LOCK_TIMEOUT = "lock timeout"
    DEADLOCK = "deadlock"
    FILE_LOCKED = "file locked"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A fault in words."""

    fault: Fault
    what: str
    """What is wrong, with the name of the table, file or user; without a capital letter and a period."""
    remedy: str
    """What to do, in whole sentences."""
    said: str
    """The driver's own message, on one line."""
