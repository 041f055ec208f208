"""Serves media: to everybody if a readable post, a card or the site itself shows the file.

Otherwise only to people who may read such a post, or may change the file.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, abort, redirect, request
from flask_login import current_user
from sqlalchemy import ColumnElement, exists, select
from werkzeug.wrappers import Response as AnyResponse

from qingbo.appearance.pictures import shown_handles
from qingbo.cards.models import LinkCard
from qingbo.extensions import session
from qingbo.media.addresses import address_of, file_name
from qingbo.media.models import Kind, Media, MediaUse
from qingbo.media.place import current_storage
from qingbo.media.queries import manageable, media_with
from qingbo.media.renditions import renditions_of
from qingbo.media.storage import Storage
from qingbo.page_cache.fragments import keep
from qingbo.posts.models import Post
from qingbo.posts.queries import visible_posts
from qingbo.posts.states import readable

bp = Blueprint("media", __name__)

PUBLIC_SECONDS = int(timedelta(hours=1).total_seconds())
"""How long others may cache a public file; it is short because the post may be unpublished."""

POLICY = "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox"
"""The policy for a file that is opened directly: it must not run scripts."""


@bp.get("/media/<handle>/<name>")
def show_media(handle: str, name: str) -> AnyResponse:
    """Serve a file or a range of it."""
    file = keep(("media", handle, name), lambda: _file_at(handle, name))
    return _sent(file) if isinstance(file, _File) else redirect(file, 302)


@dataclass(frozen=True, slots=True)
class _File:
    """A file that the reader may see."""

    stored_name: str
    mimetype: str
    shown_name: str
    is_download: bool
    is_public: bool


def _file_at(handle: str, name: str) -> _File | str:
    """Return the file at an address, or its current address; answer 404 if the reader may not see it."""
    media = media_with(session(), handle) or abort(404)
    is_public = _is_used_by(media, readable()) or _is_of_a_card(media) or media.handle in shown_handles()
    if not (is_public or _may_see(media)):
        abort(404)
    is_download = media.kind == Kind.DOWNLOAD
    if name == media.name:
        stored_name = file_name(media.digest, media.extension)
        return _File(stored_name, media.mimetype, media.name, is_download, is_public)
    rendition = next((each for each in renditions_of(media) if each.name == name), None)
    if rendition is None:
        return address_of(media)
    return _File(rendition.stored_name(media), rendition.mimetype, media.name, is_download, is_public)


def _is_used_by(media: Media, condition: ColumnElement[bool]) -> bool:
    use = select(MediaUse.post_id).join(Post, Post.id == MediaUse.post_id)
    return bool(session().scalar(select(exists(use.where(MediaUse.media_id == media.id, condition)))))


def _is_of_a_card(media: Media) -> bool:
    return bool(session().scalar(select(exists().where(LinkCard.picture_id == media.id))))


def _may_see(media: Media) -> bool:
    if not current_user.is_authenticated:
        return False
    is_own = session().scalar(select(Media.id).where(Media.id == media.id, manageable(current_user)))
    return is_own is not None or _is_used_by(media, visible_posts(current_user))


def _sent(file: _File) -> Response:
    storage = current_storage()
    size = storage.size(file.stored_name)
    if size is None:
        abort(404)
    session().rollback()  # sending a video takes long, and needs no transaction
    response = Response(_Stored(storage, file.stored_name), mimetype=file.mimetype, direct_passthrough=True)
    response.content_length = size
    response.set_etag(file.stored_name.replace("/", "-"))
    response.headers["Cache-Control"] = f"public, max-age={PUBLIC_SECONDS}" if file.is_public else "private, no-store"
    response.headers["Content-Security-Policy"] = POLICY
    if file.is_download:
        response.headers.set("Content-Disposition", "attachment", filename=file.shown_name)
    response.make_conditional(request, accept_ranges=True, complete_length=size)
    return response


class _Stored:
    """A stored file for Werkzeug, read from the position that was set."""

    def __init__(self, storage: Storage, name: str) -> None:
        self._storage = storage
        self._name = name
        self._start = 0
        self._chunks: Iterator[bytes] | None = None

    def seekable(self) -> bool:
        """Return True: a range can be read."""
        return True

    def seek(self, start: int) -> None:
        """Set the position."""
        self._start = start

    def tell(self) -> int:
        """Return the position."""
        return self._start

    def __iter__(self) -> "_Stored":
        return self

    def __next__(self) -> bytes:
        if self._chunks is None:
            self._chunks = self._storage.read(self._name, self._start)
        return next(self._chunks)

    def close(self) -> None:
        """Close the file."""
        closing: Any = getattr(self._chunks, "close", None)
        if closing:
            closing()
