"""Checks of every request, its origin and size, and security headers of every response."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, g, request
from flask import session as browser_session
from flask_babel import gettext as _
from flask_login import current_user

from qingbo.config import Settings
from qingbo.database import say_writing
from qingbo.extensions import csrf

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

MAX_BODY_BYTES = 7 * 1024 * 1024
"""A text of 500,000 characters takes up to 12 bytes per character in a form: 6 MB."""

UPLOADING = {"studio.upload_media", "studio.update_appearance", "posts.create_post", "posts.update_post"}
"""Endpoints whose forms may contain files."""

UPLOADS_AT_ONCE = 20
"""How many files of the maximum size fit into one form; scripts send each file separately."""

MOST_FIELDS = 1000
"""In a form, and in a query string. Each field becomes an object before any code looks at it."""

HTTPS_SECONDS = 365 * 24 * 3600
"""How long a browser uses only https after its first visit by https (HSTS, RFC 6797)."""

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}

TOKENLESS = {"comments.delete_subscription", "comments.create_pass", "pageviews.count_view"}
"""Endpoints without a CSRF token: mail programs have none (RFC 8058), and the scripts' requests change nothing of the
person's."""

READING = {"pageviews.count_view"}
"""POST endpoints that write nothing during the request. On SQLite, the others wait for their turn to write."""

MOST_BYTES = {"pageviews.count_view": 1024}
"""Limits of forms that are always short."""

FOR_EVERYBODY = {
    "static",
    "accounts.show_avatar",
    "feeds.show_feed",
    "machines.show_robots",
    "machines.show_manifest",
    "machines.show_icon",
    "machines.show_search",
    "sitemap.show_sitemap",
    "sitemap.show_part",
    "health.show_health",
    "health.show_life",
    "media.show_media",
    "metrics.show_metrics",
    "stylesheets.show_stylesheet",
}
"""Endpoints whose answers are the same for all clients and languages, or that set their own caching headers."""

# Posts may show pictures and videos from other sites. Everything else comes from this site, and nothing is inline.
POLICY = (
    "default-src 'self'; img-src 'self' data: https: http:; media-src 'self' https: http:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}


_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_HOST = re.compile(rf"(?:{_LABEL}(?:\.{_LABEL}){{0,30}}\.?|\[[0-9A-Fa-f:.]{{2,45}}\])(?::\d{{1,5}})?")


@lru_cache(maxsize=64)
def _is_host(text: str) -> bool:
    return _HOST.fullmatch(text) is not None


class HostGuard:
    """Answers 400 if the Host header is not a host name, because no address could be built from it."""

    def __init__(self, wsgi_app: "WSGIApplication") -> None:
        self._wsgi_app = wsgi_app

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Pass the request on, or answer 400."""
        if not _is_host(environ.get("HTTP_HOST") or environ.get("SERVER_NAME", "")):
            return Response("The Host header is no host name.\n", 400, mimetype="text/plain")(environ, start_response)
        return self._wsgi_app(environ, start_response)


def most_upload_bytes() -> int:
    """Return the maximum size of an uploaded file."""
    settings: Settings = current_app.extensions["qingbo_settings"]
    return settings.upload_megabytes * 1024**2


def guard(app: Flask) -> None:
    """Register the checks before every view and the headers after it."""
    app.before_request(_refuse_other_sites)
    app.before_request(_refuse_json)
    app.before_request(_read_form)
    app.before_request(_announce_writes)
    app.before_request(_check_token)
    app.after_request(_add_headers)


def _refuse_json() -> None:
    # This app only uses forms; some of Flask-Security's views would also read JSON, of any structure.
    if request.is_json:
        abort(415)


def _read_form() -> None:
    # Only people who are signed in may upload. The cookie shows that without a query.
    if request.endpoint in UPLOADING and "_user_id" in browser_session:
        request.max_content_length = MAX_BODY_BYTES + UPLOADS_AT_ONCE * most_upload_bytes()
    elif most := MOST_BYTES.get(str(request.endpoint)):
        request.max_content_length = most
    # Before the first query: a body that arrives slowly or never must not keep a transaction open.
    if request.query_string.count(b"&") >= MOST_FIELDS:
        abort(414)
    # In multipart bodies, Werkzeug counts the parts.
    if request.mimetype == "application/x-www-form-urlencoded" and request.get_data().count(b"&") >= MOST_FIELDS:
        abort(413, _("A form can have up to %(most)s fields. Nothing was saved.", most=MOST_FIELDS))
    values = [request.path, *request.args.values(), *request.form.values()]
    if any("\x00" in value for value in values):
        abort(404 if "\x00" in request.path else 400)


def _announce_writes() -> None:
    say_writing(request.method not in SAFE_METHODS and request.endpoint not in READING)


def _refuse_other_sites() -> None:
    if request.method not in SAFE_METHODS and not comes_from_here():
        abort(403, _("This form was submitted from another site, so it was rejected."))


def comes_from_here() -> bool:
    """Return whether a page of this site sent the request, or no page at all.

    Browsers report it in Sec-Fetch-Site, older ones in Origin or Referer. Programs other than browsers send neither,
    and do not send anybody's cookies by accident.
    """
    if site := request.headers.get("Sec-Fetch-Site"):
        return site in {"same-origin", "none"}
    said = request.headers.get("Origin") or request.headers.get("Referer")
    if said is None:
        return True
    try:
        parts = urlsplit(said)
    except ValueError:
        return False
    return (parts.scheme, parts.netloc) == (request.scheme, request.host)


def carries_token() -> bool:
    """Return whether the forms of this browser contain a CSRF token.

    They do for people who are signed in, and for guests who have just commented. Other pages contain none, so that they
    are the same for everybody and can be cached.
    """
    return bool(current_user.is_authenticated or browser_session.get("comments"))


def _check_token() -> None:
    if request.method not in SAFE_METHODS and request.endpoint not in TOKENLESS and carries_token():
        csrf.protect()


def allow_frames(sites: Sequence[str]) -> None:
    """Allow the page of this request to load frames from these sites only."""
    g.frames = " ".join(sites)


def _add_headers(response: Response) -> Response:
    add_headers(response)
    if request.endpoint not in FOR_EVERYBODY and (carries_token() or browser_session.modified):
        response.headers["Cache-Control"] = "private, no-store"
    return response


def add_headers(response: Response) -> None:
    """Add security headers that the view has not set, and the headers that the response varies by."""
    headers = response.headers
    if frames := g.get("frames"):
        headers["Content-Security-Policy"] = f"{POLICY}; frame-src {frames}"
    said = {name for name, _value in headers}
    headers.extend([each for each in HEADERS.items() if each[0] not in said])
    if request.is_secure and current_app.config["SESSION_COOKIE_SECURE"]:  # `address` is https
        headers["Strict-Transport-Security"] = f"max-age={HTTPS_SECONDS}"
    if request.endpoint in FOR_EVERYBODY:
        return
    if "Vary" in said:
        response.vary.update(("Accept-Language", "Cookie"))
    else:
        headers.add("Vary", "Accept-Language, Cookie")
