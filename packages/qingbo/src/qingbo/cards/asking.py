"""Queue the pages that a post links to when it is saved. Flushes; the caller commits, and nobody waits."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from qingbo.background import enqueue
from qingbo.cards.models import LinkCard
from qingbo.cards.queries import cards_at, digest_of
from qingbo.clock import now
from qingbo.site_settings import current_settings

TASK = "fetch_card"

FRESH = timedelta(days=30)
"""How long a card is shown before its page is fetched again."""
GIVEN_UP = timedelta(days=1)
"""How long to wait after a page could not be fetched."""


def ask_for(session: Session, addresses: Sequence[str]) -> None:
    """Queue the pages of a post that were never fetched, or long ago."""
    if not addresses or not current_settings().link_previews:
        return
    known = cards_at(session, addresses)
    # Always in the same order: two transactions that save at once wait for each other instead of deadlocking.
    for address in sorted(addresses):
        card = known.get(address) or _new_card(session, address)
        if card is not None and _is_due(card):
            card.asked_at = card.next_try_at = now()
            card.tries = 0
            session.flush()
            enqueue(session, TASK, card.id)


def _is_due(card: LinkCard) -> bool:
    if card.next_try_at is not None:
        # A new card has tries 0. Other cards are in the queue already, or the sweep finds them.
        return card.tries == 0 and card.fetched_at is None
    if card.fetched_at is None or card.reason:
        return card.asked_at <= now() - GIVEN_UP
    return card.fetched_at <= now() - FRESH


def _new_card(session: Session, address: str) -> LinkCard | None:
    """Insert a row for an address. If another post inserts it at the same moment, return that row, if it is visible."""
    try:
        with session.begin_nested():
            session.add(card := LinkCard(address=address, address_digest=digest_of(address)))
        return card
    except IntegrityError:
        return session.scalar(select(LinkCard).where(LinkCard.address_digest == digest_of(address)))
