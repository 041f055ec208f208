"""Writes the whole blog into a folder: posts, pages, pictures, comments, redirects."""

import json
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from qingbo.comments.models import Comment
from qingbo.errors import ExportFailed
from qingbo.exports.front_matter import file_name, file_of
from qingbo.exports.redirects import location_of
from qingbo.media.addresses import file_name as stored_name
from qingbo.media.models import Media
from qingbo.media.storage import Storage
from qingbo.posts.addresses import path_of
from qingbo.posts.kinds import PAGE
from qingbo.posts.models import Post, Redirect
from qingbo.progress import Step

AT_ONCE = 100
"""How many posts are in memory: one may have 500,000 characters."""
POSTS, PAGES, MEDIA = "posts", "pages", "static/media"
COMMENTS, REDIRECTS = "comments.json", "redirects.conf"

Progress = Callable[[int], AbstractContextManager[Step]]


@dataclass(slots=True)
class Exported:
    """What was written."""

    posts: int = 0
    pages: int = 0
    media: int = 0
    comments: int = 0
    redirects: int = 0
    missing: list[str] = field(default_factory=list)
    """Addresses of files that the storage does not have."""


def export_blog(session: Session, storage: Storage, folder: Path, progress: Progress) -> Exported:
    """Write everything beside the folder, and then give it its name.

    Args:
        session: to read with, in one transaction.
        storage: of the files.
        folder: new, or empty.
        progress: begins to show the progress of a number of steps.

    Raises:
        ExportFailed: if the folder has files, or cannot be written.
    """
    try:
        if folder.exists() and any(folder.iterdir()):
            raise ExportFailed(f"{folder} is not empty.", "Name a new folder.")
        unfinished = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}")
        unfinished.mkdir(mode=0o700)
        try:
            done = _write(session, storage, unfinished, progress)
            unfinished.replace(folder)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    except OSError as error:
        raise ExportFailed(f"{folder} cannot be written: {error.strerror or error}.", "Name another folder.") from error
    return done


def _write(session: Session, storage: Storage, folder: Path, progress: Progress) -> Exported:
    for name in (POSTS, PAGES, MEDIA):
        (folder / name).mkdir(parents=True)
    done = Exported()
    total = sum(session.scalar(select(func.count(each.id))) or 0 for each in (Post, Media))
    with progress(total) as step:
        for post in all_posts(session):
            _write_post(session, folder, post, done)
            step(post.slug)
        for media in _all_media(session):
            write_media(storage, folder / MEDIA, media, done)
            step(media.name)
    done.comments = _write_comments(session, folder / COMMENTS)
    done.redirects = _write_redirects(session, folder / REDIRECTS)
    return done


def all_posts(session: Session, *conditions: Any) -> Iterator[Post]:
    """Yield posts with all that their files need, in the order of their numbers."""
    last = 0
    needed = (selectinload(Post.author), selectinload(Post.tags), selectinload(Post.series))
    while True:
        wanted = select(Post).where(Post.id > last, *conditions).order_by(Post.id).limit(AT_ONCE)
        found = session.scalars(wanted.options(*needed)).all()
        if not found:
            return
        yield from found
        last = found[-1].id
        for post in found:
            session.expunge(post)


def write_media(storage: Storage, folder: Path, media: Media, done: Exported) -> None:
    """Write a file under the path of its address, so that the addresses in posts stay right."""
    target = folder / media.handle / PurePath(media.name).name
    try:
        chunks = storage.read(stored_name(media.digest, media.extension))
    except FileNotFoundError:
        done.missing.append(f"/media/{media.handle}/{media.name}")
        return
    target.parent.mkdir()
    with target.open("wb") as file:
        for chunk in chunks:
            file.write(chunk)
    done.media += 1


def _write_post(session: Session, folder: Path, post: Post, done: Exported) -> None:
    old = session.scalars(select(Redirect.path).where(Redirect.target == path_of(post.slug)).order_by(Redirect.id))
    place = folder / (PAGES if post.kind == PAGE else POSTS) / file_name(post)
    place.write_text(file_of(post, old), encoding="utf-8")
    if post.kind == PAGE:
        done.pages += 1
    else:
        done.posts += 1


def _all_media(session: Session) -> Iterator[Media]:
    yield from session.scalars(select(Media).order_by(Media.id).execution_options(yield_per=AT_ONCE))


def _write_comments(session: Session, path: Path) -> int:
    """Write all comments as one JSON array, one on each line."""
    rows = select(Comment, Post.slug).join(Post, Post.id == Comment.post_id).order_by(Comment.id)
    found = session.execute(rows.options(selectinload(Comment.author)).execution_options(yield_per=AT_ONCE))
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for comment, slug in found:
            file.write(",\n" if count else "[\n")
            file.write(json.dumps(comment_values(comment, slug), ensure_ascii=False))
            count += 1
        file.write("\n]\n" if count else "[]\n")
    return count


def comment_values(comment: Comment, slug: str) -> dict[str, Any]:
    """Return a comment for a JSON file."""
    return {
        "id": comment.id,
        "post": slug,
        "reply_to": comment.parent_id,
        "account": comment.author.name if comment.author else None,
        "name": comment.name,
        "email": comment.guest_email,
        "text": comment.text,
        "created_at": comment.created_at.isoformat(),
        "edited_at": comment.edited_at.isoformat() if comment.edited_at else None,
        "state": str(comment.state),
    }


def _write_redirects(session: Session, path: Path) -> int:
    count = 0
    with path.open("w", encoding="utf-8") as file:
        file.write("# Old addresses. Include this file in the server { … } of nginx.\n")
        for old, target in session.execute(select(Redirect.path, Redirect.target).order_by(Redirect.id)):
            file.write(location_of(old, target))
            count += 1
    return count
