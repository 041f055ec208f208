"""The app for a WSGI server whose passwords take no time to hash: what signing in costs besides."""

from importlib import import_module

from qingbo.accounts import passwords

HASHING = {"argon2__time_cost": 1, "argon2__memory_cost": 64, "argon2__parallelism": 1}


def use() -> None:
    """Hash passwords so in this process, whose app is made afterwards."""
    passwords.HASH_OPTIONS |= HASHING


def __getattr__(name: str) -> object:
    """Make the app, for the server that asks for it."""
    if name != "app":
        raise AttributeError(name)
    use()
    return import_module("qingbo.wsgi").app
