"""The stylesheets of pages: several files of ``static/css`` as one, so that a page waits for one answer."""

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import Blueprint, abort, current_app, url_for
from werkzeug.wrappers import Response

bp = Blueprint("stylesheets", __name__)

READER, STUDIO, FORMULAS = "reader", "studio", "formulas"

BUNDLES = {
    READER: (
        "theme", "type", "layout", "stream", "article", "cards", "pictures", "comments", "forms", "code", "print",
    ),
    STUDIO: ("studio", "media", "composer", "formulas"),
    FORMULAS: ("formulas",),
}  # fmt: skip
"""Pages have the first; those behind signing in the second besides, others the third where they show a formula."""

YEAR = 365 * 24 * 3600

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_MARGIN = re.compile(r"^\s+|\s+$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Stylesheet:
    """A stylesheet as it is sent, and its version, which its address names."""

    text: str
    version: str


def stylesheet(name: str) -> str:
    """Return the address of a stylesheet, for templates."""
    return url_for("stylesheets.show_stylesheet", name=name, v=_bundled(name, _folder()).version)


@bp.get("/styles/<name>.css")
def show_stylesheet(name: str) -> Response:
    """Send a stylesheet; browsers may keep it, since another version has another address."""
    if name not in BUNDLES:
        abort(404)
    response = Response(_bundled(name, _folder()).text, mimetype="text/css")
    response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    return response


def _folder() -> Path:
    return Path(str(current_app.static_folder)) / "css"


@cache
def _bundled(name: str, folder: Path) -> Stylesheet:
    texts = ((folder / f"{each}.css").read_text(encoding="utf-8") for each in BUNDLES[name])
    text = "\n".join(_MARGIN.sub("", _COMMENT.sub("", each)) for each in texts)
    return Stylesheet(text, hashlib.sha256(text.encode()).hexdigest()[:10])
