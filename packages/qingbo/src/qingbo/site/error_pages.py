"""Error pages. They make no queries, because the database may be the cause; only a missing page may have moved."""

import logging

from flask import Flask, current_app, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import Forbidden, HTTPException, InternalServerError, RequestEntityTooLarge
from werkzeug.wrappers import Response

from qingbo.database import NO_ANSWER
from qingbo.extensions import session
from qingbo.guards import MAX_BODY_BYTES, SAFE_METHODS, UPLOADING
from qingbo.site.redirects import moved_page
from qingbo.site_settings import use_given_settings

DRAINED_BYTES = 256 * 1024 * 1024

WRITTEN = (
    "title", "link", "pictures", "text", "source", "tags", "excerpt", "display_name", "bio", "links", "description",
    "footer_text", "custom_css",
)  # fmt: skip
"""Fields with text that a person may have spent time on."""

Answer = tuple[str, int, dict[str, str]]

log = logging.getLogger(__name__)


def show_errors(app: Flask) -> None:
    """Answer every HTTP error and every unhandled exception with a page."""
    app.register_error_handler(HTTPException, _show)
    app.register_error_handler(RequestEntityTooLarge, _show_too_large)
    app.register_error_handler(CSRFError, _show_stale)
    for kind in NO_ANSWER:
        app.register_error_handler(kind, _show_no_database)
    # The first handler is for Flask-Security's decorators, the second for Flask-Login's.
    app.extensions["security"].unauthn_handler(_ask_to_sign_in)
    app.login_manager.unauthorized_handler(_ask_to_sign_in)  # type: ignore[attr-defined]


def _show(error: HTTPException) -> Answer | Response:
    cause = error.original_exception if isinstance(error, InternalServerError) else None
    if isinstance(cause, NO_ANSWER):  # raised after the view, where Flask turns every error into a 500
        return _show_no_database(cause)
    try:
        return (moved_page() if error.code == 404 else None) or _shown(error)
    except NO_ANSWER as problem:  # raised while making the page, which shows who is signed in
        return _show_no_database(problem)


def _shown(error: HTTPException) -> Answer:
    code = error.code or 500
    title, text = _words(code)
    if isinstance(error, Forbidden) and error.description != Forbidden.description:
        text = error.description or text
    headers = {name: value for name, value in error.get_headers() if name != "Content-Type"}
    if code == 429:
        headers["Retry-After"] = "60"
    return _page(code, title, text), code, headers


def _show_too_large(error: RequestEntityTooLarge) -> Answer:
    # Read the rest of the body: a browser that is still sending would show a connection error instead of this page.
    left = DRAINED_BYTES
    while left > 0 and (piece := request.environ["wsgi.input"].read(min(left, 65536))):
        left -= len(piece)
    title, text = _words(413)
    if request.endpoint in UPLOADING and request.max_content_length != MAX_BODY_BYTES:
        most = (request.max_content_length or 0) // 1024**2
        text = _(
            "You sent more than %(most)s MB, so nothing was saved. Upload fewer or smaller files at a time.", most=most
        )
    if error.description != RequestEntityTooLarge.description:
        text = error.description or text
    return _page(413, title, text), 413, {}


def _show_stale(error: CSRFError) -> Answer:
    text = _("This form has expired. Reload the page and submit it again.")
    return _page(400, _("Please try again"), text), 400, {}


def _show_no_database(error: Exception) -> Answer:
    log.error("The database does not answer.", exc_info=error)
    session().rollback()
    use_given_settings()
    # This page is made without knowing who is signed in. The cookie stays, so nobody is signed out.
    g._login_user = current_app.login_manager.anonymous_user()  # type: ignore[attr-defined]
    title, text = _words(503)
    return _page(503, title, text), 503, {"Retry-After": "60"}


def _ask_to_sign_in(mechanisms: object = None, headers: object = None) -> Answer | Response:
    if request.method in SAFE_METHODS:
        return redirect(url_for("security.login", next=request.full_path.rstrip("?")))
    title, text = _words(401)
    return _page(401, title, text), 401, {}


def _page(code: int, title: str, text: str) -> str:
    # The page repeats the text that the person wrote, because going back in the browser may not restore it.
    form = {} if request.method in SAFE_METHODS or code == 413 else request.form
    kept = [form[name] for name in WRITTEN if form.get(name)]
    return render_template("site/error.html", title=title, text=text, kept=kept)


def _words(code: int) -> tuple[str, str]:
    words = {
        401: (_("Please sign in"), _("You have been signed out. Sign in and submit again.")),
        403: (_("Access denied"), _("You don’t have permission to do this.")),
        404: (_("Page not found"), _("This page doesn’t exist, or you don’t have access to it.")),
        405: (_("Action not available"), _("This page doesn’t support that action.")),
        413: (
            _("Too large"),
            _(
                "You sent more than %(most)s MB, so nothing was saved. Go back: your text is still in the browser.",
                most=MAX_BODY_BYTES // 1024**2,
            ),
        ),
        429: (_("Too many requests"), _("You’ve done this too often in a short time. Wait a minute and try again.")),
        503: (_("Temporarily unavailable"), _("The database isn’t responding. Please try again in a minute.")),
        500: (_("Something went wrong"), _("The error is on our side and has been logged. Please try again later.")),
    }
    return words.get(code, (_("Bad request"), _("The server couldn’t understand this request.")))
