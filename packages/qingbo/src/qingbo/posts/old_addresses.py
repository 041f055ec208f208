"""Addresses that posts had on another site, and that redirect here. Flushes; the caller commits."""

import re
import unicodedata
from enum import StrEnum
from urllib.parse import parse_qsl, unquote, urlsplit

from flask import current_app
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from qingbo.posts.addresses import path_of
from qingbo.posts.kinds import PAGE
from qingbo.posts.models import SLUG_LENGTH, Post, Redirect, Tag

PATH_LENGTH = 500
NUMBERED = ("p", "page_id", "attachment_id")
"""Query fields that name a post in addresses such as ``/?p=12``."""
TAG_ENDPOINT = "site.show_tag"
OPEN_ENDPOINTS = {"site.show_post", "site.show_page", TAG_ENDPOINT, "redirects.show_old"}
"""Endpoints that look for old addresses; all others answer by themselves."""

_SUFFIX = re.compile(r"(?:/(?:index|default)\.(?:html?|php)|\.html?)$", re.IGNORECASE)
_UNUSABLE = re.compile(r"[\x00-\x1f\x7f\\\ufffd\ud800-\udfff]")


class Stored(StrEnum):
    """What became of an old address."""

    NEW = "new"
    UNCHANGED = "unchanged"
    """It leads to the post already."""
    OWN = "own"
    """It is the address of the post here."""
    TAKEN = "taken"
    """Something else has this address here."""
    UNUSABLE = "unusable"
    """It is no address of a page, or too long."""


def stored_path(address: str) -> str | None:
    """Return an address as redirects store it, or None if it cannot redirect.

    The path is decoded, in NFC, and without host, final slash, ``index.html`` and ``.html``, because most servers
    treat these alike. Only of addresses such as ``/?p=12`` the query is kept.
    """
    try:
        parts = urlsplit(address.strip()[: 4 * PATH_LENGTH])
    except ValueError:
        return None
    return request_path(unquote(parts.path), parts.query)


def request_path(path: str, query: str = "") -> str | None:
    """Return the path of a request, which is decoded already, as redirects store it."""
    names = [part for part in unicodedata.normalize("NFC", path).split("/") if part]
    kept = _SUFFIX.sub("", "/" + "/".join(names)).rstrip("/")
    if kept in {"", "/index.php"}:
        number = next((f"{key}={value}" for key, value in _fields(query) if key in NUMBERED and value.isdecimal()), "")
        kept = f"/?{number}" if number else ""
    if kept.endswith(".php"):  # what scanners ask for; posts have no such addresses without a query
        return None
    is_usable = kept and len(kept) <= PATH_LENGTH and not _UNUSABLE.search(kept) and not {".", ".."} & {*names}
    return kept if is_usable else None


def add_old_address(session: Session, post: Post, address: str) -> Stored:
    """Redirect an old address to a post."""
    return add_redirect(session, address, path_of(post.slug), post)


def add_redirect(session: Session, address: str, target: str, post: Post | None = None) -> Stored:
    """Redirect an old address to a path of this site; `post` is the one that has this path, if it is one's."""
    path = stored_path(address)
    if path is None:
        return Stored.UNUSABLE
    if path == target or (post is not None and post.kind == PAGE and path == f"/{post.slug}"):
        return Stored.OWN
    known = session.scalar(select(Redirect.target).where(Redirect.path == path))
    if known is not None:
        return Stored.UNCHANGED if known == target else Stored.TAKEN
    if _is_answered(session, path, post):
        return Stored.TAKEN
    try:
        with session.begin_nested():
            session.add(Redirect(path=path, target=target))
    except IntegrityError:  # another transaction took it after the check
        return Stored.TAKEN
    return Stored.NEW


def _is_answered(session: Session, path: str, post: Post | None) -> bool:
    """Return whether a page of the app, another post, or a tag has the path."""
    if path.startswith("/?"):
        return False
    try:
        endpoint, values = current_app.url_map.bind("").match(path, method="GET")
    except HTTPException:
        return False
    if endpoint not in OPEN_ENDPOINTS:
        return True
    slug = values.get("slug", "")[:SLUG_LENGTH]
    if endpoint == TAG_ENDPOINT:
        return session.scalar(select(Tag.id).where(Tag.slug == slug)) is not None
    other = session.scalar(select(Post.id).where(Post.slug == slug)) if slug else None
    return other is not None and (post is None or other != post.id)


def _fields(query: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(query[:PATH_LENGTH], max_num_fields=20)
    except ValueError:
        return []
