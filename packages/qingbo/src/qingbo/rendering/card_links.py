"""The addresses that the HTML of a post shows as cards."""

import re
from html import unescape

MOST = 50
"""Addresses of one text that become cards; further ones stay links."""

_CARD = re.compile(r'<p class="card-link"><a href="([^"]*)"')


def addresses_of(html: str) -> list[str]:
    """Return the addresses that clean HTML of a post asks to show as cards: in order, each once."""
    return list(dict.fromkeys(unescape(found[1]) for found in _CARD.finditer(html)))[:MOST]
