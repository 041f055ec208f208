"""Alembic's configuration for one command."""

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import alembic
from alembic.config import Config as AlembicConfig
from flask import g

from flask_rewind.state import Extension

alembic_version = tuple(int(part) for part in alembic.__version__.split(".")[:3])
"""Alembic's version as three integers, like Flask-Migrate's `alembic_version`."""

XArg = str | Iterable[str] | None
"""Values for env.py, as with ``-x``."""


class Config(AlembicConfig):
    """Alembic's configuration, with Rewind's templates for `init`."""

    def __init__(self, *args: Any, template_directory: str | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.template_directory = template_directory

    def get_template_directory(self) -> str:
        """Return the folder of the templates."""
        return self.template_directory or str(Path(__file__).parents[1] / "templates")


def make_config(migrate: Extension, directory: str | None, x_arg: XArg, opts: Iterable[str] | None) -> Config:
    """Return the configuration of one command; see `Rewind.get_config`."""
    directory = str(directory or migrate.directory)
    config = Config(str(Path(directory) / "alembic.ini"), ini_section=g.get("ini_section") or "alembic")
    config.set_main_option("script_location", directory.replace("%", "%%"))
    # Quiet: Alembic would print messages, but Rewind returns results.
    options = argparse.Namespace(quiet=True, x=[*g.get("x_arg", ())])
    for option in opts or ():
        setattr(options, option, True)
    if x_arg is not None:
        options.x += [x_arg] if isinstance(x_arg, str) else [each for each in x_arg if each not in options.x]
    config.cmd_opts = options
    configured: Config = migrate.call_configure_callbacks(config)
    return configured
