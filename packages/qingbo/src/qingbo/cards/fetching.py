"""Fetching the pages of cards in the background. No transaction is open while a page is fetched."""

import logging
from datetime import timedelta
from io import BytesIO
from pathlib import PurePath
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from sqlalchemy import select, update

from qingbo.cards.models import DESCRIPTION_LENGTH, REASON_LENGTH, SITE_NAME_LENGTH, TITLE_LENGTH, LinkCard
from qingbo.cards.players import video_at
from qingbo.cards.queries import MOST_TRIES, is_due
from qingbo.clock import now
from qingbo.database import writing
from qingbo.errors import InputRefused
from qingbo.extensions import db
from qingbo.fetching.errors import NotFetched, Refused
from qingbo.fetching.fetcher import Fetcher
from qingbo.fetching.pages import Page, read_oembed, read_page
from qingbo.media.intake import take_in
from qingbo.media.models import Kind
from qingbo.media.place import current_storage
from qingbo.page_cache.changes import public_write
from qingbo.site_settings import current_settings

log = logging.getLogger(__name__)

PAUSES = (timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6), timedelta(days=1))
"""Minimum waits before the second try, the third, and so on; the sweep runs once an hour."""
CLAIM = timedelta(minutes=2)
"""How long a process that fetches a page reserves it."""

JSON = ("application/json",)
PICTURES = ("image/",)


def fetch_card(app: Flask, number: int, fetcher: Fetcher | None = None) -> None:
    """Fetch the page of a card and store its title and text, or the reason for the failure.

    Does nothing if the card is not due, another process is fetching it, or link previews are off.
    """
    with app.app_context():
        if not current_settings().link_previews:
            return
        db.session.rollback()  # ends the transaction that read the settings
        card = _claimed(number)
        if card is not None:
            _write(card.id, _fetched(card.address, fetcher or Fetcher(), card.tries))


def _claimed(number: int) -> LinkCard | None:
    """Reserve a due card by moving its next try ahead, and return it; None if it is not due."""
    due = select(LinkCard.id, LinkCard.address, LinkCard.tries).where(LinkCard.id == number, is_due())
    with writing(), db.engine.begin() as connection:
        card = connection.execute(due.with_for_update(skip_locked=True)).first()
        if card is None:
            return None
        ahead = {"tries": card.tries + 1, "next_try_at": now() + CLAIM}
        connection.execute(update(LinkCard).where(LinkCard.id == number).values(ahead))
    return LinkCard(**card._asdict())


def _fetched(address: str, fetcher: Fetcher, tries: int) -> dict[str, Any]:
    """Return the new values of the row."""
    try:
        page = _page(address, fetcher)
    except NotFetched as error:
        again = None if isinstance(error, Refused) or tries + 1 >= MOST_TRIES else now() + PAUSES[tries]
        return {"reason": str(error)[:REASON_LENGTH], "next_try_at": again}
    except Exception:
        log.exception("The page of %s could not be read.", address)
        return {"reason": "The page could not be read.", "next_try_at": None}
    return {
        "title": page.title[:TITLE_LENGTH],
        "description": page.description[:DESCRIPTION_LENGTH],
        "site_name": page.site_name[:SITE_NAME_LENGTH],
        "picture_id": _picture_id(page.picture, fetcher) if page.picture else None,
        "fetched_at": now(),
        "next_try_at": None,
        "reason": None,
        "tries": 0,
    }


def _picture_id(address: str, fetcher: Fetcher) -> int | None:
    """Store the picture at an address like an upload and return its number, or None if that fails."""
    try:
        body = fetcher.fetch(address, PICTURES).body
        with writing():
            name = PurePath(urlsplit(address).path).name or "picture"
            storage = current_storage()
            media = take_in(db.session(), storage, BytesIO(body), name, None, most_bytes=len(body), names_may_lie=True)
            number = media.id if media.kind == Kind.PICTURE else None
            db.session.commit()
    except (NotFetched, InputRefused):
        return None
    finally:
        db.session.rollback()
    return number


def _page(address: str, fetcher: Fetcher) -> Page:
    if (video := video_at(address)) and video.description:
        return read_oembed(fetcher.fetch(video.description, JSON))
    return read_page(fetcher.fetch(address))


def _write(number: int, values: dict[str, Any]) -> None:
    with writing(), public_write(db.engine) as connection:
        connection.execute(update(LinkCard).where(LinkCard.id == number).values(values))
