"""Writes the whole blog into a folder: posts, pages, pictures, comments, redirects."""

import secrets
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from qingbo.errors import ExportFailed
from qingbo.exports.contents import (
    AT_ONCE,
    MEDIA,
    PAGES,
    POSTS,
    all_comments,
    all_media,
    media_path,
    post_path,
    write_array,
    write_contents,
)
from qingbo.exports.front_matter import file_of
from qingbo.exports.redirects import location_of
from qingbo.media.addresses import file_name as stored_name
from qingbo.media.models import Media
from qingbo.media.storage import Storage
from qingbo.posts.addresses import path_of
from qingbo.posts.kinds import PAGE
from qingbo.posts.models import Post, Redirect
from qingbo.posts.translations import numbers_in
from qingbo.progress import Step

CONTENTS, COMMENTS, REDIRECTS = "qingbo.json", "comments.json", "redirects.conf"

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
        with (folder / CONTENTS).open("w", encoding="utf-8") as file:
            write_contents(session, file, lambda: _written_media(session, storage, folder, done, step))
    with (folder / COMMENTS).open("w", encoding="utf-8") as file:
        done.comments = write_array(file, all_comments(session))
        file.write("\n")
    done.redirects = _write_redirects(session, folder / REDIRECTS)
    return done


def _written_media(session: Session, storage: Storage, folder: Path, done: Exported, step: Step) -> Iterator[Media]:
    """Write the files, and yield those that the storage has."""
    for media in all_media(session):
        if write_media(storage, folder, media, done):
            yield media
        step(media.name)


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


def write_media(storage: Storage, folder: Path, media: Media, done: Exported) -> bool:
    """Write a file under the path of its address, so that the addresses in posts stay right.

    Return whether the storage has it.
    """
    target = folder / media_path(media)
    try:
        chunks = storage.read(stored_name(media.digest, media.extension))
    except FileNotFoundError:
        done.missing.append(f"/media/{media.handle}/{media.name}")
        return False
    target.parent.mkdir()
    with target.open("wb") as file:
        for chunk in chunks:
            file.write(chunk)
    done.media += 1
    return True


def _write_post(session: Session, folder: Path, post: Post, done: Exported) -> None:
    old = select(Redirect.path).where(Redirect.target == path_of(post.slug)).order_by(Redirect.id)
    place = folder / post_path(post.kind, post.slug)
    place.write_text(file_of(post, session.scalars(old), _translations(session, post)), encoding="utf-8")
    if post.kind == PAGE:
        done.pages += 1
    else:
        done.posts += 1


def _translations(session: Session, post: Post) -> Sequence[str]:
    numbers = numbers_in(post.parts)
    return session.scalars(select(Post.slug).where(Post.id.in_(numbers)).order_by(Post.id)).all() if numbers else ()


def _write_redirects(session: Session, path: Path) -> int:
    count = 0
    with path.open("w", encoding="utf-8") as file:
        file.write("# Old addresses. Include this file in the server { … } of nginx.\n")
        for old, target in session.execute(select(Redirect.path, Redirect.target).order_by(Redirect.id)):
            file.write(location_of(old, target))
            count += 1
    return count
