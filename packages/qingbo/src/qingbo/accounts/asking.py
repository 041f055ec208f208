"""The people to contact if the blog cannot send mail: the administrators, by their display names."""

from babel.lists import format_list
from flask_babel import get_locale
from flask_babel import gettext as _

from qingbo.accounts.queries import administrators
from qingbo.extensions import session


def names_to_ask() -> str:
    """Return the administrators' names joined by "or", in the language of the page."""
    names = [user.shown_name for user in administrators(session())]
    return format_list(names, "or", locale=get_locale() or "en") if names else _("an administrator")
