"""Addresses of media, as they stand in Markdown and HTML, and the names of their files in the storage."""

import re
from collections.abc import Iterable
from urllib.parse import quote, unquote

from qingbo.media.models import Media

PREFIX = "/media/"
LEAST_DIGITS = 12
"""Of the digest in an address. Should two files of a blog begin alike, the second gets more digits."""

_HANDLE = r"[0-9a-f]{12,64}"
_ADDRESS = re.compile(rf"/media/({_HANDLE})(?=/)")
_WHOLE = re.compile(rf"/media/({_HANDLE})/[^\s/?#<>]+")


def address_of(media: Media) -> str:
    """Return the address of a file, a path on this site."""
    return f"{PREFIX}{media.handle}/{quote(media.name)}"


def handle_in(address: str) -> str | None:
    """Return the handle in the address of a file of this blog, None for another address."""
    found = _WHOLE.fullmatch(unquote(address))
    return found[1] if found else None


def handles_in(texts: Iterable[str]) -> set[str]:
    """Return the handles of all files whose address stands in texts."""
    return {found for text in texts for found in _ADDRESS.findall(text)}


def file_name(digest: str, extension: str) -> str:
    """Return what a file is called in the storage."""
    return f"{digest[:2]}/{digest}{extension}"
