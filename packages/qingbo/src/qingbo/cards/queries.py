"""Reads of link cards."""

import hashlib
from collections.abc import Iterable

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session, joinedload

from qingbo.cards.models import LinkCard
from qingbo.clock import now

MOST_TRIES = 5
"""How often a page is tried before it is given up."""
MOST_ADDRESSES = 500
"""How many addresses of a page are looked up."""


def digest_of(address: str) -> str:
    """Return the digest that identifies an address."""
    return hashlib.sha256(address.encode()).hexdigest()


def cards_at(session: Session, addresses: Iterable[str]) -> dict[str, LinkCard]:
    """Return the cards at some addresses with their pictures, in one query, or none if there are no addresses."""
    digests = list(dict.fromkeys(map(digest_of, addresses)))[:MOST_ADDRESSES]
    if not digests:
        return {}
    statement = select(LinkCard).where(LinkCard.address_digest.in_(digests)).options(joinedload(LinkCard.picture))
    cards = session.scalars(statement)
    return {card.address: card for card in cards}


def is_due() -> ColumnElement[bool]:
    """Return the condition that a card's page is to be fetched now."""
    return and_(LinkCard.next_try_at <= now(), LinkCard.tries < MOST_TRIES)


def waiting(session: Session, limit: int, after: int = 0) -> list[int]:
    """Return the numbers of cards that are to be fetched now, in order, after a number."""
    due = select(LinkCard.id).where(is_due(), LinkCard.id > after)
    return list(session.scalars(due.order_by(LinkCard.id).limit(limit)))
