"""The studio's menu page: its entries in order, and what can be added."""

from typing import Any

from flask import abort, current_app, flash, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.exceptions import HTTPException

from qingbo.accounts.access import administrator_required
from qingbo.audit.trail import note
from qingbo.errors import InputRefused
from qingbo.extensions import session
from qingbo.menus import BUILT_IN, LABEL_LENGTH, MOST_ENTRIES, MenuEntry
from qingbo.posts.addresses import address_of, path_of_series
from qingbo.posts.kinds import PAGE
from qingbo.posts.menu_targets import open_by, record_targets, targets_of
from qingbo.posts.models import Post, Series
from qingbo.posts.queries import tag_named
from qingbo.posts.states import State, in_state
from qingbo.posts.titles import title_of
from qingbo.rendering.characters import on_one_line
from qingbo.site.menu import label_of
from qingbo.site_settings import change_settings, changeable_settings, current_settings
from qingbo.studio import views
from qingbo.studio.views import bp

OFFERED = 200


@bp.get("/menu")
@administrator_required
def edit_menu() -> views.Page:
    """Show the menu, and what can be added to it."""
    return _menu_page()


@bp.post("/menu")
@administrator_required
def update_menu() -> views.Page:
    """Move, remove or add an entry."""
    if not _is_changeable():
        abort(403)
    entries = list(current_settings().menu)
    try:
        if "add" in request.form:
            _add(entries)
        elif "remove" in request.form:
            entries = [entry for entry in entries if entry.address != request.form["remove"]]
        else:
            _move(entries)
    except InputRefused as error:
        return _menu_page(problem=str(error), typed=request.form), 422
    if change_settings(session(), {"menu": [entry.model_dump() for entry in entries]}):
        note(session(), "settings", "menu")
        record_targets(session())
        session().commit()
        flash(_("Menu saved."), "done")
    return redirect(url_for("studio.edit_menu"), 303)


def _move(entries: list[MenuEntry]) -> None:
    """Swap an entry with the one above or below it."""
    step, address = (-1, request.form["up"]) if "up" in request.form else (1, request.form.get("down", ""))
    places = [place for place, entry in enumerate(entries) if entry.address == address]
    for place in places:
        other = place + step
        if 0 <= other < len(entries):
            entries[place], entries[other] = entries[other], entries[place]


def _add(entries: list[MenuEntry]) -> None:
    if len(entries) >= MOST_ENTRIES:
        raise InputRefused(_("The menu can have up to %(most)s items. Remove one first.", most=MOST_ENTRIES))
    entry = {"page": _page_wanted, "tag": _tag_wanted, "address": _address_wanted}.get(
        request.form["add"], lambda: abort(400)
    )()
    if entry.address in {each.address for each in entries}:
        raise InputRefused(_("“%(address)s” is already in the menu.", address=entry.address))
    entries.append(entry)


def _page_wanted() -> MenuEntry:
    target = request.form.get("target", "")
    for _group, choices in _offered():
        for entry in choices:
            if entry.address == target:
                return entry
    raise InputRefused(_("Choose a page to add."))


def _tag_wanted() -> MenuEntry:
    name = on_one_line(request.form.get("tag", "")[: LABEL_LENGTH * 2])
    tag = tag_named(session(), name)
    if tag is None:
        raise InputRefused(_("There is no tag named “%(name)s”.", name=name[:LABEL_LENGTH]))
    return _entry(tag.name, url_for("site.show_tag", slug=tag.slug))


def _address_wanted() -> MenuEntry:
    label, address = on_one_line(request.form.get("label", "")), request.form.get("address", "").strip()
    if len(label) > LABEL_LENGTH or not (label or address in BUILT_IN):
        raise InputRefused(_("Labels must have 1 to %(most)s characters.", most=LABEL_LENGTH))
    try:
        return MenuEntry(label=label, address=address)
    except ValueError as error:
        shown = address[:80]
        raise InputRefused(
            _("“%(address)s” isn’t a valid URL. URLs start with / or https:// and have no spaces.", address=shown)
        ) from error


def _offered() -> list[tuple[str, list[MenuEntry]]]:
    """Return suggestions in groups: pages of the blog, standalone pages, series."""
    pages = select(Post).where(Post.kind == PAGE, in_state(State.UNLISTED)).order_by(Post.id.desc()).limit(OFFERED)
    series = select(Series).order_by(Series.id.desc()).limit(OFFERED)
    return [
        (_("Blog"), [MenuEntry(address=address) for address in BUILT_IN]),
        (_("Pages"), [_entry(title_of(post), address_of(post)) for post in session().scalars(pages)]),
        (_("Series"), [_entry(each.title, path_of_series(each.slug)) for each in session().scalars(series)]),
    ]


def _entry(title: str, address: str) -> MenuEntry:
    return MenuEntry(label=_short(title), address=address)


def _short(title: str) -> str:
    return title if len(title) <= LABEL_LENGTH else f"{title[: LABEL_LENGTH - 1].rstrip()}…"


def _menu_page(**values: Any) -> str:
    entries = current_settings().menu
    there = open_by(targets_of(session(), entries), entries)
    known = {entry.address for entry in entries}
    offered = [(name, [each for each in group if each.address not in known]) for name, group in _offered()]
    return views.studio_page(
        "menu",
        entries=[(entry, entry in there, _is_known(entry)) for entry in entries],
        offered=[(name, group) for name, group in offered if group],
        label_of=label_of,
        is_changeable=_is_changeable(),
        is_full=len(entries) >= MOST_ENTRIES,
        **{"typed": {}} | values,
    )


def _is_known(entry: MenuEntry) -> bool:
    """Return whether an address is valid: it exists in the blog, or is on another site."""
    if not entry.address.startswith("/"):
        return True
    path = entry.address.partition("?")[0].partition("#")[0]
    try:
        current_app.url_map.bind("").match(path)
    except HTTPException as error:
        return error.code is not None and error.code < 400
    return True


def _is_changeable() -> bool:
    return "menu" in changeable_settings()
