"""Whom people can ask where no mail helps them: the administrators, by the names that readers see."""

from babel.lists import format_list
from flask_babel import get_locale
from flask_babel import gettext as _

from qingbo.accounts.queries import administrators
from qingbo.extensions import session


def names_to_ask() -> str:
    """Return the names of administrators for a sentence, in the language of the page."""
    names = [user.shown_name for user in administrators(session())]
    return format_list(names, "or", locale=get_locale() or "en") if names else _("an administrator")
