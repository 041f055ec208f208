"""Commands that the tutorial's `manage.py` had and that Qingbo does not need: `show-urls`, `clean`, `assets`."""

import copy
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import click
from flask import current_app
from flask.cli import routes_command, with_appcontext

show_urls = copy.copy(routes_command)
show_urls.name, show_urls.short_help = "show-urls", "The same as routes: the word of the tutorial."


@click.command("clean")
def clean() -> None:
    """Delete compiled Python files and templates below this folder.

    They are made again when they are needed. Folders whose name begins with a dot, such as .venv, are left alone.
    """
    removed = 0
    for folder, names, files in os.walk("."):
        if "__pycache__" in names:
            removed += sum(1 for _ in (Path(folder) / "__pycache__").iterdir())
            shutil.rmtree(Path(folder) / "__pycache__")
        for name in files:
            if name.endswith((".pyc", ".pyo")):
                (Path(folder) / name).unlink()
                removed += 1
        names[:] = [name for name in names if name != "__pycache__" and not name.startswith(".")]
    click.echo(f"Deleted {removed} compiled files.")


@click.command("assets")
@click.argument("word", type=click.Choice(["build", "list"]), default="list")
@with_appcontext
def assets(word: str) -> None:
    """List scripts and stylesheets with their addresses.

    Nothing has to be built: an address contains a digest of all files, so browsers load a changed file at once. `build`
    does the same as `list`.
    """
    with current_app.test_request_context():
        for name, size in _assets(Path(str(current_app.static_folder))):
            click.echo(f"{current_app.jinja_env.globals['asset'](name)}  {size} bytes")  # type: ignore[operator]


def _assets(folder: Path) -> Iterator[tuple[str, int]]:
    for path in sorted(folder.rglob("*")):
        if path.suffix in {".css", ".js"}:
            yield path.relative_to(folder).as_posix(), path.stat().st_size
