"""The languages of the pages, and which one a request gets."""

from pathlib import Path

from flask import current_app, has_request_context, request
from flask_login import current_user

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
    if current_user and current_user.is_authenticated and current_user.language in LANGUAGES:
        return str(current_user.language)
    if (chosen := request.cookies.get(COOKIE)) in LANGUAGES:
        return str(chosen)
    return request.accept_languages.best_match(LANGUAGES) or current_settings().language


def page_timezone() -> str:
    """Return the time zone of the dates on pages."""
    return current_settings().timezone if current_app else "UTC"
