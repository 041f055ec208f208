"""Recognize Rewind's names in a database: of its tables with their indexes, and of everything hidden. Pure."""

import re

from flask_rewind.attic_entries import HIDDEN
from flask_rewind.attic_entries import table as attic
from flask_rewind.journal import TABLES
from flask_rewind.lease_table import table as lease

_TABLES = frozenset({attic.name, lease.name, *(table.name for table in TABLES)})
_HIDDEN = re.compile(rf"{HIDDEN.pattern}(_\w+)?")
_OF_TABLES = re.compile(rf"({'|'.join(sorted(_TABLES))})_\w+")
_ANYWHERE = re.compile(rf"{HIDDEN.pattern}|{'|'.join(sorted(_TABLES))}", re.IGNORECASE)


def is_hidden(name: str | None) -> bool:
    """Return whether a name is that of a hidden thing, or of something that belongs to one, such as a side table."""
    return _HIDDEN.fullmatch((name or "").lower()) is not None


def is_own_table(name: str | None) -> bool:
    """Return whether a table is one of Rewind's, a hidden one, or a side table."""
    return (name or "").lower() in _TABLES or is_hidden(name)


def is_own(name: str | None) -> bool:
    """Return whether an index, a sequence or a constraint belongs to a table of Rewind's, or is hidden."""
    return is_own_table(name) or _OF_TABLES.fullmatch((name or "").lower()) is not None


def names_in(text: str) -> list[str]:
    """Return the names of hidden things and of Rewind's tables that a text contains, in order."""
    return _ANYWHERE.findall(text)
