"""Addresses of pages for use outside the page itself: in mails, in links to hand over, in feeds."""

from typing import Any

from flask import url_for

from qingbo.site_settings import given_settings


def site_url(endpoint: str, **values: Any) -> str:
    """Return the address of a page, for mails and links to hand over: at ``address``, or without scheme and host.

    Never at the host that the request names: anybody can send a request with any Host header, and a link in a mail
    may open an account.
    """
    return f"{given_settings().address or ''}{url_for(endpoint, **values)}"


def absolute_url(endpoint: str, **values: Any) -> str:
    """Return the address of a page with scheme and host, for feeds: without ``address``, as the request says."""
    address = given_settings().address
    return address + url_for(endpoint, **values) if address else url_for(endpoint, _external=True, **values)
