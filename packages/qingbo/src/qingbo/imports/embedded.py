"""Pictures inside of texts (`data:` addresses, RFC 2397): set aside under a short name, and decoded. Pure functions."""

import base64
import re
from collections.abc import Mapping
from hashlib import sha256
from urllib.parse import unquote

MOST = 200
"""How many pictures are taken from one text."""

_DATA = re.compile(
    r"data:image/(?P<kind>[a-z0-9.+-]{1,40})(?:;[a-z0-9=_-]{1,40}){0,3};base64,(?P<data>[A-Za-z0-9+/_%-]{8,}={0,2})",
    re.IGNORECASE,
)
_EXTENSIONS = {"jpeg": "jpg", "jpg": "jpg", "gif": "gif", "webp": "webp", "avif": "avif"}


def set_aside(text: str, prefix: str = "") -> tuple[str, dict[str, str]]:
    """Return a text with names in place of the pictures inside it, and the addresses that these names stand for.

    Args:
        text: Markdown or HTML.
        prefix: put before the names, such as the address of a folder.
    """
    if "base64," not in text:
        return text, {}
    found: dict[str, str] = {}

    def named(match: re.Match[str]) -> str:
        extension = _EXTENSIONS.get(match["kind"].lower(), "png")
        name = f"{prefix}embedded-{sha256(match[0].encode()).hexdigest()[:16]}.{extension}"
        if name not in found and len(found) >= MOST:
            return match[0]
        found[name] = match[0]
        return name

    return _DATA.sub(named, text), found


def put_back(text: str, embedded: Mapping[str, str]) -> str:
    """Return a text with the addresses in place of the names that are still in it."""
    for name, address in embedded.items():
        text = text.replace(name, address)
    return text


def content_of(address: str) -> bytes:
    """Return the content of a `data:` address.

    Raises:
        ValueError: if it is not valid Base64.
    """
    data = unquote(address.partition(",")[2]).replace("-", "+").replace("_", "/")
    return base64.b64decode(data + "=" * (-len(data) % 4), validate=True)
