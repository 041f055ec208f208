"""Writes the whole blog into a folder: posts, pages, pictures, comments, redirects."""

import secrets
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from qingbo.errors import ExportFailed
from qingbo.exports.contents import (
    all_comments,
    all_media,
    batches_of,
    media_path,
    post_path,
    rows_of,
    write_array,
    write_contents,
)
from qingbo.exports.front_matter import file_of
from qingbo.exports.redirects import location_of
from qingbo.imports.exported.layout import COMMENTS, CONTENTS, MEDIA, PAGES, POSTS
from qingbo.media.addresses import file_name as stored_name
from qingbo.media.models import Media
from qingbo.media.storage import Storage
from qingbo.posts.addresses import path_of
from qingbo.posts.kinds import PAGE
from qingbo.posts.models import Post, Redirect
from qingbo.posts.translations import numbers_in
from qingbo.progress import Step

REDIRECTS = "redirects.conf"

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
        for posts in posts_with_all(session):
            _write_posts(session, folder, posts, done, step)
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


def posts_with_all(session: Session, *conditions: Any) -> Iterator[Sequence[Post]]:
    """Yield posts with all that their files need, in the order of their numbers, some at a time."""
    needed = (selectinload(Post.author), selectinload(Post.tags), selectinload(Post.series))
    return batches_of(session, Post, select(Post).where(*conditions).options(*needed))


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


def _write_posts(session: Session, folder: Path, posts: Sequence[Post], done: Exported, step: Step) -> None:
    old, translations = _old_paths(session, posts), _translations(session, posts)
    for post in posts:
        text = file_of(post, old[path_of(post.slug)], translations[post.id])
        (folder / post_path(post.kind, post.slug)).write_text(text, encoding="utf-8")
        if post.kind == PAGE:
            done.pages += 1
        else:
            done.posts += 1
        step(post.slug)


def _old_paths(session: Session, posts: Sequence[Post]) -> Mapping[str, list[str]]:
    """Return the paths that redirect to some posts, by those of the posts. The database has no index for this."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    is_wanted = Redirect.target.in_([path_of(post.slug) for post in posts])
    for path, target in session.execute(select(Redirect.path, Redirect.target).where(is_wanted).order_by(Redirect.id)):
        found[target].append(path)
    return found


def _translations(session: Session, posts: Sequence[Post]) -> dict[int, list[str]]:
    """Return the slugs of the translations of some posts, by the numbers of the posts."""
    numbers = {post.id: set(numbers_in(post.parts)) for post in posts}
    wanted = select(Post.id, Post.slug).where(Post.id.in_(set().union(*numbers.values()))).order_by(Post.id)
    slugs = {row.id: row.slug for row in session.execute(wanted)}
    return {post: [slug for number, slug in slugs.items() if number in others] for post, others in numbers.items()}


def _write_redirects(session: Session, path: Path) -> int:
    count = 0
    with path.open("w", encoding="utf-8") as file:
        file.write("# Old addresses. Include this file in the server { … } of nginx.\n")
        for redirect in rows_of(session, Redirect):
            file.write(location_of(redirect.path, redirect.target))
            count += 1
    return count
