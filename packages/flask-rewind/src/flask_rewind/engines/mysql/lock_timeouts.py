"""MariaDB and MySQL: errors of statements that did not get a lock."""

LOCK_WAIT_TIMEOUT, DEADLOCK = 1205, 1213


def number_of(error: BaseException) -> int | None:
    """Return the server's number of an error, which SQLAlchemy may have wrapped."""
    cause = getattr(error, "orig", error)
    # Drivers of other makers have it under this name, and a text as the first argument.
    found = [getattr(cause, "errno", None), *getattr(cause, "args", ())[:1]]
    return next((each for each in found if isinstance(each, int)), None)


def is_lock_timeout(error: BaseException) -> bool:
    """Return whether an error says that others held a lock for too long, or in a circle."""
    return number_of(error) in {LOCK_WAIT_TIMEOUT, DEADLOCK}
