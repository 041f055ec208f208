"""Themes: one stylesheet each, of ours or in the data folder."""

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from flask import current_app

from qingbo.config import THEME_NAME
from qingbo.home import DataFolder
from qingbo.styling.custom_css import LONGEST_THEME, CssRefused, checked_css

DEFAULT = "default"
OURS = (DEFAULT, "serif", "pictures")

_FOLDER = Path(__file__).parents[1] / "static" / "css" / "themes"
_NAME = re.compile(THEME_NAME)


@dataclass(frozen=True, slots=True)
class Theme:
    """A theme as it is sent, and what is wrong with its file, empty for nothing."""

    css: str
    problem: str = ""


def theme_names() -> list[str]:
    """Return the themes that there are, ours first."""
    return [*OURS, *sorted(path.stem for path in _own_files())]


def theme_named(name: str) -> Theme:
    """Return a theme. One that is missing or refused looks like the default."""
    if name == DEFAULT:
        return Theme("")
    if name in OURS:
        return _ours(name)
    return _own(_folder() / f"{name}.css")


def faulty_themes(chosen: str) -> dict[str, str]:
    """Return what is wrong with themes, by name: with those of the data folder, and with the chosen one."""
    names = [*(path.stem for path in _own_files()), chosen]
    return {name: problem for name in names if (problem := theme_named(name).problem)}


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
        return Theme("", f"{path} cannot be read: {error.strerror}")
    return _read(path, about.st_mtime_ns, about.st_size)


@lru_cache(maxsize=32)
def _read(path: Path, changed_at: int, size: int) -> Theme:
    """Read a file as it is since it was changed last."""
    if size > 4 * LONGEST_THEME:
        return Theme("", f"{path} has more than {LONGEST_THEME} characters")
    try:
        return Theme(checked_css(path.read_text(encoding="utf-8"), LONGEST_THEME))
    except (OSError, UnicodeDecodeError) as error:
        return Theme("", f"{path} cannot be read: {error}")
    except CssRefused as error:
        return Theme("", f"{path}, {error}")
