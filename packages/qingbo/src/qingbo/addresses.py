"""Whole addresses of pages, for feeds and mail: at the address of the settings, else as the request says."""

from typing import Any

from flask import url_for

from qingbo.site_settings import given_settings


def absolute_url(endpoint: str, **values: Any) -> str:
    """Return the address of a page with scheme and host."""
    address = given_settings().address
    return address + url_for(endpoint, **values) if address else url_for(endpoint, _external=True, **values)
