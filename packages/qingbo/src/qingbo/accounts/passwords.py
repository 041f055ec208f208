"""Passwords: argon2id with the library's current parameters."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MIN_LENGTH = 8
MAX_LENGTH = 256

_hasher = PasswordHasher()


def hash_password(password: str) -> str:
    """Return what is stored."""
    return _hasher.hash(password)


def is_right(stored: str | None, password: str) -> bool:
    """Return whether the password is the one stored; without a stored one it takes as long, and is wrong."""
    try:
        return _hasher.verify(stored or _nobodys(), password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys() -> str:
    return _hasher.hash("the password of nobody")
