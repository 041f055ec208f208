"""Addresses of media in Markdown and HTML, and the names of their files in the storage."""

import re
from collections.abc import Iterable
from urllib.parse import quote, unquote

from qingbo.media.models import Media

PREFIX = "/media/"
LEAST_DIGITS = 12
"""Of the digest in an address. If two files of a blog begin alike, the second one gets more digits."""

_HANDLE = r"[0-9a-f]{12,64}"
_ADDRESS = re.compile(rf"/media/({_HANDLE})(?=/)")
_WHOLE = re.compile(rf"/media/({_HANDLE})/[^\s/?#<>]+")


def address_of(media: Media) -> str:
    """Return the address of a file, as a path on this site."""
    return f"{PREFIX}{media.handle}/{quote(media.name)}"


def handle_in(address: str) -> str | None:
    """Return the handle in the address of one of our files, or None for any other address."""
    found = _WHOLE.fullmatch(unquote(address))
    return found[1] if found else None


def handles_in(texts: Iterable[str]) -> set[str]:
    """Return the handles of all files whose addresses are in some texts."""
    return {found for text in texts for found in _ADDRESS.findall(text)}


def file_name(digest: str, extension: str) -> str:
    """Return the name of a file in the storage."""
    return f"{digest[:2]}/{digest}{extension}"
