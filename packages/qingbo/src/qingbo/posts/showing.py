"""The HTML of posts for pages, with media and cards in their current state."""

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from qingbo.cards.decorating import decorated as with_cards
from qingbo.media.decorating import cover_html
from qingbo.media.decorating import decorated as with_media
from qingbo.posts.kinds import ARTICLE, PAGE, PHOTOS, Parts, with_link_as_card


def shown_html(session: Session, kind: str, parts: Parts, html: str) -> str:
    """Return the HTML of a post's text for a page."""
    is_grid = kind == PHOTOS and len(list(parts.listed_pictures())) > 1
    pictured = with_media(session, [with_link_as_card(kind, html)], in_grid=is_grid, opens=True)
    (shown,) = with_cards(session, pictured, _("Play"))
    return shown


def shown_cover(session: Session, kind: str, parts: Parts) -> str:
    """Return the HTML of the picture above an article or a page, or an empty string."""
    return cover_html(session, parts.cover, parts.cover_alt) if kind in {ARTICLE, PAGE} else ""
