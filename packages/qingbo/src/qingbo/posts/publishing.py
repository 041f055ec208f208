"""Writing, changing and deleting posts, with everything that depends on them. Flushes; the caller commits."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute, Session

from qingbo.accounts.models import User
from qingbo.accounts.names import clean, key_of
from qingbo.clock import now
from qingbo.errors import InputRefused
from qingbo.posts.models import (
    SLUG_LENGTH,
    TAG_LENGTH,
    TAGS_PER_POST,
    TEXT_LENGTH,
    TITLE_LENGTH,
    Post,
    PostTag,
    Redirect,
    Tag,
)
from qingbo.rendering.excerpts import excerpt_of, without_controls
from qingbo.rendering.slugs import numbered, slug_of
from qingbo.renderings import keep_post

RESERVED = {"new"}
"""Words that stand in addresses where a slug would."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person wrote: the parts of a post that come from outside."""

    title: str
    text: str
    tags: list[str] = field(default_factory=list)
    published_at: datetime | None = None
    slug: str = ""
    """A wish; without one it comes from the title."""


def create_post(session: Session, author: User, draft: Draft) -> Post:
    """Write a new post.

    Raises:
        InputRefused: for a title, text or tag that cannot be taken.
    """
    draft = _checked(draft)
    moment = now()
    post = Post(author=author, title=draft.title, text=draft.text, created_at=moment, updated_at=moment)
    post.published_at = draft.published_at
    post.excerpt = excerpt_of(keep_post(session, draft.text))
    _insert_at_free_slug(session, post, draft)
    _set_tags(session, post, draft.tags)
    return post


def update_post(session: Session, post: Post, draft: Draft) -> Post:
    """Change a post; its address stays.

    Raises:
        InputRefused: for a title, text or tag that cannot be taken.
    """
    draft = _checked(draft)
    post.title, post.text, post.published_at = draft.title, draft.text, draft.published_at
    post.excerpt = excerpt_of(keep_post(session, draft.text))
    post.updated_at = now()
    _set_tags(session, post, draft.tags)
    return post


def delete_post(session: Session, post: Post) -> None:
    """Delete a post with its comments."""
    tags = _tag_ids(session, post)
    session.execute(delete(Redirect).where(Redirect.target == f"/posts/{post.slug}"))
    session.delete(post)
    session.flush()
    _count_posts(session, tags)


def split_tags(text: str) -> list[str]:
    """Return the tags in a line: separated by commas, Chinese or Latin; the same one once."""
    for separator in ",、;；":
        text = text.replace(separator, "，")
    tags: dict[str, str] = {}
    for tag in filter(None, map(clean, text.split("，"))):
        tags.setdefault(key_of(tag), tag)
    return list(tags.values())


def _checked(draft: Draft) -> Draft:
    title = clean_title(draft.title)
    text = without_controls(draft.text).strip("\n")
    if not title:
        raise InputRefused(_("A post needs a title."))
    if len(title) > TITLE_LENGTH:
        raise InputRefused(
            _("The title has %(count)s characters; at most %(most)s fit.", count=len(title), most=TITLE_LENGTH)
        )
    if not text.strip():
        raise InputRefused(_("A post needs a text."))
    if len(text) > TEXT_LENGTH:
        raise InputRefused(
            _("The text has %(count)s characters; at most %(most)s fit.", count=len(text), most=TEXT_LENGTH)
        )
    return Draft(title, text, _checked_tags(draft.tags), draft.published_at, draft.slug)


def clean_title(title: str) -> str:
    """Return a title on one line, without characters that cannot be shown."""
    return " ".join(without_controls(title).split())


def _checked_tags(tags: Iterable[str]) -> list[str]:
    kept = {key_of(tag): clean(without_controls(tag)) for tag in tags if clean(without_controls(tag))}
    for key, tag in kept.items():
        if max(len(tag), len(key)) > TAG_LENGTH:
            raise InputRefused(
                _("The tag “%(tag)s” is longer than %(most)s characters.", tag=tag[:60], most=TAG_LENGTH)
            )
    if len(kept) > TAGS_PER_POST:
        raise InputRefused(_("A post has at most %(most)s tags.", most=TAGS_PER_POST))
    return list(kept.values())


def _insert_at_free_slug(session: Session, post: Post, draft: Draft) -> None:
    wish = slug_of(draft.slug) or slug_of(draft.title) or "post"
    for _attempt in range(5):
        post.slug = _free_slug(session, Post.slug, wish)
        try:
            with session.begin_nested():
                session.add(post)
            return
        except IntegrityError:  # another post took it between the question and the answer
            continue
    raise InputRefused(_("No free address was found for this post; please try again."))


def _free_slug(session: Session, column: InstrumentedAttribute[str], wish: str) -> str:
    wish = wish[: SLUG_LENGTH - 12]
    taken = set(session.scalars(select(column).where(column.like(f"{wish}%"))))
    return next(slug for number in range(1, len(taken) + 3) if (slug := numbered(wish, number)) not in taken | RESERVED)


def _set_tags(session: Session, post: Post, names: list[str]) -> None:
    before = _tag_ids(session, post)
    tags = [_tag(session, name) for name in names]
    session.execute(delete(PostTag).where(PostTag.post_id == post.id))
    session.add_all(PostTag(post_id=post.id, tag_id=tag.id, published_at=post.published_at) for tag in tags)
    session.flush()
    session.expire(post, ["tags"])
    _count_posts(session, before | {tag.id for tag in tags})


def _tag_ids(session: Session, post: Post) -> set[int]:
    return set(session.scalars(select(PostTag.tag_id).where(PostTag.post_id == post.id)))


def _tag(session: Session, name: str) -> Tag:
    wanted = select(Tag).where(Tag.name_key == key_of(name))
    if (tag := session.scalar(wanted)) is not None:
        return tag
    try:
        with session.begin_nested():
            slug = _free_slug(session, Tag.slug, slug_of(name) or "tag")
            session.add(tag := Tag(name=name, name_key=key_of(name), slug=slug))
        return tag
    except IntegrityError:  # another post brought the same tag at the same time
        return session.scalars(wanted).one()


def _count_posts(session: Session, tags: set[int]) -> None:
    if tags:
        used = select(func.count()).where(PostTag.tag_id == Tag.id, PostTag.published_at <= now()).scalar_subquery()
        session.execute(update(Tag).where(Tag.id.in_(tags)).values(post_count=used))
