"""Names of accounts and tags: how they are cleaned and compared."""

import re
import unicodedata

_ALLOWED = re.compile(r"[^\W_](?:[\w.-]*\w)?")


def clean(name: str) -> str:
    """Return the name in one Unicode form, without spaces around or doubled inside."""
    return " ".join(unicodedata.normalize("NFKC", name).split())


def key_of(name: str) -> str:
    """Return what two names have in common that are taken for the same: letter case and width do not count."""
    return unicodedata.normalize("NFKC", clean(name).casefold())


def is_account_name(name: str) -> bool:
    """Return whether the name can stand in an address: letters of any script, digits, and . _ - inside."""
    return _ALLOWED.fullmatch(name) is not None
