"""Inserts cards into the HTML of posts when a page is shown, with one query for all texts.

The HTML comes from the sanitizer, but the texts of cards come from strangers' pages: every word and address is escaped
here.
"""

import re
from collections.abc import Sequence
from html import escape, unescape
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from qingbo.cards.models import LinkCard
from qingbo.cards.players import Video, video_at
from qingbo.cards.queries import cards_at
from qingbo.media.renditions import small_address
from qingbo.rendering.card_links import MOST

_LINK = re.compile(r'<p class="card-link"><a href="([^"]*)"[^>]*>([^<]*)</a></p>')


def decorated(session: Session, htmls: Sequence[str], play: str = "Play") -> list[str]:
    """Return HTML of posts with cards in place of addresses that stand alone in a paragraph.

    An address stays a plain link if its page is unknown or has no title. Videos are recognized by their address. A text
    has at most `MOST` cards, repeated ones included.

    Args:
        session: to read with.
        htmls: the posts' HTML, from the sanitizer.
        play: label of a video's button, in the language of the page.
    """
    cards = cards_at(session, (unescape(found[1]) for html in htmls for found in _LINK.finditer(html)))

    def card(found: re.Match[str]) -> str:
        address = unescape(found[1])
        known = cards.get(address)
        if not re.match(r"https?://", address, re.IGNORECASE):
            return found[0]
        if video := video_at(address):
            return _video_card(address, known, video, play)
        return _page_card(address, known) if known is not None and known.title else found[0]

    return [_LINK.sub(card, html, count=MOST) for html in htmls]


def has_player(html: str) -> bool:
    """Return whether decorated HTML contains a video."""
    return '<div class="card video" data-player="' in html


def _page_card(address: str, card: LinkCard) -> str:
    description = f'<p class="card-text">{escape(card.description)}</p>' if card.description else ""
    picture = _picture(card)
    return (
        f'<div class="card{" pictured" if picture else ""}">{picture}'
        f'<p class="card-title"><a href="{escape(address)}" rel="noopener">{escape(card.title)}</a></p>'
        f"{description}{_source(address, card.site_name)}</div>"
    )


def _video_card(address: str, card: LinkCard | None, video: Video, play: str) -> str:
    title = (card.title if card else "") or video.site
    named = title if title == video.site else f"{title} · {video.site}"
    return (
        f'<div class="card video" data-player="{escape(video.player)}" data-title="{escape(named)}">'
        f'{_picture(card) if card else ""}<p class="card-title"><a href="{escape(address)}" rel="noopener">'
        f'<span class="card-play">{escape(play)}</span> {escape(title)}</a></p>'
        f"{_source(address, video.site)}</div>"
    )


def _picture(card: LinkCard) -> str:
    if card.picture is None:
        return ""
    address, width, height = small_address(card.picture), card.picture.width, card.picture.height
    return f'<img class="card-picture" src="{escape(address)}" alt="" width="{width}" height="{height}" loading="lazy">'


def _source(address: str, site: str) -> str:
    host = _host(address)
    name = f"{site} · {host}" if site and site.lower() not in host.lower() else host
    return f'<p class="card-source">{escape(name)}</p>'


def _host(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
