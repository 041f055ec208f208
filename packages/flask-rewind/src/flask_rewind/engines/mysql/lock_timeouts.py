"""MariaDB and MySQL: errors of statements that did not get a lock."""

LOCK_WAIT_TIMEOUT, DEADLOCK = 1205, 1213


def number_of(error: BaseException) -> int | None:
    """Return the server's number of an error, which SQLAlchemy may have wrapped."""
    arguments = getattr(getattr(error, "orig", error), "args", ())
    return arguments[0] if arguments and isinstance(arguments[0], int) else None


def is_lock_timeout(error: BaseException) -> bool:
    """Return whether an error says that others held a lock for too long, or in a circle."""
    return number_of(error) in {LOCK_WAIT_TIMEOUT, DEADLOCK}
