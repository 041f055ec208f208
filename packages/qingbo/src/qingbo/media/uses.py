"""Records which files a post shows, in the post's transaction. This decides who may see a file."""

from collections.abc import Iterable

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from qingbo.media.addresses import handles_in
from qingbo.media.models import Media, MediaUse
from qingbo.media.queries import MOST_HANDLES


def record_uses(session: Session, post_id: int, texts: Iterable[str]) -> None:
    """Record which files a post shows, from the addresses in its texts. Flushes; the caller commits."""
    handles = sorted(handles_in(texts))[:MOST_HANDLES]
    wanted = set(session.scalars(select(Media.id).where(Media.handle.in_(handles)))) if handles else set()
    there = set(session.scalars(select(MediaUse.media_id).where(MediaUse.post_id == post_id)))
    if gone := there - wanted:
        session.execute(delete(MediaUse).where(MediaUse.post_id == post_id, MediaUse.media_id.in_(gone)))
    if new := wanted - there:
        session.execute(insert(MediaUse), [{"post_id": post_id, "media_id": number} for number in sorted(new)])
