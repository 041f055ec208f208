"""What a view declares about its page: that it may be stored, its subject, and when time changes it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime

from flask import g

from qingbo.page_cache.changes import EVERYTHING, NOTHING

MARK = "qingbo.page_cache.mark"
"""Key in the WSGI environment that tells the layer that the answer may be stored."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What a view has declared."""

    subject: int
    until: float


@dataclass(slots=True)
class Changing:
    """When the page or fragment that is being made expires, in seconds since 1970."""

    until: float = float("inf")


_changing: ContextVar[Changing | None] = ContextVar("changing", default=None)


def about_post(number: int) -> None:
    """Declare that the page shows the comments of this post only."""
    g.page_subject = number


def about_nothing() -> None:
    """Declare that the answer does not depend on the database."""
    g.page_subject = NOTHING


def changes_at(moment: datetime) -> None:
    """Declare that the page changes at a time, even if nothing is written until then."""
    changes_at_second(moment.timestamp())


def changes_at_second(second: float) -> None:
    """Declare the same for a time in seconds since 1970."""
    changing = _changing.get()
    if changing is not None and second < changing.until:
        changing.until = second


def begin_page() -> None:
    """Start to record when time changes the page of this request."""
    _changing.set(Changing())


def end_page() -> None:
    """Stop recording."""
    _changing.set(None)


@contextmanager
def changing_apart(latest: float) -> Iterator[Changing]:
    """Record separately when time changes a fragment that is made in the block, `latest` at the latest."""
    token = _changing.set(changing := Changing(latest))
    try:
        yield changing
    finally:
        _changing.reset(token)
        changes_at_second(changing.until)


def mark_until(latest: float) -> Mark:
    """Return what this request declared; `latest` is when every page expires."""
    changing = _changing.get()
    return Mark(g.get("page_subject", EVERYTHING), min(latest, changing.until) if changing else latest)
