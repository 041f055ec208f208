"""Addresses of media, as they stand in Markdown and HTML, and the names of their files in the storage."""

import re
from collections.abc import Iterable
from urllib.parse import quote, unquote

from qingbo.media.models import Media

PREFIX = "/media/"
LEAST_DIGITS = 12
"""Of the digest in an address: enough that files of one blog share them by design only, and then there are more."""

_HANDLE = r"[0-9a-f]{12,64}"
_ADDRESS = re.compile(rf"/media/({_HANDLE})(?=/)")
_WHOLE = re.compile(rf"/media/({_HANDLE})/[^\s/?#<>]+")


def address_of(media: Media) -> str:
    """Return the address of a file, a path on this site."""
    return f"{PREFIX}{media.handle}/{quote(media.name)}"


def rendition_address(media: Media, width: int, extension: str) -> str:
    """Return the address of a smaller picture; no file has a name with a tilde."""
    return f"{PREFIX}{media.handle}/~{width}{extension}"


def is_media_address(address: str) -> bool:
    """Return whether an address is that of a file of this blog."""
    return _WHOLE.fullmatch(unquote(address)) is not None


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


def rendition_name(digest: str, width: int, extension: str) -> str:
    """Return what a smaller picture is called in the storage."""
    return f"{digest[:2]}/{digest}.{width}{extension}"
