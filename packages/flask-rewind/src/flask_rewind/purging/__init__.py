"""List the attics of all databases, copy and delete what is in them, and remove Rewind."""

from flask_rewind.purging.definitions import create, definition_of
from flask_rewind.purging.eject import eject
from flask_rewind.purging.purge import Choice, kept_in_attics, purge_attics

__all__ = ["Choice", "create", "definition_of", "eject", "kept_in_attics", "purge_attics"]
