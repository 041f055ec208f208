"""PostgreSQL: errors of statements that did not get a lock."""

_STATES = {"55P03", "40P01"}
"""Lock not available, and deadlock (postgresql.org/docs/15/errcodes-appendix.html)."""


def is_lock_timeout(error: BaseException) -> bool:
    """Return whether an error says that others held a lock for too long, or in a circle."""
    cause = getattr(error, "orig", error)
    # psycopg2 has pgcode where the other drivers have sqlstate.
    return (getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None)) in _STATES
