"""The right to move a database: its holder moves, others wait, and then do what is left to do."""

from flask_rewind.leases.holding import SUFFIX, lease_held

__all__ = ["SUFFIX", "lease_held"]
