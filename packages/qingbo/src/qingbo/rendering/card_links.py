"""Which addresses in a post's HTML are shown as cards."""

import re
from html import unescape

MOST = 50
"""Maximum number of cards per text; further addresses stay links."""

_CARD = re.compile(r'<p class="card-link"><a href="([^"]*)"')


def addresses_of(html: str) -> list[str]:
    """Return the addresses that a post's HTML marks as cards, in order, without duplicates."""
    return list(dict.fromkeys(unescape(found[1]) for found in _CARD.finditer(html)))[:MOST]
