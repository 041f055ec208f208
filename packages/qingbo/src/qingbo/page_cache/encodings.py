"""The encodings that pages are kept in, and which of them a browser gets."""

import gzip
from collections.abc import Callable
from functools import lru_cache

import brotli
import zstandard
from werkzeug.http import parse_accept_header

IDENTITY = "identity"
LONGEST_HEADER = 200
"""Characters of an Accept header that is remembered."""

COMPRESSORS: dict[str, Callable[[bytes], bytes]] = {
    # In the order in which they are preferred: what is smallest first.
    "br": lambda body: brotli.compress(body, mode=brotli.MODE_TEXT, quality=5),
    "zstd": lambda body: zstandard.ZstdCompressor(level=9).compress(body),
    "gzip": lambda body: gzip.compress(body, 6, mtime=0),
    IDENTITY: bytes,
}


def encoding_for(header: str) -> str:
    """Return the encoding for a request with this Accept-Encoding: the most welcome, of equals the smallest."""
    return _remembered(header) if len(header) <= LONGEST_HEADER else IDENTITY


@lru_cache(maxsize=256)
def _remembered(header: str) -> str:
    accepted = parse_accept_header(header)
    welcome = {name: accepted.quality(name) for name in COMPRESSORS if name != IDENTITY}
    best = max(welcome, key=lambda name: welcome[name])
    return best if welcome[best] > 0 else IDENTITY
