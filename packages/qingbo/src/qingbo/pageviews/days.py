"""Days in the time zone of the blog."""

from datetime import date, timedelta

from qingbo.clock import now
from qingbo.site_settings import current_zone

GRACE = timedelta(minutes=5)
"""How long after midnight views of the previous day are still written: each process writes once a minute."""


def today() -> date:
    """Return the current day in the blog's time zone."""
    return now().astimezone(current_zone()).date()


def oldest_open_day() -> date:
    """Return the oldest day that can still get views."""
    return (now() - GRACE).astimezone(current_zone()).date()
