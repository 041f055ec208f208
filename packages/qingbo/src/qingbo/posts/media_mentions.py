"""Which files are still in use: by a post, a card, the site, a version that can be restored, or a draft."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from qingbo.appearance.pictures import kept_handles
from qingbo.cards.models import LinkCard
from qingbo.media.addresses import PREFIX
from qingbo.media.models import Media, MediaUse
from qingbo.posts.models import PostDraft, PostVersion


def mentioned_media(session: Session, media: Sequence[Media]) -> set[int]:
    """Return the numbers of those files that are in use.

    Versions and drafts are searched as texts, which is slow; this is only done before files are deleted.
    """
    numbers = [each.id for each in media]
    found = set(session.scalars(select(MediaUse.media_id).where(MediaUse.media_id.in_(numbers))))
    cards = session.scalars(select(LinkCard.picture_id).where(LinkCard.picture_id.in_(numbers)))
    found.update(number for number in cards if number is not None)
    of_site = kept_handles(session)
    found.update(each.id for each in media if each.handle in of_site)
    for each in media:
        if each.id not in found and _is_written_about(session, each):
            found.add(each.id)
    return found


def _is_written_about(session: Session, media: Media) -> bool:
    words = f"%{PREFIX}{media.handle}/%"
    for table in (PostDraft, PostVersion):
        if session.scalar(select(table.id).where(table.content.like(words)).limit(1)) is not None:
            return True
    return False
