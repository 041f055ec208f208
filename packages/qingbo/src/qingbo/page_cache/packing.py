"""Pages as bytes that lie on a server which others may write to: signed, bounded, and data alone."""

import hmac
import json
from dataclasses import dataclass
from typing import Any

import zstandard

from qingbo.page_cache.freshness import Stamp
from qingbo.page_cache.pages import Page

LARGEST = 32 * 1024
"""Bytes of a packed page; larger ones stay in the process that made them."""
LARGEST_BODY = 1024**2
"""Bytes of its body, so that a packed one cannot become gigabytes."""
_DIGEST = "sha256"
_SIGNATURE = 32


@dataclass(frozen=True, slots=True)
class Packed:
    """A page of some process of the blog."""

    name: str
    """Of the page, among those of all addresses, languages, settings and versions of Qingbo."""
    history: str
    """Of the database, in which the number counts."""
    page: Page

    @property
    def number(self) -> int:
        """That of the newest change that was known before the page was made."""
        return self.page.stamp[1]


def pack(packed: Packed, key: bytes) -> bytes | None:
    """Return a page as bytes, None for one that is too large."""
    page = packed.page
    if len(page.identity) > LARGEST_BODY:
        return None
    said: dict[str, Any] = {
        "name": packed.name,
        "history": packed.history,
        "number": packed.number,
        "subject": page.subject,
        "headers": page.headers,
        "until": page.until,
        "is_read_by_programs": page.is_read_by_programs,
        "modified": page.modified,
        "made_at": page.made_at,
    }
    body = zstandard.ZstdCompressor(level=3).compress(page.identity)
    content = json.dumps(said).encode() + b"\n" + body
    return hmac.digest(key, content, _DIGEST) + content if len(content) <= LARGEST - _SIGNATURE else None


def unpack(data: bytes, key: bytes, name: str) -> Packed | None:
    """Return the page of this name that was packed, None where it is another one, or this blog did not pack it."""
    signature, content = data[:_SIGNATURE], data[_SIGNATURE:]
    if not hmac.compare_digest(signature, hmac.digest(key, content, _DIGEST)):
        return None
    head, _, body = content.partition(b"\n")
    said = json.loads(head)
    if said["name"] != name:  # then another version of Qingbo may have packed it, in its way
        return None
    unknown: Stamp = (-1, said["number"])  # whoever takes the page knows its era
    page = Page(
        [(name, value) for name, value in said["headers"]],
        zstandard.ZstdDecompressor().decompress(body, max_output_size=LARGEST_BODY),
        said["subject"],
        unknown,
        said["until"],
        is_read_by_programs=said["is_read_by_programs"],
        modified=said["modified"],
        made_at=said["made_at"],
    )
    return Packed(said["name"], said["history"], page)
