"""The periods for which counts are shown, and their charts. Pure functions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

DAYS = 30
MONTHS = 12

HEIGHT = 100
WIDTH = 10
GAP = 2


@dataclass(frozen=True, slots=True)
class Period:
    """Consecutive days or months up to today."""

    starts: Sequence[date]
    """The days, or the first days of the months."""
    end: date
    is_by_month: bool

    @property
    def start(self) -> date:
        """Its first day."""
        return self.starts[0]

    def sums(self, by_day: Mapping[date, int]) -> list[int]:
        """Return the number of views of each of its days or months."""
        borders = [*self.starts, self.end + timedelta(days=1)]
        sums = [0] * len(self.starts)
        for place, (start, end) in enumerate(pairwise(borders)):
            sums[place] = sum(views for day, views in by_day.items() if start <= day < end)
        return sums


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a chart, in units of the drawing."""

    start: date
    views: int
    x: int
    y: float
    height: float


def last_days(today: date) -> Period:
    """Return the last 30 days."""
    return Period([today - timedelta(days=back) for back in range(DAYS - 1, -1, -1)], today, is_by_month=False)


def last_months(today: date) -> Period:
    """Return the last 12 months, including this one."""
    starts = [first_of_month(today)]
    while len(starts) < MONTHS:
        starts.append(first_of_month(starts[-1] - timedelta(days=1)))
    return Period(starts[::-1], today, is_by_month=True)


def first_of_month(day: date) -> date:
    """Return the first day of the month of a day."""
    return day.replace(day=1)


def bars_of(period: Period, sums: Sequence[int]) -> list[Bar]:
    """Return a bar for each day or month; the highest has the height of the drawing."""
    peak = max(*sums, 1)
    bars = []
    for place, (start, views) in enumerate(zip(period.starts, sums, strict=True)):
        height = round(HEIGHT * views / peak, 2)
        bars.append(Bar(start, views, place * WIDTH + GAP // 2, HEIGHT - height, height))
    return bars
