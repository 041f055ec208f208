"""The menu in the header."""

from dataclasses import dataclass

from flask import has_request_context, request
from flask_babel import gettext as _

from qingbo.menus import ARCHIVE, HOME, SERIES, TAGS, MenuEntry
from qingbo.posts.menu_targets import open_entries
from qingbo.site_settings import current_settings


@dataclass(frozen=True, slots=True)
class MenuItem:
    """A link of the menu."""

    label: str
    address: str
    is_current: bool


def menu() -> list[MenuItem]:
    """Return the menu of the page that is shown, without entries whose page not everybody may read."""
    current = current_entry()
    entries = open_entries(current_settings().menu)
    return [MenuItem(label_of(entry), entry.address, entry.address == current) for entry in entries]


def current_entry() -> str:
    """Return the address of the entry of the menu that leads to the page which is shown, empty for none."""
    path = request.path if has_request_context() else ""
    return path if any(entry.address == path for entry in current_settings().menu) else ""


def label_of(entry: MenuEntry) -> str:
    """Return what an entry is called."""
    names = {HOME: _("Home"), ARCHIVE: _("Archive"), TAGS: _("Tags"), SERIES: _("Series")}
    return entry.label or names[entry.address]
