"""The encodings in which pages are stored, and the choice of one for a browser."""

import gzip
from collections.abc import Callable
from functools import lru_cache

import brotli
import zstandard
from werkzeug.http import parse_accept_header

IDENTITY = "identity"
LONGEST_HEADER = 200
"""Longer Accept-Encoding headers are not cached."""

COMPRESSORS: dict[str, Callable[[bytes], bytes]] = {
    # In order of preference, the smallest result first.
    "br": lambda body: brotli.compress(body, mode=brotli.MODE_TEXT, quality=5),
    "zstd": lambda body: zstandard.ZstdCompressor(level=9).compress(body),
    "gzip": lambda body: gzip.compress(body, 6, mtime=0),
    IDENTITY: bytes,
}


def encoding_for(header: str) -> str:
    """Return the encoding for an Accept-Encoding header: the one with the highest quality, then the smallest."""
    return _remembered(header) if len(header) <= LONGEST_HEADER else IDENTITY


@lru_cache(maxsize=256)
def _remembered(header: str) -> str:
    accepted = parse_accept_header(header)
    welcome = {name: accepted.quality(name) for name in COMPRESSORS if name != IDENTITY}
    best = max(welcome, key=lambda name: welcome[name])
    return best if welcome[best] > 0 else IDENTITY
