"""Who executes statements while a revision runs: its script, Rewind for the script, or Rewind's own bookkeeping.

This is stored per context, not per connection: a script may inspect an engine, or open its own connection.
"""

from collections.abc import Callable
from contextlib import ContextDecorator
from contextvars import ContextVar, Token
from typing import Any, TypeVar

_Class = TypeVar("_Class", bound=type)
_actor: ContextVar[str] = ContextVar("rewind_actor", default="rewind")


class Acting(ContextDecorator):
    """A block, or a decorator, whose statements belong to one actor."""

    def __init__(self, actor: str) -> None:
        self._who = actor
        self._token: Token[str] | None = None

    def _recreate_cm(self) -> "Acting":
        return Acting(self._who)  # a decorated function may call itself, or run in several threads

    def __enter__(self) -> None:
        self._token = _actor.set(self._who)

    def __exit__(self, *exc_info: object) -> None:
        if self._token is not None:
            _actor.reset(self._token)


def script_acts() -> Acting:
    """Mark a block as run by the revision script."""
    return Acting("script")


def rewind_acts() -> Acting:
    """Mark a block as run by Rewind, although a script called it."""
    return Acting("rewind")


def books_are_kept() -> Acting:
    """Mark a block as bookkeeping, part of no revision: Rewind's own tables, probes, writing a SQLite table's text."""
    return Acting("bookkeeping")


def is_script() -> bool:
    """Return whether the revision script itself is running."""
    return _actor.get() == "script"


def is_bookkeeping() -> bool:
    """Return whether the running statements are Rewind's bookkeeping and belong to no revision."""
    return _actor.get() == "bookkeeping"


def each_method(decorate: Callable[[], Any]) -> Callable[[_Class], _Class]:
    """Return a class decorator that decorates every public method."""

    def decorated(of: _Class) -> _Class:
        for name, method in list(vars(of).items()):
            if callable(method) and not name.startswith("_"):
                setattr(of, name, decorate()(method))
        return of

    return decorated
