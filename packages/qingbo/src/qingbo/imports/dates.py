"""Dates as people write them in front matter. Pure functions."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime

from qingbo.imports.metadata import Value

FIRST_YEAR, LAST_YEAR = 1000, 9997
"""Years of dates that stay valid in every time zone, and for which the archive has pages."""
MAX_LENGTH = 60

_DATE = re.compile(
    r"(?P<year>\d{4})(?:(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})|(?P<m>\d\d)(?P<d>\d\d)"
    r"|年(?P<month_zh>\d{1,2})月(?P<day_zh>\d{1,2})日)"
    r"(?:(?:T[ ]?|[ ]|(?<=日))(?P<hour>\d{1,2})"
    r"(?::(?P<minute>\d{1,2})(?::(?P<second>\d{1,2})(?:[.,](?P<fraction>\d{1,9}))?)?)?)?"
    r"[ ]*(?P<zone>Z|UTC|GMT|(?P<sign>[+-])(?P<hours>\d{1,2})(?::?(?P<minutes>\d\d))?)?",
    re.ASCII | re.IGNORECASE,
)

_UNIX_TIME = re.compile(r"1\d{9}(\d{3})?", re.ASCII)
_MONTH = re.compile(r"\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)", re.IGNORECASE)
_OFFSET = re.compile(r"\b(?:GMT|UTC)([+-]\d{4})\b")
_COMMENT = re.compile(r"\([^()]*\)")


def parse_date(value: Value, zone: tzinfo | None) -> datetime | None:
    """Return a time in UTC, or None if the value is empty.

    Args:
        value: as written in front matter, such as ``2024-2-7`` or ``2024-02-07 10:00 +0800``.
        zone: for values without a zone; None means UTC.

    Raises:
        ValueError: if it is not a date, or its year has no pages.
    """
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > MAX_LENGTH:
        raise ValueError("no date")
    written = " ".join(value.split())
    found = _DATE.fullmatch(written)
    if found is None:
        return _in_range(_unix_time(written) or _mail_date(written, zone or UTC))
    parts = found.groupdict(default="")
    day = (parts["month"] or parts["m"] or parts["month_zh"], parts["day"] or parts["d"] or parts["day_zh"])
    hour, minute, second = (int(parts[name] or 0) for name in ("hour", "minute", "second"))
    fraction = int(parts["fraction"][:6].ljust(6, "0")) if parts["fraction"] else 0
    date = (int(parts["year"]), int(day[0]), int(day[1]))
    return _in_range(datetime(*date, hour, minute, second, fraction, tzinfo=_zone(parts, zone or UTC)))


def zone_in(value: Value) -> tzinfo | None:
    """Return the zone that a date names, such as ``+0800``, or None if it names none or is no date."""
    found = _DATE.fullmatch(" ".join(value.split())) if isinstance(value, str) and len(value) <= MAX_LENGTH else None
    return _zone(found.groupdict(default=""), UTC) if found and found["zone"] else None


def _in_range(moment: datetime) -> datetime:
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("no date") from None
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ValueError("no pages are made for that year")
    return moment


def _unix_time(written: str) -> datetime | None:
    """Return a time in seconds or milliseconds since 1970."""
    if not _UNIX_TIME.fullmatch(written):
        return None
    return datetime.fromtimestamp(int(written[:10]), UTC)


def _mail_date(written: str, zone: tzinfo) -> datetime:
    """Read a date with the name of its month, as in RFC 2822, RSS and JavaScript."""
    if not _MONTH.search(written):
        raise ValueError("no date")
    written = _COMMENT.sub("", _OFFSET.sub(r"\1", written))
    if ":" not in written:
        written += " 00:00:00"
    try:
        moment = parsedate_to_datetime(written)
    except (IndexError, OverflowError, TypeError):
        raise ValueError("no date") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _zone(parts: dict[str, str], zone: tzinfo) -> tzinfo:
    if not parts["zone"]:
        return zone
    if not parts["sign"]:
        return UTC
    offset = timedelta(hours=int(parts["hours"]), minutes=int(parts["minutes"] or 0))
    return timezone(-offset if parts["sign"] == "-" else offset)
