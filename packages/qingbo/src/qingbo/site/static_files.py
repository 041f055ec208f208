"""The app's scripts, stylesheets and pictures. Their addresses contain a digest, so browsers can cache them forever.

It is a digest of all files, as a segment of the path, so that a script imports others of the same release.
"""

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

from flask import Flask, url_for
from werkzeug.wrappers import Response

from qingbo.page_cache.marking import about_nothing

YEAR = 365 * 24 * 3600
_VERSION = re.compile(r"v-[0-9a-f]{10}")


def prepare_static_files(app: Flask) -> Callable[[str], str]:
    """Serve the files, and return the function that returns a file's address."""
    version = _version_of(Path(str(app.static_folder)))

    def show_static(filename: str) -> Response:
        """Send a file. An address of another release gives the current file, which must not be cached."""
        asked, _, rest = filename.partition("/")
        has_version = _VERSION.fullmatch(asked) is not None
        response = app.send_static_file(rest if has_version else filename)
        return kept(response, is_version=asked == version)

    def asset(name: str) -> str:
        """Return the address of a file."""
        return url_for("static", filename=f"{version}/{name}")

    app.view_functions["static"] = show_static
    app.add_template_global(asset, "asset")
    return asset


def kept(response: Response, *, is_version: bool) -> Response:
    """Set how long a file may be cached: for a year if its address contains its version."""
    response.headers["Cache-Control"] = "no-cache"
    if is_version:
        response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
        about_nothing()
    return response


def _version_of(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(
                f"{path.relative_to(folder).as_posix()}\0".encode() + hashlib.sha256(path.read_bytes()).digest()
            )
    return f"v-{digest.hexdigest()[:10]}"
