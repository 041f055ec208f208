"""Addresses from patterns such as ``:year/:month/:title/``. Pure functions."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime, tzinfo

_TOKEN = re.compile(r":([a-z_]+)(\[[^\]]*\])?")
_UNSAFE = re.compile(r"[^\w\s./+#~@-]", re.UNICODE)


def filled(pattern: str, values: Mapping[str, str]) -> str | None:
    """Return a pattern with its tokens replaced, or None if one has no value.

    Of tokens that begin alike, the longest is taken, as in ``:year:month``.
    """
    unknown = False

    def value(found: re.Match[str]) -> str:
        nonlocal unknown
        name = found[1]
        for end in range(len(name), 0, -1):
            if name[:end] in values:
                return escaped(values[name[:end]]) + name[end:]
        unknown = True
        return ""

    path = _TOKEN.sub(value, pattern)
    return None if unknown else path


def escaped(path: str) -> str:
    """Return a path in which the characters that end a path are escaped, such as the # of C#."""
    return path.replace("%", "%25").replace("#", "%23").replace("?", "%3F")


def date_values(date: datetime | None, zone: tzinfo) -> dict[str, str]:
    """Return the tokens of a date; without a date, there are none."""
    if date is None:
        return {}
    local = date.astimezone(zone)
    return {
        "year": f"{local:%Y}", "month": f"{local:%m}", "day": f"{local:%d}", "hour": f"{local:%H}",
        "minute": f"{local:%M}", "second": f"{local:%S}", "i_month": str(local.month), "i_day": str(local.day),
        "short_year": f"{local:%y}", "y_day": f"{local:%j}", "yearday": str(local.timetuple().tm_yday),
        "short_month": f"{local:%b}", "long_month": f"{local:%B}", "monthname": f"{local:%B}",
        "weekday": str(local.isoweekday() % 7), "weekdayname": f"{local:%A}", "week": f"{local:%V}",
        "short_day": f"{local:%a}", "long_day": f"{local:%A}",
    }  # fmt: skip


def urlized(text: str) -> str:
    """Return a text as Hugo writes it in addresses: lower case, hyphens for spaces, other letters kept."""
    text = _UNSAFE.sub("", unicodedata.normalize("NFC", text).lower())
    return re.sub(r"[\s-]+", "-", text).strip("-")
