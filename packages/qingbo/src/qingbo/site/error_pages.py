"""Pages for what went wrong. They ask the database for nothing: it may be what went wrong."""

from flask import Flask, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from qingbo.guards import MAX_BODY_BYTES

DRAINED_BYTES = 64 * 1024 * 1024


def show_errors(app: Flask) -> None:
    """Answer every HTTP error, and every crash, with a page."""
    app.register_error_handler(HTTPException, _show)
    app.register_error_handler(RequestEntityTooLarge, _show_too_large)
    app.register_error_handler(CSRFError, _show_stale)


def _show(error: HTTPException) -> tuple[str, int]:
    code = error.code or 500
    title, text = _words(code)
    if code == 403 and error.description:
        text = error.description
    return render_template("site/error.html", code=code, title=title, text=text), code


def _show_too_large(error: RequestEntityTooLarge) -> tuple[str, int]:
    # A browser that is still sending would show a broken connection instead of this page.
    left = DRAINED_BYTES
    while left > 0 and (piece := request.environ["wsgi.input"].read(min(left, 65536))):
        left -= len(piece)
    return _show(error)


def _show_stale(error: CSRFError) -> tuple[str, int]:
    text = _("This form was open too long, or you signed in again since. Go back, copy your text, and reload the page.")
    return render_template("site/error.html", code=400, title=_("Please try again"), text=text), 400


def _words(code: int) -> tuple[str, str]:
    words = {
        403: (_("Not allowed"), _("You may not do this.")),
        404: (_("Page not found"), _("There is nothing at this address, or nothing that you may see.")),
        405: (_("Not here"), _("This page cannot do that.")),
        413: (
            _("Too much at once"),
            _(
                "That was more than %(most)s MB. Nothing was stored. Go back: your browser still has your text.",
                most=MAX_BODY_BYTES // 1024 // 1024,
            ),
        ),
        429: (_("Too many at once"), _("That was too often in a short time. Wait a minute and try again.")),
        500: (_("Something broke"), _("That is our fault, not yours. It was written down.")),
    }
    return words.get(code, (_("That did not work"), _("The request cannot be understood.")))
