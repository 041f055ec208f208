"""What is said of a statement that did not get a lock in time."""

from collections.abc import Sequence

from sqlalchemy.exc import DBAPIError

from flask_rewind.engines.blockers import Blocker, ending, held_by
from flask_rewind.engines.lock_probe import table_of
from flask_rewind.errors import Blocked


def statement_of(error: BaseException) -> str:
    """Return the statement that an error ended, empty where it does not say."""
    return " ".join((error.statement or "").split()) if isinstance(error, DBAPIError) else ""


def lock_of(error: BaseException, dialect: str) -> str:
    """Return which lock a statement did not get."""
    table = table_of(statement_of(error), dialect)
    return f"a lock on {table}" if table else "a lock"


def blocked(failed: str, error: BaseException, blockers: Sequence[Blocker], seconds: float, dialect: str) -> Blocked:
    """Return the error to raise for a crossing, or another change, that cannot go on.

    Args:
        failed: how its message begins.
        error: what its last try ended with.
        blockers: who holds the lock.
        seconds: how long it was tried.
        dialect: SQLAlchemy's name of the engine.
    """
    statement = statement_of(error)
    return Blocked(
        f"{failed}: in {seconds:.0f} s it did not get {lock_of(error, dialect)}, {held_by(blockers)}"
        + (f"\n  at {statement}" if statement else ""),
        f"{ending(blockers)}; then run the same command again. It waits longer with --budget 10m.",
    )
