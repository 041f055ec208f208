"""The languages of pages, and the choice of one for a request."""

from functools import cache
from pathlib import Path

from babel import Locale
from flask import current_app, g, has_request_context, request
from flask_login import current_user

from qingbo.page_cache.fragments import asked_language
from qingbo.site_settings import current_settings

LANGUAGES = {"zh": "中文", "en": "English"}
"""Names by code, each in its own language."""

TAGS = {"zh": "zh-Hans", "en": "en"}
"""Values of the ``lang`` attribute (BCP 47)."""

COOKIE = "qingbo_language"
CATALOGUES = Path(__file__).parent / "translations"
DOMAIN = "messages"


def page_language() -> str:
    """Return the language of the requested page: the account's, the cookie's, the browser's or the site's.

    Outside a request, such as on the command line, it is English.
    """
    if not has_request_context():
        return "en"
    if "page_language" not in g:
        g.page_language = _asked_language()
    return str(g.page_language)


def _asked_language() -> str:
    if (asked := asked_language()) is not None:
        return asked or current_settings().language
    if current_user and current_user.is_authenticated and current_user.language in LANGUAGES:
        return str(current_user.language)
    if (chosen := request.cookies.get(COOKIE)) in LANGUAGES:
        return str(chosen)
    return request.accept_languages.best_match(LANGUAGES) or current_settings().language


def page_locale() -> Locale:
    """Return the locale of the requested page."""
    return _locale_of(page_language())


@cache
def _locale_of(language: str) -> Locale:
    return Locale.parse(language)


def page_timezone() -> str:
    """Return the time zone of the dates on pages."""
    return current_settings().timezone if current_app else "UTC"
