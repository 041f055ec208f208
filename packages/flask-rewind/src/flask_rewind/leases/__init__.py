"""The right to move a database: who has it moves, everybody else waits, and then finds what is left to do."""

from flask_rewind.leases.holding import SUFFIX, lease_held

__all__ = ["SUFFIX", "lease_held"]
