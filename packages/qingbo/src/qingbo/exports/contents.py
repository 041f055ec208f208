"""Writes `qingbo.json`: everything that no single post contains, one item on each line. Only reads the blog."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from pathlib import PurePath
from typing import IO, Any, TypeVar

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from qingbo.comments.models import Comment, Subscription
from qingbo.exports.front_matter import file_name
from qingbo.imports.exported.layout import FORMAT, MEDIA, PAGES, POSTS
from qingbo.media.models import Media
from qingbo.posts.kinds import PAGE
from qingbo.posts.models import Post, Redirect, Series, Tag

AT_ONCE = 100
"""How many rows are in memory: a post may have 500,000 characters."""
Row = TypeVar("Row", Post, Tag, Series, Media, Redirect, Comment)


def write_contents(session: Session, file: IO[str], media: Callable[[], Iterable[Media]]) -> int:
    """Write the order of the posts, tags, series, redirects and the list of the files.

    Args:
        session: to read with.
        file: to write to.
        media: yields the files that are in the export.

    Returns:
        The number of redirects.
    """
    file.write(f'{{"format": {FORMAT},\n')
    posts = session.execute(select(Post.kind, Post.slug).order_by(Post.id).execution_options(yield_per=AT_ONCE))
    write_list(file, "posts", (post_path(*row) for row in posts))
    write_list(file, "tags", map(_tag, rows_of(session, Tag)))
    write_list(file, "series", map(_series, rows_of(session, Series)))
    write_list(file, "media", map(_media, media()))
    redirects = write_list(file, "redirects", map(_redirect, rows_of(session, Redirect)))
    file.write('"end": true}\n')
    return redirects


def write_list(file: IO[str], name: str, items: Iterable[Any]) -> int:
    """Write a member of an object: a list with one item on each line. Return the number of items."""
    file.write(f"{json.dumps(name)}: ")
    count = write_array(file, items)
    file.write(",\n")
    return count


def write_array(file: IO[str], items: Iterable[Any]) -> int:
    """Write a JSON array with one item on each line, and return the number of items."""
    count = 0
    for count, item in enumerate(items, 1):
        file.write(",\n" if count > 1 else "[\n")
        file.write(json.dumps(item, ensure_ascii=False))
    file.write("\n]" if count else "[]")
    return count


def batches_of(session: Session, table: type[Row], wanted: Select[Row] | None = None) -> Iterator[Sequence[Row]]:
    """Yield the rows of a table in the order of their numbers, some at a time; other queries may run between them.

    Args:
        session: to read with.
        table: of the rows.
        wanted: which of them, and what is loaded with them; None for all.
    """
    last, wanted = 0, select(table) if wanted is None else wanted
    while found := session.scalars(wanted.where(table.id > last).order_by(table.id).limit(AT_ONCE)).all():
        yield found
        last = found[-1].id
        for row in found:
            session.expunge(row)


def rows_of(session: Session, table: type[Row], wanted: Select[Row] | None = None) -> Iterator[Row]:
    """Yield the rows that `batches_of` yields, one by one."""
    return chain.from_iterable(batches_of(session, table, wanted))


def all_media(session: Session) -> Iterator[Media]:
    """Yield the files with their uploaders, the oldest first."""
    return rows_of(session, Media, select(Media).options(joinedload(Media.uploader)))


def all_comments(session: Session) -> Iterator[dict[str, Any]]:
    """Yield all comments for JSON, the oldest first, so that each stands after the one that it replies to."""
    wanted = select(Comment).join(Comment.post).options(contains_eager(Comment.post), joinedload(Comment.author))
    for found in batches_of(session, Comment, wanted):
        subscribers = _subscribers(session, [comment.id for comment in found])
        for comment in found:
            more = {"subscribers": subscribers[comment.id]} if comment.id in subscribers else {}
            yield comment_values(comment, comment.post.slug) | more


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
        "edited_at": _iso(comment.edited_at),
        "state": str(comment.state),
        "hidden_at": _iso(comment.hidden_at),
    }


def post_path(kind: str, slug: str) -> str:
    """Return the path of the file of a post within the export."""
    return f"{PAGES if kind == PAGE else POSTS}/{file_name(slug)}"


def media_path(media: Media) -> PurePath:
    """Return the path of a file within the export, which is that of its address."""
    return PurePath(MEDIA, media.handle, PurePath(media.name).name)


def _subscribers(session: Session, threads: list[int]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    wanted = select(Subscription).where(Subscription.thread_id.in_(threads)).order_by(Subscription.id)
    for each in session.scalars(wanted):
        values = {"email": each.email, "language": each.language, "token": each.token, "since": _iso(each.created_at)}
        found.setdefault(each.thread_id, []).append(values)
    return found


def _tag(tag: Tag) -> dict[str, Any]:
    return {"name": tag.name, "slug": tag.slug, "description": tag.description}


def _series(series: Series) -> dict[str, Any]:
    return {
        "title": series.title,
        "slug": series.slug,
        "description": series.description,
        "created_at": _iso(series.created_at),
    }


def _media(media: Media) -> dict[str, Any]:
    return {
        "path": media_path(media).as_posix(),
        "alt": media.alt,
        "uploader": media.uploader.name if media.uploader else None,
        "uploaded_at": _iso(media.uploaded_at),
    }


def _redirect(redirect: Redirect) -> dict[str, Any]:
    return {"path": redirect.path, "target": redirect.target}


def _iso(moment: Any) -> str | None:
    return moment.isoformat() if moment else None
