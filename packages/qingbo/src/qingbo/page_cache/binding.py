"""Keeping pages for an app: which of its views make pages that are the same for all readers without a session."""

import time
from collections.abc import Callable
from datetime import datetime

from flask import Flask, Response, request
from flask import session as browser_session

from qingbo.config import Settings
from qingbo.extensions import db
from qingbo.guards import carries_token
from qingbo.page_cache.freshness import Files, Stamp, freshness_of
from qingbo.page_cache.layer import PageLayer, cache_control_for
from qingbo.page_cache.marking import MARK, mark_until
from qingbo.page_cache.requests import Requests
from qingbo.page_cache.store import Store
from qingbo.site_settings import is_without_database

PUBLIC = {
    "feeds.list_feeds",
    "feeds.show_feed",
    "machines.show_manifest",
    "machines.show_robots",
    "machines.show_search",
    "site.list_series",
    "site.list_tags",
    "site.search",
    "site.show_archive",
    "site.show_home",
    "site.show_month",
    "site.show_page",
    "site.show_post",
    "site.show_series",
    "site.show_tag",
    "site.show_user",
    "site.show_year",
    "sitemap.show_part",
    "sitemap.show_sitemap",
    "static",
    "stylesheets.show_stylesheet",
}
"""Views whose pages are kept, where nobody is known by a cookie."""

EXTENSION = "qingbo_page_cache"
LONGEST_SECONDS = 3600
"""After which every page is made anew: a bound for what nobody thought of."""

NextMoment = Callable[[], datetime | None]


def keep_pages(
    app: Flask,
    settings: Settings,
    languages: tuple[str, ...],
    language_cookie: str,
    next_scheduled: NextMoment,
    files: Files,
) -> None:
    """Put the layer of stored pages around an app, unless a setting turns it off.

    Args:
        app: whose extensions are bound.
        settings: with the memory for pages, and what shared caches may do.
        languages: codes of those that pages are in.
        language_cookie: the name of the cookie with the chosen one.
        next_scheduled: returns when the next post appears by itself.
        files: returns a value that is another one after a file changed that pages go by.
    """
    if not settings.page_cache_megabytes:
        return
    private = (app.config["SESSION_COOKIE_NAME"], app.config.get("REMEMBER_COOKIE_NAME", "remember_token"))
    with app.app_context():
        freshness = freshness_of(db.engine, files)
    layer = PageLayer(
        app.wsgi_app,
        Requests(languages, language_cookie, private),
        freshness,
        Store(settings.page_cache_megabytes * 1024**2),
        cache_control_for(settings.shared_cache_seconds),
    )
    app.wsgi_app = layer  # type: ignore[method-assign]
    app.extensions[EXTENSION] = layer
    appearing = _Appearing(next_scheduled)

    def mark(response: Response) -> Response:
        if _may_be_kept(response):
            request.environ[MARK] = mark_until(appearing.before(layer.freshness.stamp, time.time() + LONGEST_SECONDS))
        return response

    app.after_request(mark)


def _may_be_kept(response: Response) -> bool:
    return (
        request.endpoint in PUBLIC
        and response.status_code == 200
        and not browser_session
        and not carries_token()
        and not is_without_database()
    )


class _Appearing:
    """When the next post appears by itself, asked once for each change of the database."""

    def __init__(self, next_scheduled: NextMoment) -> None:
        self._next_scheduled = next_scheduled
        self._known: tuple[Stamp, float] | None = None

    def before(self, stamp: Stamp, latest: float) -> float:
        """Return the moment in seconds since 1970, `latest` if that is earlier."""
        known = self._known
        if known is None or known[0] != stamp or known[1] <= time.time():
            moment = self._next_scheduled()
            known = self._known = (stamp, moment.timestamp() if moment else float("inf"))
        return min(latest, known[1])
