"""Names of accounts and tags: how they are cleaned and compared."""

import re
import unicodedata

_ALLOWED = re.compile(r"[^\W_](?:[\w.-]*\w)?")


def clean(name: str) -> str:
    """Return the name in NFKC form, stripped, with single spaces inside."""
    return " ".join(unicodedata.normalize("NFKC", name).split())


def key_of(name: str) -> str:
    """Return the key of a name. Names that differ only in letter case or width have the same key."""
    return unicodedata.normalize("NFKC", clean(name).casefold())


def is_account_name(name: str) -> bool:
    """Return whether the name can be part of an address: letters of any script, digits, and . _ - inside."""
    return _ALLOWED.fullmatch(name) is not None
