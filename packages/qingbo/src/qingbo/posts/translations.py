"""Translations of posts: each post of a group stores the numbers of all others. Flushes.

The numbers are stored with the parts of a post, but not in its versions, like its series: a link between posts is not a
change of the text.
"""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from qingbo.accounts.models import User
from qingbo.errors import InputRefused
from qingbo.posts.models import Post
from qingbo.posts.queries import address_now, editable_posts
from qingbo.posts.states import readable
from qingbo.rendering.languages import language_of

MOST = 10
KEY = "translations"

_BETWEEN = re.compile(r"[\s,，、;；]+")


def split_addresses(text: str) -> list[str]:
    """Return the slugs in a text of slugs or URLs, separated by commas or spaces."""
    ends = (each.rstrip("/").rpartition("/")[2] for each in _BETWEEN.split(text))
    return list(dict.fromkeys(end for end in ends if end))


def numbers_in(parts: str | None) -> list[int]:
    """Return the numbers of the translations in the parts of a post."""
    found: list[int] = json.loads(parts).get(KEY, []) if parts else []
    return found


def with_numbers(parts: str | None, numbers: Iterable[int]) -> str:
    """Return the parts of a post with the given translations instead of its own."""
    said = json.loads(parts) if parts else {}
    said.pop(KEY, None)
    listed = sorted(set(numbers))
    return json.dumps(said | ({KEY: listed} if listed else {}), ensure_ascii=False)


def addresses_of_translations(session: Session, post: Post) -> str:
    """Return the slugs of a post's translations for the form; makes no query if there are none."""
    numbers = numbers_in(post.parts)
    if not numbers:
        return ""
    return ", ".join(session.scalars(select(Post.slug).where(Post.id.in_(numbers)).order_by(Post.id)))


def public_translations(session: Session, post: Post) -> list[tuple[str, Any]]:
    """Return language and (slug, kind, title, …) of the translations that everybody may read.

    For each language other than the post's, it is the oldest one. Makes no query if there are none.
    """
    numbers = numbers_in(post.parts)
    if not numbers:
        return []
    columns: Sequence[Any] = (Post.id, Post.slug, Post.kind, Post.title, Post.excerpt, Post.language)
    rows = session.execute(select(*columns).where(Post.id.in_(numbers), readable()).order_by(Post.id)).all()
    found: dict[str, Any] = {}
    for row in rows:
        found.setdefault(language_of_post(row), row)
    found.pop(language_of_post(post), None)
    found.pop("", None)
    return list(found.items())


def language_of_post(post: Any) -> str:
    """Return the language of a post or row: the author's choice, else detected from the script; empty if unknown."""
    return post.language or language_of(post.title + post.excerpt)


def link_translations(session: Session, post: Post, slugs: Sequence[str], writer: User | None) -> None:
    """Make posts translations of one another, and remove those that are no longer listed.

    Args:
        session: that the post was read with.
        post: whose form was sent.
        slugs: of the other posts.
        writer: who must be allowed to change all of them; None for a program.

    Raises:
        InputRefused: if there is no such post, the writer may not change it, or there are too many.
    """
    before = set(numbers_in(post.parts))
    named = [_named(session, slug, writer) for slug in slugs]
    if len(named) > MOST:
        raise InputRefused(_("A post can have up to %(most)s translations.", most=MOST))
    group = {each.id for each in named} | {post.id}
    for each in named:
        _set(each, (set(numbers_in(each.parts)) | group) - {each.id})
    for each in session.scalars(select(Post).where(Post.id.in_(before - group)).order_by(Post.id)):
        _set(each, set(numbers_in(each.parts)) - {post.id})
    _set(post, group - {post.id})
    session.flush()


def set_translations(post: Post, numbers: Iterable[int]) -> None:
    """Set the translations of one post of a group; the caller sets those of the others."""
    _set(post, set(numbers) - {post.id})


def _named(session: Session, slug: str, writer: User | None) -> Post:
    allowed = editable_posts(writer) if writer is not None else Post.id.is_not(None)
    wanted = [slug] if (now_at := address_now(session, slug)) == slug else [slug, now_at]
    found = session.scalars(select(Post).where(Post.slug.in_(wanted), allowed).limit(1)).first()
    if found is None:
        raise InputRefused(_("You can’t edit a post with the URL “%(slug)s”, or it doesn’t exist.", slug=slug[:80]))
    return found


def _set(post: Post, numbers: set[int]) -> None:
    if set(numbers_in(post.parts)) != numbers:
        post.parts = with_numbers(post.parts, numbers)
