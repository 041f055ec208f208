"""The languages of the pages, and which one a request gets."""

from functools import cache
from pathlib import Path

from babel import Locale
from flask import current_app, g, has_request_context, request
from flask_login import current_user

from qingbo.page_cache.fragments import asked_language
from qingbo.site_settings import current_settings

LANGUAGES = {"zh": "中文", "en": "English"}
"""By their code, each in itself."""

TAGS = {"zh": "zh-Hans", "en": "en"}
"""What stands in ``lang`` (BCP 47)."""

COOKIE = "qingbo_language"
CATALOGUES = Path(__file__).parent / "translations"
DOMAIN = "messages"


def page_language() -> str:
    """Return the language of the page that is asked for: the account's, the chosen one, the browser's, the site's.

    The command line, which answers no request, speaks English.
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
    """Return the locale of the page that is asked for."""
    return _locale_of(page_language())


@cache
def _locale_of(language: str) -> Locale:
    return Locale.parse(language)


def page_timezone() -> str:
    """Return the time zone of the dates on pages."""
    return current_settings().timezone if current_app else "UTC"
