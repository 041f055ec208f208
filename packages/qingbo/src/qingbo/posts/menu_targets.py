"""Which menu entries lead to posts, pages and series, and since when these are public.

The menu must not link to a missing page, but showing it must not query the database. So a change that hides or shows a
page also records the targets, in a row that is read together with the settings. Flushes; the caller commits.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from qingbo.clock import now
from qingbo.menus import MenuEntry
from qingbo.page_cache.marking import changes_at
from qingbo.posts.addresses import RESERVED, path_of_series, words_of_the_app
from qingbo.posts.kinds import PAGE
from qingbo.posts.models import UNLISTED, Post, Series
from qingbo.posts.queries import address_now
from qingbo.posts.states import kept
from qingbo.site_settings import SiteSetting, changeable_settings, current_settings, stored_value

NAME = "menu_targets"
"""The key in `site_settings`; no setting has this name."""

Targets = dict[str, tuple[str, str]]
"""For each address: the slug of its target, and since when the target is public; empty if it is not."""


def open_entries(menu: Iterable[MenuEntry]) -> list[MenuEntry]:
    """Return the entries whose targets are public now. Makes no query."""
    return open_by(_recorded(), menu)


def open_by(targets: Targets, menu: Iterable[MenuEntry]) -> list[MenuEntry]:
    """Return the entries whose targets, as given, are public now."""
    moment = now()

    def is_open(since: str) -> bool:
        if not since:
            return False
        opens = datetime.fromisoformat(since)
        if opens > moment:
            changes_at(opens)
        return opens <= moment

    return [entry for entry in menu if entry.address not in targets or is_open(targets[entry.address][1])]


def targets_of(session: Session, menu: Iterable[MenuEntry]) -> Targets:
    """Return the targets of the entries that lead to posts, pages and series."""
    targets: Targets = {}
    taken = words_of_the_app()
    for address in (entry.address for entry in menu):
        first, *rest = urlsplit(address).path.removeprefix("/").split("/")
        if not address.startswith("/") or len(rest) > 1:
            continue
        if first and not rest and first not in taken:
            targets[address] = _post_at(session, first)
        elif first == "posts" and rest and rest[0] not in RESERVED:
            targets[address] = _post_at(session, rest[0])
        elif first == "series" and rest:
            targets[address] = _series_at(session, rest[0])
    return targets


def record_targets(session: Session) -> None:
    """Record the current targets of the menu."""
    session.flush()
    _lock(session)
    text = json.dumps(targets_of(session, _menu_now(session)))
    session.execute(update(SiteSetting).where(SiteSetting.name == NAME).values(value=text))


def record_change(session: Session, post: Post, *, was_page: bool = False, old_slug: str = "") -> None:
    """Record the targets of the menu again, if a changed post may be among them."""
    if was_page or post.kind == PAGE or {post.slug, old_slug} & {slug for slug, _since in _recorded().values()}:
        record_targets(session)


def _recorded() -> Targets:
    targets: Targets = json.loads(stored_value(NAME) or "{}")
    return targets


def _lock(session: Session) -> None:
    """Lock the row, inserting it if it is missing, so that the second of two changes sees the first."""
    wanted = select(SiteSetting.name).where(SiteSetting.name == NAME).with_for_update()
    if session.scalar(wanted) is None:
        try:
            with session.begin_nested():
                session.execute(insert(SiteSetting).values(name=NAME, value="{}"))
        except IntegrityError:  # another process has inserted it
            session.scalar(wanted)


def _menu_now(session: Session) -> Sequence[MenuEntry]:
    """Return the menu from the database: another process may have changed it since this request began."""
    value = session.scalar(select(SiteSetting.value).where(SiteSetting.name == "menu"))
    if value is None or "menu" not in changeable_settings():
        return current_settings().menu
    return [MenuEntry.model_validate(entry) for entry in json.loads(value)]


def _post_at(session: Session, slug: str) -> tuple[str, str]:
    columns = (Post.slug, Post.published_at, Post.dated_at, Post.visibility)
    names = {slug, address_now(session, slug)}
    row = session.execute(select(*columns).where(Post.slug.in_(names), kept())).first()
    if row is None:
        return slug, ""
    since = row.published_at or (row.dated_at if row.visibility == UNLISTED else None)
    return row.slug, since.isoformat() if since else ""


def _series_at(session: Session, slug: str) -> tuple[str, str]:
    names = {slug, address_now(session, slug, path_of_series)}
    row = session.execute(select(Series.slug, Series.created_at).where(Series.slug.in_(names))).first()
    return (row.slug, row.created_at.isoformat()) if row else (slug, "")
