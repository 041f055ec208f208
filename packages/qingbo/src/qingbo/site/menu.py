"""The menu in the header."""

from dataclasses import dataclass

from flask import has_request_context, request
from flask_babel import gettext as _

from qingbo.menus import ARCHIVE, HOME, SERIES, TAGS, MenuEntry
from qingbo.posts.menu_targets import open_entries
from qingbo.site_settings import current_settings


@dataclass(frozen=True, slots=True)
class MenuItem:
    """A link in the menu."""

    label: str
    address: str
    is_current: bool


def menu() -> list[MenuItem]:
    """Return the menu for the current page, without entries whose targets are not public."""
    current = current_entry()
    entries = open_entries(current_settings().menu)
    return [MenuItem(label_of(entry), entry.address, entry.address == current) for entry in entries]


def current_entry() -> str:
    """Return the address of the menu entry for the current page, or an empty string."""
    path = request.path if has_request_context() else ""
    return path if any(entry.address == path for entry in current_settings().menu) else ""


def label_of(entry: MenuEntry) -> str:
    """Return the label of an entry."""
    names = {HOME: _("Home"), ARCHIVE: _("Archive"), TAGS: _("Tags"), SERIES: _("Series")}
    return entry.label or names[entry.address]
