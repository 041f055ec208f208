"""The days of the blog: those of its time zone."""

from datetime import date, timedelta

from qingbo.clock import now
from qingbo.site_settings import current_zone

GRACE = timedelta(minutes=5)
"""How long after midnight views of the day before are still written: each process writes once a minute."""


def today() -> date:
    """Return the day that it is where the blog is."""
    return now().astimezone(current_zone()).date()


def oldest_open_day() -> date:
    """Return the oldest day that can still get views."""
    return (now() - GRACE).astimezone(current_zone()).date()
