"""Who counts as a reader, and how two of them are told apart for a day."""

import hashlib
from dataclasses import dataclass
from datetime import date

from flask import request

MOST_CHARACTERS = 500
"""Of what a browser says of itself; what comes after is not looked at."""

BROWSERS = ("Mozilla/", "Opera/")
"""All browsers of people begin so."""


@dataclass(frozen=True, slots=True)
class View:
    """A reader of a post on a day."""

    day: date
    post_id: int
    reader: bytes


def is_robot(agent: str) -> bool:
    """Return whether a program says that it is no browser of a person, or says nothing of itself."""
    from crawleruseragents import is_crawler  # reads half a megabyte: not before somebody reads the blog

    return not agent.startswith(BROWSERS) or bool(is_crawler(agent[:MOST_CHARACTERS]))


def says_where_it_comes_from() -> bool:
    """Return whether the sender names this site, as browsers do; from other sites nothing gets as far as here."""
    return any(name in request.headers for name in ("Sec-Fetch-Site", "Origin", "Referer"))


def reader_key(address: str, agent: str) -> bytes:
    """Return what a reader is in memory until the views are written: never stored, as it has no salt."""
    return hashlib.sha256(f"{address}\n{agent[:MOST_CHARACTERS]}".encode(errors="replace")).digest()


def mark_of(salt: str, post_id: int, reader: bytes) -> str:
    """Return what is stored of a reader of a post. Without the salt nobody can tell whose it is."""
    return hashlib.sha256(f"{salt} {post_id} ".encode() + reader).hexdigest()[:32]
