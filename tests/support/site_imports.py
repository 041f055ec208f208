"""Imports a folder in tests, and finds what came of it."""

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from qingbo.accounts.roles import EDITOR
from qingbo.database import writing
from qingbo.extensions import session
from qingbo.imports.listing import list_files
from qingbo.imports.markdown_folder import import_folder
from qingbo.imports.options import Options
from qingbo.imports.report import Report
from qingbo.posts.models import Post


def run(blog: Any, folder: Path, role: str = EDITOR, pattern: str = "", **options: Any) -> Report:
    with writing():
        author = blog.user("ann", role)
        session().rollback()
        listing = list_files(folder)
        listing.site.generator.pattern = pattern
        return import_folder(session(), listing, author, ZoneInfo("UTC"), Options(**options))


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
