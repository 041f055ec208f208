"""Reads of feeds: posts and their files, in a fixed number of queries."""

from collections.abc import Iterable, Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, defer, joinedload, load_only, selectinload

from qingbo.media.models import Kind, Media, MediaUse
from qingbo.posts.listing import in_order
from qingbo.posts.models import Post


def feed_posts(session: Session, numbers: Sequence[int], *, is_whole: bool) -> Sequence[Post]:
    """Return posts in the order of their numbers, with author and tags; with their texts only if `is_whole`."""
    statement = select(Post).options(joinedload(Post.author), selectinload(Post.tags))
    if not is_whole:
        statement = statement.options(defer(Post.text))
    return in_order(session, statement, numbers)


def enclosed_media(session: Session, posts: Iterable[Post], handles: Iterable[str]) -> dict[int, list[Media]]:
    """Return the audio and video of each post, and its files with one of the handles."""
    found: dict[int, list[Media]] = {post.id: [] for post in posts}
    if found:
        wanted = or_(Media.kind.in_((Kind.AUDIO, Kind.VIDEO)), Media.handle.in_(sorted(set(handles))))
        statement = select(MediaUse.post_id, Media).join(Media, Media.id == MediaUse.media_id)
        statement = statement.where(MediaUse.post_id.in_(found), wanted).order_by(Media.kind, Media.id)
        columns = load_only(Media.handle, Media.name, Media.kind, Media.mimetype, Media.size)
        for number, media in session.execute(statement.options(columns)):
            found[number].append(media)
    return found
