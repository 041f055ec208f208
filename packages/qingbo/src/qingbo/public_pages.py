"""Pages that are the same for all readers without identifying cookies: which they are, and how they are cached."""

from typing import TYPE_CHECKING, Any

from flask import Flask, Request, Response, request
from flask import session as browser_session
from flask.globals import request_ctx
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface

from qingbo.config import Settings
from qingbo.database import say_writing
from qingbo.extensions import db
from qingbo.guards import add_headers, carries_token
from qingbo.page_cache.fragments import Fragments, NextMoment, keep_nothing, uses_fragments
from qingbo.page_cache.freshness import Files, freshness_of
from qingbo.page_cache.layer import PageLayer, cache_control_for
from qingbo.page_cache.marking import MARK, begin_page, end_page, mark_until
from qingbo.page_cache.requests import Requests
from qingbo.page_cache.store import Store
from qingbo.site_settings import is_without_database

if TYPE_CHECKING:
    from qingbo.page_cache.shared import SharedPages

LIMITED = "site.search"
"""A view with a rate limit."""

PUBLIC = {
    "feeds.list_feeds",
    "feeds.show_feed",
    "machines.show_manifest",
    "machines.show_robots",
    "machines.show_search",
    "site.list_series",
    "site.list_tags",
    LIMITED,
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
"""Views whose pages are stored, if no cookie identifies the reader."""

SHORT = (PUBLIC | {"media.show_media"}) - {LIMITED}
"""Views that guests reach by the short path."""

IN_FRONT = 4
"""With Redis, the store of a process has a fourth of the configured memory."""

LAYER, FRAGMENTS = "qingbo_page_cache", "qingbo_fragments"


class _Sessions(SecureCookieSessionInterface):
    """Sessions in signed cookies. Without a cookie, nothing is decoded."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return the session of a request."""
        if self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)


class Blog(Flask):
    """A Flask app with a short path to its public pages.

    Most requests have no cookie, no form and no unknown query field. For these, guards, sessions and rate limits have
    nothing to check, and the checks would take longer than making the page.
    """

    session_interface = _Sessions()

    def ensure_sync(self, func: Any) -> Any:
        """Return a view unchanged, because none is asynchronous."""
        return func

    def full_dispatch_request(self) -> Response:
        """Answer a request, by the short path if possible."""
        self._begin()
        if not (request.endpoint in SHORT and uses_fragments() and _is_plain()):
            return super().full_dispatch_request()
        say_writing(False)
        try:
            response = self.make_response(self.dispatch_request())
        except Exception as error:  # noqa: BLE001 - as in Flask: errors that no handler accepts are raised again
            response = self.make_response(self.handle_user_exception(error))
        if request_ctx.session.modified:
            return self.finalize_request(response)
        add_headers(response)
        return self._mark(response) if LAYER in self.extensions else response

    def keep_pages(
        self,
        settings: Settings,
        languages: tuple[str, ...],
        language_cookie: str,
        next_scheduled: NextMoment,
        files: Files,
    ) -> None:
        """Enable fragments of public pages, and wrap the app in the page cache unless a setting switches it off.

        Args:
            settings: with the memory for pages, and the time for shared caches.
            languages: codes of the languages of pages.
            language_cookie: the name of the cookie with the chosen language.
            next_scheduled: returns the date of the next scheduled post.
            files: returns a value that differs after a change of a file that pages depend on.
        """
        private = (self.config["SESSION_COOKIE_NAME"], self.config.get("REMEMBER_COOKIE_NAME", "remember_token"))
        requests = Requests(languages, language_cookie, private, settings.path)
        with self.app_context():
            freshness = freshness_of(db.engine, files)
        self.extensions[FRAGMENTS] = Fragments(requests, freshness, next_scheduled)
        self.teardown_request(_end)
        if settings.page_cache_megabytes:
            cache_control = cache_control_for(settings.shared_cache_seconds)
            shared = self._shared_pages(settings)
            store = Store(settings.page_cache_megabytes * 1024**2 // (IN_FRONT if shared else 1))
            layer = PageLayer(self.wsgi_app, requests, freshness, store, cache_control, shared)
            self.extensions[LAYER] = layer
            self.wsgi_app = layer  # type: ignore[method-assign]
            self.after_request(self._mark)

    def _shared_pages(self, settings: Settings) -> "SharedPages | None":
        if settings.redis_url is None:
            return None
        from qingbo.page_cache.shared import shared_pages  # imported late: it loads the Redis client

        return shared_pages(self.extensions["qingbo_home"], settings, settings.redis_url)

    def _begin(self) -> None:
        keep_nothing()
        begin_page()
        if request.endpoint in PUBLIC or request.endpoint in SHORT:
            fragments: Fragments = self.extensions[FRAGMENTS]
            fragments.begin_request()

    def _mark(self, response: Response) -> Response:
        if _may_be_kept(response):
            fragments: Fragments = self.extensions[FRAGMENTS]
            request.environ[MARK] = mark_until(fragments.appearing.before(fragments.freshness.stamp))
        return response


def _end(_error: BaseException | None) -> None:
    keep_nothing()
    end_page()


def _is_plain() -> bool:
    """Return whether a request contains nothing that the guards would refuse."""
    return not (request.is_json or "\x00" in request.path or b"%00" in request.query_string)


def _may_be_kept(response: Response) -> bool:
    return (
        request.endpoint in PUBLIC
        and response.status_code == 200
        and (uses_fragments() or not (browser_session or carries_token()))
        and not is_without_database()
    )
