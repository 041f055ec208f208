"""Themes: one stylesheet each, built in or in the data folder."""

import errno
import os
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from flask import current_app
from flask_babel import gettext as _

from qingbo.appearance.refusals import reason_of
from qingbo.config import THEME_NAME
from qingbo.home import DataFolder
from qingbo.styling.custom_css import LONGEST_THEME, CssRefused, Reason, checked_css

DEFAULT = "default"
OURS = (DEFAULT, "serif", "pictures")

_FOLDER = Path(__file__).parents[1] / "static" / "css" / "themes"
_NAME = re.compile(THEME_NAME)


@dataclass(frozen=True, slots=True)
class Theme:
    """The CSS of a theme, and the error if its file cannot be used."""

    css: str
    error: Exception | None = None


def theme_names() -> list[str]:
    """Return the names of all themes, the built-in ones first."""
    return [*OURS, *sorted(path.stem for path in _own_files())]


def theme_named(name: str) -> Theme:
    """Return a theme. A missing or refused one has no CSS, so pages look like the default."""
    if name == DEFAULT:
        return Theme("")
    if name in OURS:
        return _ours(name)
    if not _NAME.fullmatch(name):  # the name may come from a form
        return Theme("", FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT)))
    return _own(_file(name))


def state_of_themes(folder: DataFolder) -> tuple[tuple[str, int, int], ...]:
    """Return names, times and sizes of the files in the themes folder; they differ after a change."""
    try:
        with os.scandir(folder.themes) as files:
            states = [(file.name, file.stat()) for file in files]
    except OSError:
        return ()
    return tuple(sorted((name, state.st_mtime_ns, state.st_size) for name, state in states))


def faulty_themes(chosen: str) -> dict[str, str]:
    """Return, by name, what is wrong with the themes in the data folder and with the chosen theme."""
    names = [*(path.stem for path in _own_files()), chosen]
    return {name: _said(_file(name), error) for name in names if (error := theme_named(name).error)}


def _said(path: Path, error: Exception) -> str:
    if isinstance(error, CssRefused):
        return f"{path}: {reason_of(error)}"
    reason = error.strerror if isinstance(error, OSError) else error
    return str(_("%(file)s can’t be read: %(reason)s", file=path, reason=reason))


def _file(name: str) -> Path:
    return _folder() / f"{name}.css"


def _folder() -> Path:
    folder: DataFolder = current_app.extensions["qingbo_home"]
    return folder.themes


def _own_files() -> list[Path]:
    try:
        found = sorted(_folder().glob("*.css"))
    except OSError:
        return []
    return [path for path in found if _NAME.fullmatch(path.stem) and path.stem not in OURS]


@cache
def _ours(name: str) -> Theme:
    return Theme((_FOLDER / f"{name}.css").read_text(encoding="utf-8"))


def _own(path: Path) -> Theme:
    try:
        about = path.stat()
    except OSError as error:
        return Theme("", error)
    return _read(path, about.st_mtime_ns, about.st_size)


@lru_cache(maxsize=32)
def _read(path: Path, changed_at: int, size: int) -> Theme:
    """Read a theme file; the cache key contains its time and size, so a changed file is read again."""
    try:
        if size > 4 * LONGEST_THEME:
            raise CssRefused(1, Reason.LENGTH, LONGEST_THEME)
        return Theme(checked_css(path.read_text(encoding="utf-8"), LONGEST_THEME))
    except (OSError, UnicodeDecodeError, CssRefused) as error:
        return Theme("", error)
