"""The number of posts of a tag.

A tag's row counts its posts with a date, including scheduled ones, so that the stored number does not depend on the
clock. Pages subtract the scheduled ones, which an index on the date finds.
"""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import func, select, union_all, update
from sqlalchemy.orm import Session

from qingbo.clock import now
from qingbo.posts.models import Post, PostTag, Tag


def dated_tags(session: Session, post_id: int) -> set[int]:
    """Return the tags whose counts include a post: all of its tags, if it has a date."""
    rows = select(PostTag.tag_id).where(PostTag.post_id == post_id, PostTag.published_at.is_not(None))
    return set(session.scalars(rows))


def count_moved(session: Session, before: Collection[int], after: Collection[int]) -> None:
    """Update the counts of tags after a post that `before` counted is now counted by `after`.

    It adds and subtracts, because counting all posts of a tag again is slow for many posts.
    """
    for tags, step in ((set(after) - set(before), 1), (set(before) - set(after), -1)):
        if tags:
            session.execute(update(Tag).where(Tag.id.in_(tags)).values(post_count=Tag.post_count + step))


def count_all_tags(session: Session) -> None:
    """Count the posts of every tag again."""
    session.execute(update(Tag).values(post_count=_dated()))


def top_tags(session: Session, size: int) -> Sequence[Any]:
    """Return (name, slug) of the tags with the most public posts."""
    # With a join on posts, SQLite would read all of posts_tags in the order of the groups.
    scheduled = select(Post.id).where(Post.published_at > now())
    to_come = (
        select(PostTag.tag_id, func.sum(1).label("posts"))
        .where(PostTag.post_id.in_(scheduled))
        .group_by(PostTag.tag_id)
        .cte("to_come")
    )
    columns = (Tag.id, Tag.name, Tag.slug)
    # Two parts, so that the first one, which may have every tag, is read in index order and stops early.
    others = select(*columns, Tag.post_count.label("posts")).where(
        Tag.post_count > 0, Tag.id.not_in(select(to_come.c.tag_id))
    )
    first_others = others.order_by(Tag.post_count.desc(), Tag.id.desc()).limit(size).subquery("others")
    with_posts_to_come = (
        select(*columns, (Tag.post_count - to_come.c.posts).label("posts"))
        .join(to_come, to_come.c.tag_id == Tag.id)
        .where(Tag.post_count > to_come.c.posts)
    )
    both = union_all(select(first_others), with_posts_to_come).subquery("both")
    most_first = select(both.c.name, both.c.slug).order_by(both.c.posts.desc(), both.c.id.desc())
    return session.execute(most_first.limit(size)).all()


def listed_tags(session: Session, after: str, size: int) -> Sequence[Any]:
    """Return (name, slug, name_key, posts) of tags with public posts, by name, after a key: a page and one more."""
    moment = now()
    to_come = select(func.count()).where(PostTag.tag_id == Tag.id, PostTag.published_at > moment).scalar_subquery()
    has_public = select(PostTag.tag_id).where(PostTag.tag_id == Tag.id, PostTag.published_at <= moment).exists()
    statement = select(Tag.name, Tag.slug, Tag.name_key, (Tag.post_count - to_come).label("posts"))
    statement = statement.where(Tag.post_count > 0, Tag.name_key > after, has_public)
    return session.execute(statement.order_by(Tag.name_key).limit(size + 1)).all()


def _dated() -> Any:
    statement = select(func.count()).where(PostTag.tag_id == Tag.id, PostTag.published_at.is_not(None))
    return statement.scalar_subquery()
