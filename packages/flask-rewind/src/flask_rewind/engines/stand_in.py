"""Stand-ins for a database: what is made on them changes nothing of it. Each engine has its own."""

from flask_rewind.errors import RewindError


class Opaque(RewindError):
    """A plan cannot look further. The message says why."""
