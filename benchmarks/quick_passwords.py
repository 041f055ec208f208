"""The app for a WSGI server with fast password hashes, to measure the other costs of signing in."""

from importlib import import_module

from qingbo.accounts import passwords

HASHING = {"argon2__time_cost": 1, "argon2__memory_cost": 64, "argon2__parallelism": 1}


def use() -> None:
    """Use fast password hashes in this process; call it before the app is made."""
    passwords.HASH_OPTIONS |= HASHING


def __getattr__(name: str) -> object:
    """Make the app when the server first accesses it."""
    if name != "app":
        raise AttributeError(name)
    use()
    return import_module("qingbo.wsgi").app
