"""A scheduled post appears at its time on every page of every worker, without any write."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from awaiting import awaited
from qingbo.accounts.registration import create_user
from qingbo.accounts.roles import AUTHOR
from qingbo.app import create_app
from qingbo.clock import now
from qingbo.database import writing
from qingbo.extensions import db, session
from qingbo.home import DataFolder
from qingbo.posts.models import Post
from qingbo.posts.publishing import Draft, create_post, update_post
from served_blog import ServedBlog, serve

pytestmark = pytest.mark.slow

WORD = "Moonrise"
CONNECTIONS = 6
"""For each page: one of so many meets the other worker."""


@pytest.mark.parametrize("engine_name", ["sqlite", "mariadb", "postgresql"])
def test_a_scheduled_post_appears_everywhere_within_a_second(
    tmp_path: Path, engine_name: str, migrated: Callable[[str], str]
) -> None:
    home = blog_of(tmp_path / "blog", migrated(engine_name), engine_name)
    with serve(home.path, "--workers", "2") as blog:
        paths = pages_of(home)
        for path in paths:
            assert not any(shows(blog, path) for _ in range(CONNECTIONS)), path
        moment = move(home, timedelta(seconds=5))
        while (begun := now()) < moment + timedelta(seconds=1):
            for path in paths:
                assert not shows(blog, path) or now() >= moment, path
            time.sleep(0.05)
        for path in paths:
            assert all(shows(blog, path) for _ in range(CONNECTIONS)), f"{path}, asked at {begun}, due at {moment}"
        move(home, timedelta(days=1))
        awaited(lambda: not any(shows(blog, path) for path in paths))


@contextmanager
def app_of(home: DataFolder) -> Iterator[None]:
    app = create_app(home.path)
    with app.app_context(), writing():
        yield
        session().close()
        app.extensions["qingbo_page_cache"].close()
        db.engine.dispose()


def blog_of(path: Path, address: str, engine_name: str) -> DataFolder:
    home = DataFolder(path)
    home.create()
    if engine_name == "sqlite":
        home.database.write_bytes(Path(address.removeprefix("sqlite:///")).read_bytes())
    else:
        home.settings.write_text(f'database_url = "{address}"\n')
    with app_of(home):
        for table in reversed(db.metadata.sorted_tables):
            if engine_name != "sqlite" and table.name != "releases":
                session().execute(table.delete())
        ann = create_user(session(), "ann", "correct horse battery", role=AUTHOR)
        create_post(session(), ann, Draft("Today", "Text.", published_at=now() - timedelta(minutes=1)))
        later = now() + timedelta(days=1)
        create_post(session(), ann, Draft(WORD, "Of a night.", published_at=later, tags=["evening"]))
        session().commit()
    return home


def pages_of(home: DataFolder) -> list[str]:
    with app_of(home):
        post = session().scalars(sa.select(Post).where(Post.title == WORD)).one()
        today = now().astimezone(ZoneInfo("Asia/Shanghai"))
        return [
            "/", f"/posts/{post.slug}", "/tags/evening", "/users/ann", f"/search?q={WORD.lower()}", "/feed.atom",
            "/feed.json", "/tags/evening/feed.rss", "/sitemap.xml", f"/archive/{today.year}/{today.month}",
        ]  # fmt: skip


def move(home: DataFolder, later: timedelta) -> datetime:
    """Schedule the post anew, and return the moment."""
    with app_of(home):
        moment = now() + later
        post = session().scalars(sa.select(Post).where(Post.title == WORD)).one()
        update_post(session(), post, Draft(WORD, "Of a night.", ["evening"], moment))
        session().commit()
    return moment


def shows(blog: ServedBlog, path: str) -> bool:
    """Return whether a page links to the post."""
    try:
        with urlopen(blog.url + path, timeout=30) as page:
            return f"/posts/{WORD.lower()}" in page.read().decode()
    except HTTPError as error:
        if error.code != 404:
            raise
        return False
