"""The tags of a post: parsing, storing them with the post's date, and counting. Flushes; the caller commits."""

from collections.abc import Iterable
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from qingbo.accounts.names import clean, key_of
from qingbo.errors import InputRefused
from qingbo.posts.addresses import free_slug
from qingbo.posts.models import DESCRIPTION_LENGTH, TAG_LENGTH, TAGS_PER_POST, Post, PostTag, Tag
from qingbo.posts.tag_counts import count_moved
from qingbo.rendering.characters import on_one_line
from qingbo.rendering.slugs import is_slug, slug_of


def split_tags(text: str) -> list[str]:
    """Return the tags in a line, separated by commas or semicolons, Chinese or Latin, without duplicates."""
    for separator in ",、;；":
        text = text.replace(separator, "，")
    tags: dict[str, str] = {}
    for tag in filter(None, map(clean, text.split("，"))):
        tags.setdefault(key_of(tag), tag)
    return list(tags.values())


def checked_tags(tags: Iterable[str]) -> list[str]:
    """Return tags as they are stored, without duplicates.

    Raises:
        InputRefused: if one is too long, or there are too many.
    """
    kept = {key_of(tag): clean(tag) for tag in filter(None, map(on_one_line, tags))}
    for key, tag in kept.items():
        if max(len(tag), len(key)) > TAG_LENGTH:
            raise InputRefused(
                _("The tag “%(tag)s” is longer than %(most)s characters.", tag=tag[:60], most=TAG_LENGTH)
            )
    if len(kept) > TAGS_PER_POST:
        raise InputRefused(_("A post can have up to %(most)s tags.", most=TAGS_PER_POST))
    return list(kept.values())


def set_tags(session: Session, post: Post, names: list[str]) -> None:
    """Replace the tags of a post."""
    before = _dates_by_tag(session, post)
    # In one order, and locked before rows refer to them, so that two transactions wait instead of deadlocking.
    tags = [stored_tag(session, name) for name in sorted(names, key=key_of)]
    after = {tag.id for tag in tags}
    touched = before.keys() | after
    session.execute(select(Tag.id).where(Tag.id.in_(touched)).order_by(Tag.id).with_for_update(key_share=True))
    session.execute(delete(PostTag).where(PostTag.post_id == post.id))
    session.add_all(PostTag(post_id=post.id, tag_id=tag.id, published_at=post.published_at) for tag in tags)
    session.flush()
    session.expire(post, ["tags"])
    count_moved(session, [tag for tag, date in before.items() if date], after if post.published_at else ())


def change_tag(session: Session, tag: Tag, name: str, description: str) -> None:
    """Change name and description of a tag; its address stays.

    Raises:
        InputRefused: if a value is invalid, or another tag has the name.
    """
    (kept,) = checked_tags([name]) or [""]
    if not kept:
        raise InputRefused(_("Enter a name for the tag."))
    if split_tags(kept) != [kept]:
        raise InputRefused(_("Tag names can’t contain commas or semicolons."))
    other = session.scalar(select(Tag).where(Tag.name_key == key_of(kept), Tag.id != tag.id))
    taken = _(
        "A tag named “%(name)s” already exists. Tags can’t be merged. Choose another name.", name=(other or tag).name
    )
    if other is not None:
        raise InputRefused(taken)
    description = checked_description(description)
    try:
        with session.begin_nested():
            tag.name, tag.name_key, tag.description = kept, key_of(kept), description
    except IntegrityError as error:  # a post has created a tag with this name at the same time
        raise InputRefused(taken) from error


def checked_description(text: str) -> str:
    """Return the description of a tag or a series as it is stored.

    Raises:
        InputRefused: if it is too long.
    """
    kept = on_one_line(text[: 4 * DESCRIPTION_LENGTH])
    if len(kept) > DESCRIPTION_LENGTH:
        raise InputRefused(_("Descriptions can have up to %(most)s characters.", most=DESCRIPTION_LENGTH))
    return kept


def set_dates_of_tags(session: Session, post: Post) -> None:
    """Copy the date of a post to its tags again, and update their counts."""
    session.flush()
    before = _dates_by_tag(session, post)
    session.execute(update(PostTag).where(PostTag.post_id == post.id).values(published_at=post.published_at))
    count_moved(session, [tag for tag, date in before.items() if date], before if post.published_at else ())


def _dates_by_tag(session: Session, post: Post) -> dict[int, datetime | None]:
    rows = session.execute(select(PostTag.tag_id, PostTag.published_at).where(PostTag.post_id == post.id))
    return {row.tag_id: row.published_at for row in rows}


def stored_tag(session: Session, name: str, slug: str = "", description: str = "") -> Tag:
    """Return the tag with a name; if there is none, make it, with the slug if that is free, and the description."""
    wanted = select(Tag).where(Tag.name_key == key_of(name))
    if (tag := session.scalar(wanted)) is not None:
        return tag
    try:
        with session.begin_nested():
            slug = free_slug(session, Tag.slug, slug if is_slug(slug) else slug_of(name) or "tag")
            session.add(tag := Tag(name=name, name_key=key_of(name), slug=slug))
            tag.description = checked_description(description)
        return tag
    except IntegrityError:  # another post has inserted the same tag at the same time
        return session.scalars(wanted).one()
