"""Qingbo (轻博): a light blog for many people, Chinese and English. ``flask --app qingbo`` finds `create_app` here."""

from pathlib import Path
from typing import TYPE_CHECKING

from qingbo.version import __version__

if TYPE_CHECKING:
    from flask import Flask

__all__ = ["__version__", "create_app"]


def create_app(home: str | Path | None = None) -> "Flask":
    """Make the app of the blog in a data folder; see `qingbo.app.create_app`."""
    from qingbo.app import create_app as create  # imported late: `import qingbo` alone should not load Flask

    return create(home)
