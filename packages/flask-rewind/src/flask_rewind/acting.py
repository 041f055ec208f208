"""Who acts on the database while a revision runs: its script, Rewind for the script, or Rewind's own bookkeeping.

It is kept per context, not per connection: a script may inspect an engine, or open a connection of its own.
"""

from collections.abc import Callable
from contextlib import ContextDecorator
from contextvars import ContextVar, Token
from typing import Any, TypeVar

_Class = TypeVar("_Class", bound=type)
_actor: ContextVar[str] = ContextVar("rewind_actor", default="rewind")


class Acting(ContextDecorator):
    """A block, or a decorator, in which somebody acts."""

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
    """Let the revision script act."""
    return Acting("script")


def rewind_acts() -> Acting:
    """Let Rewind act, though a script called it."""
    return Acting("rewind")


def books_are_kept() -> Acting:
    """Let statements run that belong to no revision: those of Rewind's tables, its probes, its changes of a text."""
    return Acting("bookkeeping")


def is_script() -> bool:
    """Return whether the revision script itself acts."""
    return _actor.get() == "script"


def is_bookkeeping() -> bool:
    """Return whether a statement is Rewind's own and belongs to no revision."""
    return _actor.get() == "bookkeeping"


def each_method(decorate: Callable[[], Any]) -> Callable[[_Class], _Class]:
    """Return a decorator of a class that decorates its public methods."""

    def decorated(of: _Class) -> _Class:
        for name, method in list(vars(of).items()):
            if callable(method) and not name.startswith("_"):
                setattr(of, name, decorate()(method))
        return of

    return decorated
