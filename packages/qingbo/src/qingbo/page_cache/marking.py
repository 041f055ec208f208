"""What a view says of its page while it is made: that it may be kept, what it is about, and when time changes it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime

from flask import g

from qingbo.page_cache.changes import EVERYTHING, NOTHING

MARK = "qingbo.page_cache.mark"
"""Where the request says to the layer that its answer may be kept."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What was said."""

    subject: int
    until: float


@dataclass(slots=True)
class Changing:
    """When time changes what is being made, in seconds since 1970."""

    until: float = float("inf")


_changing: ContextVar[Changing | None] = ContextVar("changing", default=None)


def about_post(number: int) -> None:
    """Say that the page shows the comments of a post, and of no other."""
    g.page_subject = number


def about_nothing() -> None:
    """Say that the answer has nothing of the database."""
    g.page_subject = NOTHING


def changes_at(moment: datetime) -> None:
    """Say that the page is another one from a moment on, whether or not anything is written until then."""
    changes_at_second(moment.timestamp())


def changes_at_second(second: float) -> None:
    """Say the same of a moment in seconds since 1970."""
    changing = _changing.get()
    if changing is not None and second < changing.until:
        changing.until = second


def begin_page() -> None:
    """Begin to note when time changes the page of this request."""
    _changing.set(Changing())


def end_page() -> None:
    """Note it no longer."""
    _changing.set(None)


@contextmanager
def changing_apart(latest: float) -> Iterator[Changing]:
    """Note apart when time changes what is made in the block, a fragment of the page; at the latest at a moment."""
    token = _changing.set(changing := Changing(latest))
    try:
        yield changing
    finally:
        _changing.reset(token)
        changes_at_second(changing.until)


def mark_until(latest: float) -> Mark:
    """Return what was said in this request; `latest` is the moment when time changes any page."""
    changing = _changing.get()
    return Mark(g.get("page_subject", EVERYTHING), min(latest, changing.until) if changing else latest)
