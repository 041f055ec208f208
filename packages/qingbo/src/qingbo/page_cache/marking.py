"""What a view says of its page while it is made: that it may be kept, what it is about, and when time changes it."""

from dataclasses import dataclass
from datetime import datetime

from flask import g, has_app_context

from qingbo.page_cache.changes import EVERYTHING, NOTHING

MARK = "qingbo.page_cache.mark"
"""Where the request says to the layer that its answer may be kept."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What was said."""

    subject: int
    until: float


def about_post(number: int) -> None:
    """Say that the page shows the comments of a post, and of no other."""
    g.page_subject = number


def about_nothing() -> None:
    """Say that the answer has nothing of the database."""
    g.page_subject = NOTHING


def changes_at(moment: datetime) -> None:
    """Say that the page is another one from a moment on, whether or not anything is written until then."""
    if has_app_context():
        g.page_until = min(moment.timestamp(), g.get("page_until", moment.timestamp()))


def mark_until(latest: float) -> Mark:
    """Return what was said in this request; `latest` is the moment when time changes any page."""
    return Mark(g.get("page_subject", EVERYTHING), min(latest, g.get("page_until", latest)))
