"""The site that a reader came from. Pure functions."""

import re
from urllib.parse import urlsplit

from qingbo.pageviews.models import HOST_LENGTH

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})+")
"""A host name as browsers write it, in lower case and with a dot. IPv4 addresses match, too."""


def referring_host(referrer: str, own: tuple[str, ...] = ()) -> str:
    """Return the host of a web address; an empty string for other texts and for our own hosts."""
    try:
        parts = urlsplit(referrer.strip())
        host = _plain(parts.hostname or "")
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"} or len(host) > HOST_LENGTH or not _HOST.fullmatch(host):
        return ""
    return "" if host in {_plain(each) for each in own} else host


def host_of(address: str) -> str:
    """Return the host of an address, or of a host with port."""
    try:
        return urlsplit(address if "//" in address else f"//{address}").hostname or ""
    except ValueError:
        return ""


def _plain(host: str) -> str:
    return host.lower().rstrip(".").removeprefix("www.")
