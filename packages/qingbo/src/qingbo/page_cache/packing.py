"""Pages as bytes for a server to which others may write: signed, limited in size, and containing only data."""

import hmac
import json
from dataclasses import dataclass
from typing import Any

import zstandard

from qingbo.page_cache.freshness import Stamp
from qingbo.page_cache.pages import Page

LARGEST = 32 * 1024
"""Maximum bytes of a packed page; larger pages stay in the process that made them."""
LARGEST_BODY = 1024**2
"""Maximum bytes of the unpacked body, so that a packed page cannot expand to gigabytes."""
_DIGEST = "sha256"
_SIGNATURE = 32


@dataclass(frozen=True, slots=True)
class Packed:
    """A page that some process of the blog made."""

    name: str
    """Identifies the page among all addresses, languages, settings and releases of Qingbo."""
    history: str
    """The history of the database to which the number belongs."""
    page: Page

    @property
    def number(self) -> int:
        """The number of the newest change that was known before the page was made."""
        return self.page.stamp[1]


def pack(packed: Packed, key: bytes) -> bytes | None:
    """Return a page as bytes, or None if it is too large."""
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
    """Return a packed page, or None if it has another name, or this blog did not pack it."""
    signature, content = data[:_SIGNATURE], data[_SIGNATURE:]
    if not hmac.compare_digest(signature, hmac.digest(key, content, _DIGEST)):
        return None
    head, _, body = content.partition(b"\n")
    said = json.loads(head)
    if said["name"] != name:  # another release of Qingbo may have packed it in another format
        return None
    unknown: Stamp = (-1, said["number"])  # the caller sets the era
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
