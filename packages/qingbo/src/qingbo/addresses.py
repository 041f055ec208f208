"""Addresses of pages for use outside the page itself: in mails, feeds, and links that people pass on."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response, g, request, url_for

from qingbo.site_settings import given_settings

SAID_BY_PROXIES = ("Host", "X-Forwarded-Host", "X-Forwarded-Proto")


def site_url(endpoint: str, **values: Any) -> str:
    """Return the address of a page for mails and links: under the setting ``address``, or without scheme and host.

    It never uses the Host header of the request: anybody can send any host, and a link in a mail may open an account.
    """
    return f"{given_settings().origin}{url_for(endpoint, **values)}"


def absolute_url(endpoint: str, **values: Any) -> str:
    """Return the address of a page with scheme and host, for feeds. Without ``address`` they come from the request."""
    address = g.get("address_of_text") or given_settings().origin
    return address + url_for(endpoint, **values) if address else url_for(endpoint, _external=True, **values)


@dataclass(frozen=True, slots=True)
class Text:
    """A text that contains results of `absolute_url` and can be cached: the host is filled in for each request."""

    text: str
    changed_at: datetime | None

    def written(self) -> str:
        """Return the text with the host for this request."""
        return self.text.replace(_HOST, given_settings().origin or request.host_url.removesuffix("/"))


@contextmanager
def without_host() -> Iterator[None]:
    """Let `absolute_url` write a placeholder instead of the host, for a `Text`."""
    g.address_of_text = _HOST
    try:
        yield
    finally:
        del g.address_of_text


_HOST = f"https://{secrets.token_hex(8)}.invalid"
"""Placeholder for scheme and host. It is random, so nobody can write it into a post."""


def with_whole_addresses(response: Response) -> Response:
    """Add caching and validation headers to a response with addresses of `absolute_url`."""
    response.headers["Cache-Control"] = "no-cache"
    if not given_settings().address:  # the host comes from this request, and is wrong for other clients
        response.headers["Cache-Control"] = "private, no-store"
        response.vary.update(SAID_BY_PROXIES)
    response.add_etag()
    # Last-Modified may go back, when the newest post of a feed is deleted. So 304 requires exactly this date.
    if request.if_none_match or request.if_modified_since == response.last_modified:
        response.make_conditional(request)
    return response
