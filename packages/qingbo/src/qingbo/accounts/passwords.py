"""Passwords: hashed with argon2id by Flask-Security, and the rules for new ones.

Imported accounts may have bcrypt hashes of their old blog; the first sign-in replaces them.
"""

import re
from functools import cache
from typing import Any

from flask_babel import gettext as _
from flask_security import hash_password as _hash
from flask_security import verify_password as _verify

MIN_LENGTH = 12
"""OWASP ASVS 4.0.3, 2.1.1."""

MAX_LENGTH = 256

BCRYPT_BYTES = 72
"""Bcrypt reads no more of a password; Flask-Bcrypt, which made the imported hashes, left out the rest."""

_BCRYPT = re.compile(r"\$2[aby]\$(?:0[4-9]|1\d)\$[./A-Za-z0-9]{53}")
"""With a cost of up to 19, because a higher one takes minutes to verify."""

HASH_OPTIONS: dict[str, Any] = {}
"""Options for argon2id; if empty, the library's defaults."""


def hash_password(password: str) -> str:
    """Return the hash to store."""
    return str(_hash(password))


def is_right(stored: str | None, password: str) -> bool:
    """Return whether the password matches a stored hash. Without a hash it takes as long and returns False."""
    if stored and is_bcrypt(stored):
        cut = password.encode()[:BCRYPT_BYTES]
        return b"\0" not in cut and bool(_verify(cut, stored))
    return bool(_verify(password, stored or _nobodys())) and stored is not None


def is_bcrypt(stored: str) -> bool:
    """Return whether a hash is one by bcrypt, from another blog."""
    return _BCRYPT.fullmatch(stored) is not None


def problem_with(password: str, *taken: str | None) -> str:
    """Return why a password is refused, or an empty string; `taken` are the person's name and address."""
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        return str(_("Passwords must have %(least)s to %(most)s characters.", least=MIN_LENGTH, most=MAX_LENGTH))
    if len(set(password)) < 4:
        return str(_("This password repeats too few characters. Choose another one."))
    if password.casefold() in {word.casefold() for word in taken if word} or password.casefold() in _common():
        return str(_("This password is too easy to guess. Choose another one."))
    return ""


@cache
def _common() -> frozenset[str]:
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # 30,000 passwords; loaded only when one is chosen

    return frozenset(FREQUENCY_LISTS["passwords"])


@cache
def _nobodys() -> str:
    return hash_password("the password of nobody")
