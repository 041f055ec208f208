"""What can be wrong with a database or on the way to it, whatever the statement says: values, no sentences."""

from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    """One kind of trouble that changing a revision script does not help."""

    DISK_FULL = "disk full"
    READ_ONLY = "read-only"
    """The file or its file system, the server, or the transaction takes no writes."""
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
    """The statement took longer than a limit of the server or the session."""
    CANCELLED = "cancelled"
    LOCK_TIMEOUT = "lock timeout"
    DEADLOCK = "deadlock"
    FILE_LOCKED = "file locked"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A fault in words."""

    fault: Fault
    what: str
    """What is wrong, with the name of what is concerned; begins in small letters and ends without a period."""
    remedy: str
    """What to do: whole sentences."""
    said: str
    """What the driver said, on one line."""
