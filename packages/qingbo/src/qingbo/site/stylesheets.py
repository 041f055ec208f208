"""The stylesheets of pages: several files of ``static/css`` joined, so that a page waits for one response.

The stylesheet of all pages also contains the settings' theme and accent, and the administrator's rules.
"""

import hashlib
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from flask import Blueprint, abort, current_app, request, url_for
from werkzeug.wrappers import Response

from qingbo.appearance.preview import is_preview
from qingbo.appearance.themes import theme_named
from qingbo.config import Settings
from qingbo.database import NO_ANSWER
from qingbo.site.static_files import kept
from qingbo.site_settings import current_settings, saved_settings, use_given_settings
from qingbo.styling.colours import accent_css
from qingbo.styling.custom_css import checked_css

bp = Blueprint("stylesheets", __name__)

READER, STUDIO, COMPOSER, FORMULAS, SEARCH, PREVIEW = "reader", "studio", "composer", "formulas", "search", "preview"

BUNDLES = {
    READER: (
        "theme", "type", "layout", "stream", "article", "cards", "pictures", "comments", "forms", "code", "print",
    ),
    STUDIO: ("studio", "media", "formulas", "appearance"),
    COMPOSER: ("studio", "media", "composer", "formulas"),
    FORMULAS: ("formulas",),
    SEARCH: ("search",),
    PREVIEW: ("preview",),
}  # fmt: skip
"""Pages have the first one, and at most one more: for signed-in pages, writing, searching, or formulas.

The last one is appended to the first while an administrator previews a look.
"""

WITHOUT_CUSTOM = {"studio", "security"}
"""Blueprints whose pages have no custom CSS, so that rules that hide everything can be removed there."""

LAYERS = "@layer base, theme, accent;"
"""Rules in a later layer override all rules in earlier ones. Administrators' CSS is in no layer, and overrides all."""

MOST_KEPT = 16

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_SPACE = re.compile(r"\s*([{};])\s*|(?<=[:,])\s+")
"""White space around braces and semicolons, and after colons and commas. No string in our stylesheets contains it."""
_MARGIN = re.compile(r"^\s+|\s+$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Stylesheet:
    """The text of a stylesheet, and its version, which is part of its address."""

    text: str
    version: str


_named: dict[str, Stylesheet] = {}
"""The stylesheets of recently made pages, by version; they are sent without a query."""


def stylesheet(name: str) -> str:
    """Return the address of a stylesheet, for templates."""
    if name != READER:
        return url_for("stylesheets.show_stylesheet", name=name, v=_bundled(name, _folder()).version)
    full, plain = _looks(current_settings(), shows_preview=is_preview())
    sheet = plain if request.blueprint in WITHOUT_CUSTOM else full
    if is_preview():
        return url_for("stylesheets.show_preview", v=sheet.version)
    _name(sheet)
    return url_for("stylesheets.show_stylesheet", name=name, v=sheet.version)


@bp.get("/styles/<name>.css")
def show_stylesheet(name: str) -> Response:
    """Send a stylesheet; browsers may cache it if it has the version in the address."""
    wanted = request.args.get("v", "")
    if name == READER:
        sheet = _named.get(wanted) or _chosen(wanted, _saved_looks())
    elif name in BUNDLES:
        sheet = _bundled(name, _folder())
    else:
        abort(404)
    return kept(Response(sheet.text, mimetype="text/css"), is_version=wanted == sheet.version)


@bp.get("/styles/preview.css")
def show_preview() -> Response:
    """Send the stylesheet of this administrator's preview; it must not be cached."""
    if not is_preview():
        abort(404)
    sheet = _chosen(request.args.get("v", ""), _looks(current_settings(), shows_preview=True))
    return Response(sheet.text, mimetype="text/css")


def _saved_looks() -> tuple[Stylesheet, Stylesheet]:
    try:
        return _looks(saved_settings(), shows_preview=False)
    except NO_ANSWER:  # the error page needs a stylesheet, too
        use_given_settings()
        return _looks(saved_settings(), shows_preview=False)


def _chosen(wanted: str, looks: tuple[Stylesheet, Stylesheet]) -> Stylesheet:
    return looks[1] if wanted == looks[1].version else looks[0]


def _looks(settings: Settings, *, shows_preview: bool) -> tuple[Stylesheet, Stylesheet]:
    """Return the stylesheet of the settings, and the one without custom CSS."""
    folder, theme = _folder(), theme_named(settings.theme).css
    full, plain = (
        _put_together(folder, theme, settings.accent, custom, shows_preview) for custom in (settings.custom_css, "")
    )
    return full, plain


def _name(sheet: Stylesheet) -> None:
    if sheet.version not in _named:
        while len(_named) >= MOST_KEPT:
            _named.pop(next(iter(_named)), None)
        _named[sheet.version] = sheet


def _folder() -> Path:
    return Path(str(current_app.static_folder)) / "css"


@lru_cache(maxsize=MOST_KEPT)
def _put_together(folder: Path, theme: str, accent: str, custom: str, shows_preview: bool) -> Stylesheet:
    parts = [LAYERS, _bundled(READER, folder).text]
    if shows_preview:
        parts.append(_bundled(PREVIEW, folder).text)
    if theme:
        parts.append(f"@layer theme {{\n{_without_comments(theme)}\n}}")
    if accent:
        parts.append(f"@layer accent {{\n{accent_css(accent)}\n}}")
    return _sheet("\n".join([*parts, checked_css(custom)]))


@cache
def _bundled(name: str, folder: Path) -> Stylesheet:
    texts = ((folder / f"{each}.css").read_text(encoding="utf-8") for each in BUNDLES[name])
    text = "".join(_SPACE.sub(lambda found: found[1] or "", _COMMENT.sub("", each)).strip() for each in texts)
    text = text.replace(";}", "}")
    return _sheet(f"@layer base{{{text}}}")


def _without_comments(text: str) -> str:
    return _MARGIN.sub("", _COMMENT.sub("", text))


def _sheet(text: str) -> Stylesheet:
    return Stylesheet(text, hashlib.sha256(text.encode()).hexdigest()[:10])
