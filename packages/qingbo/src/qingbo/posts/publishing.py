"""Writing, changing and deleting posts, with everything that depends on them. Flushes; the caller commits."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute, Session

from qingbo.accounts.models import User
from qingbo.accounts.names import clean, key_of
from qingbo.clock import now
from qingbo.errors import InputRefused
from qingbo.posts.first_use import record_first_use
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
from qingbo.posts.tag_counts import count_tags
from qingbo.posts.versions import digest_of, refuse_older
from qingbo.rendering.characters import on_one_line, without_controls
from qingbo.rendering.excerpts import excerpt_of
from qingbo.rendering.languages import NAMES
from qingbo.rendering.markdown import render_post
from qingbo.rendering.slugs import numbered, slug_of

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
    language: str = ""
    """Its tag; empty, its script says it."""
    excerpt: str | None = None
    """What `excerpt_for` returned for the text; rendering must not keep a transaction waiting that writes."""


def create_post(session: Session, author: User, draft: Draft) -> Post:
    """Write a new post.

    Raises:
        InputRefused: for a title, text or tag that cannot be taken.
    """
    draft = _checked(draft)
    record_first_use(session)
    moment = now()
    post = Post(author=author, title=draft.title, text=draft.text, created_at=moment, updated_at=moment)
    post.published_at = post.first_published_at = draft.published_at
    post.excerpt, post.language = draft.excerpt or "", draft.language or None
    _insert_at_free_slug(session, post, draft)
    _set_tags(session, post, draft.tags)
    return post


def update_post(session: Session, post: Post, draft: Draft, based_on: str | None = None) -> Post:
    """Change a post; its address stays.

    Args:
        session: that the post was read with, its row locked where `based_on` is given.
        post: with its tags where `based_on` is given.
        draft: what it becomes.
        based_on: the version that the person saw; without one any is replaced.

    Raises:
        InputRefused: for a title, text or tag that cannot be taken.
        ChangedMeanwhile: where the post is another version, and not what the draft wants already.
    """
    draft = _checked(draft)
    wanted = digest_of(draft.title, draft.text, draft.tags, draft.language, draft.published_at)
    refuse_older(post, based_on, wanted)
    record_first_use(session)
    post.title, post.text, post.published_at = draft.title, draft.text, draft.published_at
    post.excerpt, post.language = draft.excerpt or "", draft.language or None
    post.first_published_at = post.first_published_at or draft.published_at
    post.updated_at = now()
    _set_tags(session, post, draft.tags)
    return post


def excerpt_for(text: str) -> str:
    """Return the excerpt of a text; it is rendered for that, so no transaction that writes should be open.

    Raises:
        InputRefused: for a text that is too long.
    """
    return excerpt_of(render_post(kept_text(text)))


def kept_text(text: str) -> str:
    """Return a text as it is kept.

    Raises:
        InputRefused: for one that is too long.
    """
    # Looked at before it is cleaned too, which takes its time: line ends alone cannot halve a text.
    kept = without_controls(text).strip("\n") if len(text) <= 2 * TEXT_LENGTH else text
    if len(kept) > TEXT_LENGTH:
        raise InputRefused(
            _("The text has %(count)s characters; at most %(most)s fit.", count=len(kept), most=TEXT_LENGTH)
        )
    return kept


def delete_post(session: Session, post: Post, based_on: str | None = None) -> None:
    """Delete a post with its comments.

    Raises:
        ChangedMeanwhile: where the post, whose row is locked then, is not the version that the person saw.
    """
    refuse_older(post, based_on)
    record_first_use(session)
    tags = _tag_ids(session, post)
    session.execute(delete(Redirect).where(Redirect.target == f"/posts/{post.slug}"))
    session.delete(post)
    session.flush()
    count_tags(session, tags)


def split_tags(text: str) -> list[str]:
    """Return the tags in a line: separated by commas, Chinese or Latin; the same one once."""
    for separator in ",、;；":
        text = text.replace(separator, "，")
    tags: dict[str, str] = {}
    for tag in filter(None, map(clean, text.split("，"))):
        tags.setdefault(key_of(tag), tag)
    return list(tags.values())


def _checked(draft: Draft) -> Draft:
    title = on_one_line(draft.title) if len(draft.title) <= 4 * TITLE_LENGTH else draft.title
    if not title:
        raise InputRefused(_("A post needs a title."))
    if len(title) > TITLE_LENGTH:
        raise InputRefused(
            _("The title has %(count)s characters; at most %(most)s fit.", count=len(title), most=TITLE_LENGTH)
        )
    text = kept_text(draft.text)
    if not text.strip():
        raise InputRefused(_("A post needs a text."))
    language = draft.language if draft.language in NAMES else ""
    excerpt = excerpt_for(text) if draft.excerpt is None else draft.excerpt
    return Draft(title, text, _checked_tags(draft.tags), draft.published_at, draft.slug, language, excerpt)


def _checked_tags(tags: Iterable[str]) -> list[str]:
    kept = {key_of(tag): clean(tag) for tag in filter(None, map(on_one_line, tags))}
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
    for attempt in range(5):
        # A transaction may not see the address that another has just taken; after that only chance helps.
        post.slug = _free_slug(session, Post.slug, wish) if attempt == 0 else f"{wish}-{secrets.token_hex(3)}"
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
    # In one order, and locked before anything refers to them: two who publish at once wait for each other.
    tags = [_tag(session, name) for name in sorted(names, key=key_of)]
    touched = before | {tag.id for tag in tags}
    session.execute(select(Tag.id).where(Tag.id.in_(touched)).order_by(Tag.id).with_for_update(key_share=True))
    session.execute(delete(PostTag).where(PostTag.post_id == post.id))
    session.add_all(PostTag(post_id=post.id, tag_id=tag.id, published_at=post.published_at) for tag in tags)
    session.flush()
    session.expire(post, ["tags"])
    count_tags(session, touched)


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
