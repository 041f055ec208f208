"""Writes small sites, imports them in tests, and finds what came of it."""

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sample_media
import sqlalchemy as sa
from qingbo.accounts.roles import EDITOR
from qingbo.database import writing
from qingbo.extensions import session
from qingbo.imports.listing import list_files
from qingbo.imports.markdown_folder import import_folder
from qingbo.imports.options import Options
from qingbo.imports.report import Report
from qingbo.imports.site_file import SiteFile, read_site_file
from qingbo.posts.models import Post


def run(blog: Any, folder: Path, role: str = EDITOR, pattern: str = "", **options: Any) -> Report:
    with writing():
        author = blog.user("ann", role)
        session().rollback()
        listing = list_files(folder)
        listing.site.generator.pattern = pattern
        return import_folder(session(), listing, author, ZoneInfo("UTC"), Options(**options))


def written(folder: Path, files: dict[str, str]) -> Path:
    """Write files, and return their folder. The text of a file `*.png` is the width of its picture."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(sample_media.png(int(content), 20) if name.endswith(".png") else content.encode())
    return folder


def site_files(folder: Path, pattern: str = "") -> dict[str, SiteFile]:
    """Return what a site makes of each of its files, by their paths, without a blog."""
    listing = list_files(folder)
    listing.site.generator.pattern = pattern
    return {
        path.relative_to(folder).as_posix(): read_site_file(listing, path, path.read_bytes(), ZoneInfo("UTC"))
        for path in listing.files
    }


def addresses_in(folder: Path, pattern: str = "") -> dict[str, list[str]]:
    """Return the addresses that the files of a site have there."""
    return {name: list(each.addresses) for name, each in site_files(folder, pattern).items()}


def posts() -> list[Post]:
    session().rollback()
    return list(session().scalars(sa.select(Post)))


def post_with(marker: str) -> Post:
    (post,) = (post for post in posts() if marker in post.text)
    return post


def followed(visitor: Any, path: str) -> Any:
    for _hop in range(3):
        answer = visitor.get(path)
        if answer.status_code != 301:
            break
        path = answer.headers["Location"].removeprefix("http://localhost")
    return answer
