"""Stand-ins of a database: changes on them do not reach the database. Each engine has its own kind."""

from flask_rewind.errors import RewindError


class Opaque(RewindError):
    """A plan cannot try further steps. The message says why."""
