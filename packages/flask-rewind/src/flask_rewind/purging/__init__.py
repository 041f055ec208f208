"""List the attics of all databases, delete from them, and remove Rewind."""

from flask_rewind.purging.eject import eject
from flask_rewind.purging.purge import Choice, kept_in_attics, purge_attics

__all__ = ["Choice", "eject", "kept_in_attics", "purge_attics"]
