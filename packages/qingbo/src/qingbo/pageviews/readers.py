"""Who counts as a reader, and how readers are told apart for a day."""

import hashlib
from dataclasses import dataclass
from datetime import date

from flask import request

MOST_CHARACTERS = 500
"""The part of the User-Agent header that is used."""

BROWSERS = ("Mozilla/", "Opera/")
"""People's browsers all send a User-Agent that begins so."""


@dataclass(frozen=True, slots=True)
class View:
    """A reader of a post on a day."""

    day: date
    post_id: int
    reader: bytes


def is_robot(agent: str) -> bool:
    """Return whether a User-Agent is empty, or not that of a person's browser."""
    from crawleruseragents import is_crawler  # loads half a megabyte, so only at the first view

    return not agent.startswith(BROWSERS) or bool(is_crawler(agent[:MOST_CHARACTERS]))


def says_where_it_comes_from() -> bool:
    """Return whether the request names its origin, as browsers do. Requests from other sites were refused before."""
    return any(name in request.headers for name in ("Sec-Fetch-Site", "Origin", "Referer"))


def reader_key(address: str, agent: str) -> bytes:
    """Return a key for a reader, used in memory until the views are written. It has no salt, so it is never stored."""
    return hashlib.sha256(f"{address}\n{agent[:MOST_CHARACTERS]}".encode(errors="replace")).digest()


def mark_of(salt: str, post_id: int, reader: bytes) -> str:
    """Return the stored mark of a reader of a post. Without the salt it does not reveal the reader."""
    return hashlib.sha256(f"{salt} {post_id} ".encode() + reader).hexdigest()[:32]
