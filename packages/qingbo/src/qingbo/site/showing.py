"""The HTML of posts as pages show it: with media and cards as they are known by now."""

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from qingbo.cards.decorating import decorated as with_cards
from qingbo.media.decorating import cover_html
from qingbo.media.decorating import decorated as with_media
from qingbo.posts.kinds import ARTICLE, PHOTOS, Parts, with_link_as_card
from qingbo.posts.models import Post


def shown_html(session: Session, post: Post, html: str) -> str:
    """Return the HTML of a post's text."""
    parts = Parts.read(post.parts)
    is_grid = post.kind == PHOTOS and len(list(parts.listed_pictures())) > 1
    (shown,) = with_cards(
        session, with_media(session, [with_link_as_card(post.kind, html)], in_grid=is_grid), _("Play")
    )
    return shown


def shown_cover(session: Session, post: Post) -> str:
    """Return the HTML of the picture above an article, empty for none."""
    parts = Parts.read(post.parts)
    return cover_html(session, parts.cover, parts.cover_alt) if post.kind == ARTICLE else ""
