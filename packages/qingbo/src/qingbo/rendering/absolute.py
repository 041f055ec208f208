"""Makes the addresses in sanitized HTML absolute, for readers outside the site."""

import re
from collections.abc import Callable
from html import escape, unescape
from urllib.parse import urljoin

_TAG = re.compile(r"""<[a-zA-Z](?:[^"<>]|"[^"]*")*>""")
_ATTRIBUTE = re.compile(r"""(\s)([^\s="'<>/]+)="([^"]*)\"""")
_ONE_ADDRESS = {"action", "cite", "data", "formaction", "href", "longdesc", "poster", "src"}
_CANDIDATE = re.compile(r"(?P<address>[^\s,](?:\S*[^\s,])?)(?P<size>\s[^,]*)?")
"""A candidate in ``srcset``: an address, which may contain commas, and a width or density."""


def with_absolute_addresses(html: str, page: str) -> str:
    """Return sanitized HTML with its addresses resolved relative to the page at `page`."""
    return with_changed_addresses(html, lambda address: _joined(page, address))


def with_changed_addresses(html: str, change: Callable[[str], str]) -> str:
    """Return HTML whose attributes are in double quotes, with its addresses changed by a function."""

    def whole(match: re.Match[str]) -> str:
        space, name, value = match.groups()
        if name in _ONE_ADDRESS:
            value = escape(change(unescape(value)))
        elif name == "srcset":
            value = escape(_CANDIDATE.sub(candidate, unescape(value)))
        return f'{space}{name}="{value}"'

    def candidate(match: re.Match[str]) -> str:
        return change(match["address"]) + (match["size"] or "")

    return _TAG.sub(lambda tag: _ATTRIBUTE.sub(whole, tag[0]), html)


def _joined(page: str, address: str) -> str:
    try:
        return urljoin(page, address.strip())
    except ValueError:  # not an address, such as http://[
        return address
