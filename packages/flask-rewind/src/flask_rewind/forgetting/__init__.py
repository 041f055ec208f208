"""Reading the attics of all databases, deleting from them, and leaving Rewind."""

from flask_rewind.forgetting.leaving import eject
from flask_rewind.forgetting.purging import Choice, kept_in_attics, purge_attics

__all__ = ["Choice", "eject", "kept_in_attics", "purge_attics"]
