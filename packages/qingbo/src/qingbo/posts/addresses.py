"""Addresses of posts: choosing free ones, and redirects from old ones. Flushes; the caller commits."""

import secrets
from collections.abc import Callable, Iterable
from itertools import count
from typing import Any

from flask import current_app, url_for
from flask_babel import gettext as _
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute, Session

from qingbo.clock import now
from qingbo.database import begins_with
from qingbo.errors import InputRefused
from qingbo.posts.kinds import PAGE
from qingbo.posts.models import SLUG_LENGTH, Post, Redirect, Series
from qingbo.rendering.slugs import is_slug, numbered, slug_of
from qingbo.site_settings import current_zone

RESERVED = {"new", "autosave", "preview", "pasted", "tags", "deleted"}
"""Words with their own meaning at the place of a slug."""

PLANNED = {"search", "feed", "feeds", "rss", "atom", "sitemap", "robots", "api", "admin", "pages", "authors"}
"""Words that are reserved for later use, so that no page can have them as slug."""


def endpoint_of(post: Any) -> str:
    """Return the endpoint of the page of a post, or of a row with its kind. It takes the slug."""
    return "site.show_page" if post.kind == PAGE else "site.show_post"


def address_of(post: Any, **values: Any) -> str:
    """Return the address of a post, or of a row with its kind and slug, on this site."""
    return url_for(endpoint_of(post), slug=post.slug, **values)


def words_of_the_app() -> set[str]:
    """Return the first path segments that the app itself uses, because pages are at the top level, too."""
    return PLANNED | {rule.rule.split("/")[1] for rule in current_app.url_map.iter_rules()}


def refuse_reserved(post: Post) -> None:
    """Raise `InputRefused` if a page has an address of the app itself."""
    if post.kind == PAGE and post.slug in words_of_the_app():
        raise InputRefused(_("The URL “/%(slug)s” is reserved. Choose another one.", slug=post.slug))


def move_post(session: Session, post: Post, wish: str) -> None:
    """Change the address of a post; its old addresses redirect permanently.

    Raises:
        InputRefused: if `wish` gives no valid slug, or another post has or had it.
    """
    slug = slug_of(wish)[:SLUG_LENGTH]
    if not slug or slug in RESERVED:
        raise InputRefused(_("“%(slug)s” can’t be used as a URL. Use letters or digits.", slug=wish[:SLUG_LENGTH]))
    taken = _("The URL “%(slug)s” is or was used by another post. Choose another one.", slug=slug)
    take_slug(session, post, slug, path_of, taken)


def take_slug(session: Session, row: Post | Series, slug: str, path: Callable[[str], str], taken: str) -> None:
    """Change the slug of a post or a series; its old paths redirect permanently.

    Args:
        session: that the row was read with.
        row: which has a slug already.
        slug: from `slug_of`.
        path: returns the path of a slug, as redirects store it.
        taken: the message if another row has or had the slug.

    Raises:
        InputRefused: in that case.
    """
    if slug == row.slug:
        return
    table, old, new = type(row), path(row.slug), path(slug)
    held = session.scalar(select(Redirect.target).where(Redirect.path == new))
    if session.scalar(select(table.id).where(table.slug == slug)) or (held and held != old):
        raise InputRefused(taken)
    try:
        with session.begin_nested():
            session.execute(delete(Redirect).where(Redirect.path == new))
            session.execute(update(Redirect).where(Redirect.target == old).values(target=new))
            session.add(Redirect(path=old, target=new))
            row.slug = slug
    except IntegrityError as error:  # another transaction took it after the check
        raise InputRefused(taken) from error


def path_of(slug: str) -> str:
    """Return the path of a post as redirects store it. Pages use it, too: it leads to their own address."""
    return f"/posts/{slug}"


def path_of_series(slug: str) -> str:
    """Return the path of a series."""
    return f"/series/{slug}"


def insert_at_free_slug(session: Session, post: Post, wish: str) -> None:
    """Add a post with the slug that it wants, or a similar one; without a wish, one from its title or date."""
    wish = wish if is_slug(wish) else slug_of(wish) or slug_of(post.title) or ("post" if post.title else "")
    is_dated, wish = not wish, wish or _day_of(post)
    for attempt in range(5):
        # A transaction may not see a slug that another has just taken; then only a random one helps.
        taken = words_of_the_app() if post.kind == PAGE else ()
        free = free_slug(session, Post.slug, wish, is_numbered=is_dated, without=taken)
        post.slug = free if attempt == 0 else f"{wish}-{secrets.token_hex(3)}"
        try:
            with session.begin_nested():
                session.add(post)
            return
        except IntegrityError:  # another post took it after the check
            continue
    raise InputRefused(_("No free URL was found for this post. Please try again."))


def _day_of(post: Post) -> str:
    return f"{(post.date or now()).astimezone(current_zone()):%Y-%m-%d}"


def free_slug(
    session: Session,
    column: InstrumentedAttribute[str],
    wish: str,
    *,
    is_numbered: bool = False,
    without: Iterable[str] = (),
) -> str:
    """Return the first of `wish`, `wish-2`, … that is free. With `is_numbered`, the first one is `wish-1`."""
    wish = wish[: SLUG_LENGTH - 12]
    taken = RESERVED | set(without) | set(session.scalars(select(column).where(begins_with(column, wish))))
    if column is Post.slug:  # old addresses redirect to their post permanently
        old = session.scalars(select(Redirect.path).where(begins_with(Redirect.path, path_of(wish))))
        taken |= {path.removeprefix(path_of("")) for path in old}
    slugs = (f"{wish}-1" if is_numbered and number == 1 else numbered(wish, number) for number in count(1))
    return next(slug for slug in slugs if slug not in taken)
