"""Which old versions of a post are deleted. All of the last day stay, then the last of each hour, day and week."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

ALL = timedelta(hours=24)
HOURLY = timedelta(days=7)
DAILY = timedelta(days=30)

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_WEEK = timedelta(weeks=1)
_MONDAY = datetime(2024, 1, 1, tzinfo=UTC)
"""The origin for counting weeks, days and hours."""


def versions_to_drop(made: Sequence[tuple[int, datetime]], moment: datetime) -> set[int]:
    """Return the ids of the versions to delete at `moment`; `made` contains ids and times in any order.

    Hours, days and weeks are in UTC. A version stays if it is the last of *all* versions in its hour (day, week), even
    if others in that hour are still too young to be thinned. The last version of a week is also the last of its day
    and hour. So thinning never deletes a version that a later run would keep: after any number of runs, the same
    versions are left as after the last run only.
    """
    versions = sorted((at, number) for number, at in made)
    last = {_bucket(at, size): number for size in (_HOUR, _DAY, _WEEK) for at, number in versions}
    droppable = [(at, number, size) for at, number in versions[1:] if (size := _bucket_size(moment - at))]
    return {number for at, number, size in droppable if last[_bucket(at, size)] != number}


def _bucket(at: datetime, size: timedelta) -> tuple[timedelta, int]:
    return size, (at - _MONDAY) // size


def _bucket_size(age: timedelta) -> timedelta | None:
    if age <= ALL:
        return None
    return _HOUR if age <= HOURLY else _DAY if age <= DAILY else _WEEK
