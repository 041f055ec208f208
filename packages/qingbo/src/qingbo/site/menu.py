"""The menu in the header."""

from dataclasses import dataclass

from flask import request, url_for
from flask_babel import gettext as _


@dataclass(frozen=True, slots=True)
class MenuItem:
    """A link of the menu."""

    label: str
    address: str
    is_current: bool


def menu() -> list[MenuItem]:
    """Return the menu of the page that is shown."""
    entries = ((_("Home"), "site.show_home"), (_("Archive"), "site.show_archive"), (_("Tags"), "site.list_tags"))
    return [MenuItem(label, url_for(endpoint), request.endpoint == endpoint) for label, endpoint in entries]
