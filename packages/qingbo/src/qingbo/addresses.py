"""Addresses of pages for use outside the page itself: in mails, in links to hand over, in feeds."""

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
    """Return the address of a page, for mails and links to hand over: at ``address``, or without scheme and host.

    Never at the host that the request names: anybody can send a request with any Host header, and a link in a mail
    may open an account.
    """
    return f"{given_settings().address or ''}{url_for(endpoint, **values)}"


def absolute_url(endpoint: str, **values: Any) -> str:
    """Return the address of a page with scheme and host, for feeds: without ``address``, as the request says."""
    address = g.get("address_of_text") or given_settings().address
    return address + url_for(endpoint, **values) if address else url_for(endpoint, _external=True, **values)


@dataclass(frozen=True, slots=True)
class Text:
    """A text with addresses of `absolute_url` which can be kept: the host of a request is put into it later."""

    text: str
    changed_at: datetime | None

    def written(self) -> str:
        """Return the text for this request."""
        return self.text.replace(_HOST, absolute_url("site.show_home").removesuffix("/"))


@contextmanager
def without_host() -> Iterator[None]:
    """Let `absolute_url` leave the host out, for a `Text`."""
    g.address_of_text = _HOST
    try:
        yield
    finally:
        del g.address_of_text


_HOST = f"https://{secrets.token_hex(8)}.invalid"
"""Stands for scheme and host. Nobody can know it and write it into a post."""


def with_whole_addresses(response: Response) -> Response:
    """Return an answer that has addresses of `absolute_url`, with what caches and those who ask again go by."""
    response.headers["Cache-Control"] = "no-cache"
    if not given_settings().address:  # the addresses are as the request says: wrong for anybody else's
        response.headers["Cache-Control"] = "private, no-store"
        response.vary.update(SAID_BY_PROXIES)
    response.add_etag()
    # The time may go back: of a feed whose newest post was deleted. Only who has this very time has what is there now.
    if request.if_none_match or request.if_modified_since == response.last_modified:
        response.make_conditional(request)
    return response
