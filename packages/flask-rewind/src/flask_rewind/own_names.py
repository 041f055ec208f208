"""Which names of a database are Rewind's: its tables and what belongs to them, and everything that is hidden. Pure."""

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
    """Return whether a column, a table or anything else has the name of something hidden, or of a part of it."""
    return _HIDDEN.fullmatch((name or "").lower()) is not None


def is_own_table(name: str | None) -> bool:
    """Return whether a table is one of Rewind's, a hidden one, or a side table."""
    return (name or "").lower() in _TABLES or is_hidden(name)


def is_own(name: str | None) -> bool:
    """Return whether an index, a sequence or a constraint belongs to a table of Rewind's, or is hidden."""
    return is_own_table(name) or _OF_TABLES.fullmatch((name or "").lower()) is not None


def names_in(text: str) -> list[str]:
    """Return what looks like such a name in a text, in order."""
    return _ANYWHERE.findall(text)
