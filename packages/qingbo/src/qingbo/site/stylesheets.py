"""The stylesheets of pages: several files of ``static/css`` as one, so that a page waits for one answer.

The one that every page has also holds what the settings say: the theme, the accent and the rules of the administrator.
"""

import hashlib
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from flask import Blueprint, abort, current_app, request, url_for
from werkzeug.wrappers import Response

from qingbo.appearance.themes import theme_named
from qingbo.config import Settings
from qingbo.database import NO_ANSWER
from qingbo.site_settings import saved_settings, use_given_settings
from qingbo.styling.colours import accent_css
from qingbo.styling.custom_css import checked_css

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

LAYERS = "@layer base, theme, accent;"
"""In a later one, any selector wins over all of an earlier one. What administrators write is in none, and wins."""

YEAR = 365 * 24 * 3600
MOST_KEPT = 16

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_MARGIN = re.compile(r"^\s+|\s+$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Stylesheet:
    """A stylesheet as it is sent, and its version, which its address names."""

    text: str
    version: str


_named: dict[str, Stylesheet] = {}
"""Those whose address stands in pages that were made last, by version: they are sent without asking the database."""


def stylesheet(name: str) -> str:
    """Return the address of a stylesheet, for templates."""
    sheet = _current(name)
    return url_for("stylesheets.show_stylesheet", name=name, v=sheet.version)


@bp.get("/styles/<name>.css")
def show_stylesheet(name: str) -> Response:
    """Send a stylesheet; browsers may keep it where it is the one that its address names."""
    if name not in BUNDLES:
        abort(404)
    wanted = request.args.get("v", "")
    sheet = _named.get(wanted) if name == READER else None
    if sheet is None:
        try:
            sheet = _current(name)
        except NO_ANSWER:  # the page that says so has a stylesheet too
            use_given_settings()
            sheet = _current(name)
    response = Response(sheet.text, mimetype="text/css")
    kept = f"public, max-age={YEAR}, immutable" if wanted == sheet.version else "no-cache"
    response.headers["Cache-Control"] = kept
    return response


def _current(name: str) -> Stylesheet:
    if name != READER:
        return _bundled(name, _folder())
    sheet = _of_settings(saved_settings())
    if sheet.version not in _named:
        while len(_named) >= MOST_KEPT:
            _named.pop(next(iter(_named)), None)
        _named[sheet.version] = sheet
    return sheet


def _of_settings(settings: Settings) -> Stylesheet:
    return _put_together(_folder(), theme_named(settings.theme).css, settings.accent, settings.custom_css)


def _folder() -> Path:
    return Path(str(current_app.static_folder)) / "css"


@lru_cache(maxsize=MOST_KEPT)
def _put_together(folder: Path, theme: str, accent: str, custom: str) -> Stylesheet:
    parts = [LAYERS, _bundled(READER, folder).text]
    if theme:
        parts.append(f"@layer theme {{\n{_without_comments(theme)}\n}}")
    if accent:
        parts.append(f"@layer accent {{\n{accent_css(accent)}\n}}")
    return _sheet("\n".join([*parts, checked_css(custom)]))


@cache
def _bundled(name: str, folder: Path) -> Stylesheet:
    texts = ((folder / f"{each}.css").read_text(encoding="utf-8") for each in BUNDLES[name])
    text = "\n".join(map(_without_comments, texts))
    return _sheet(f"@layer base {{\n{text}\n}}")


def _without_comments(text: str) -> str:
    return _MARGIN.sub("", _COMMENT.sub("", text))


def _sheet(text: str) -> Stylesheet:
    return Stylesheet(text, hashlib.sha256(text.encode()).hexdigest()[:10])
