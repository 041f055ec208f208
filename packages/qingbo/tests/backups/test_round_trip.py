"""restore(backup(x)) = x, within and across engines."""

import os
import shutil
import threading
from io import BytesIO
from pathlib import Path, PurePath
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from media_uploads import take
from qingbo.backups.making import make_backup
from qingbo.database import writing
from qingbo.extensions import db, session
from qingbo.media.addresses import file_name
from qingbo.media.models import Media
from qingbo.media.place import current_storage
from qingbo.media.renditions import finish, renditions_of
from random_rows import fill
from restored_blogs import engines_here, everything, inside, put_into, stored_files
from sample_media import jpeg
from writes_between import Writer

pytestmark = pytest.mark.slow

EXAMPLES = int(os.environ.get("RESTORED_BLOGS", "1"))
SIMPLEST = 1
"""Hypothesis begins with the simplest blog: a row in each table, with empty texts."""
WRITES = (
    "UPDATE posts SET title = 'changed', text = 'changed'",
    "UPDATE comments SET text = 'changed'",
    "UPDATE tags SET post_count = post_count + 1",
    "UPDATE media SET name = 'changed'",
    "DELETE FROM posts_tags",
    "DELETE FROM post_versions",
    "DELETE FROM audit_events",
    "INSERT INTO site_settings (name, value) VALUES ('more', '1')",
)
"""What others commit while a backup is made."""


@settings(
    max_examples=EXAMPLES + SIMPLEST,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],  # making an example smaller takes minutes
)
@given(data=st.data(), writes=st.permutations(WRITES))
def test_random_blogs_come_back_on_every_engine(
    blog: Any, other_blogs: Any, tmp_path: Path, data: Any, writes: list[str]
) -> None:
    """The blog is written to between any two tables that the backup reads; the archive is as it was before."""
    folder = blog.app.extensions["qingbo_home"]
    shutil.rmtree(folder.media, ignore_errors=True)
    with writing(), db.engine.begin() as connection:
        fill(connection, data)
    store_files_of_media(data)
    before, files = everything(), stored_files(folder)
    writer = Writer(blog, writes)
    manifest = make_backup(tmp_path / "blog.zip", progress=writer.between_steps)
    assert (manifest.missing, len(manifest.media)) == ((), len(files))
    assert writer.left == []
    assert everything()["posts"] != before["posts"]
    for engine in engines_here():
        other = other_blogs(engine)
        put_into(other, tmp_path / "blog.zip")
        with inside(other):
            assert everything() == before
            assert stored_files(other.extensions["qingbo_home"]) == files


def store_files_of_media(data: st.DataObject) -> None:
    """Store random bytes for each row of media and for the smaller pictures made of it."""
    for media in session().scalars(sa.select(Media)):
        names = {file_name(media.digest, PurePath(media.name).suffix)}
        names |= {each.stored_name(media) for each in renditions_of(media)}
        for name in sorted(names):
            current_storage().put(name, BytesIO(data.draw(st.binary(max_size=300))))
    session().rollback()


def test_posts_people_and_pictures_come_back_and_are_shown(blog: Any, other_blogs: Any, tmp_path: Path) -> None:
    number = take(blog, jpeg(1000, 700)).id
    finish(session(), current_storage(), number)
    post = blog.post("龙井", "明前的茶", tags=["茶"])
    blog.comment(f"/posts/{post.slug}", "好喝")
    before = everything()
    files = stored_files(blog.app.extensions["qingbo_home"])
    assert len(files) > 2
    manifest = make_backup(tmp_path / "blog.zip")
    assert (tmp_path / "blog.zip").stat().st_mode & 0o777 == 0o600
    assert manifest.tables["posts"].rows == 1
    other = other_blogs("sqlite")
    result = put_into(other, tmp_path / "blog.zip")
    assert (result.media, result.rows) == (len(files), manifest.rows)
    with inside(other):
        assert everything() == before
        assert stored_files(other.extensions["qingbo_home"]) == files
        page = other.test_client().get("/search?q=明前").text
    assert "龙井" in page


def test_a_deleted_posts_number_is_not_given_again(blog: Any, other_blogs: Any, tmp_path: Path) -> None:
    blog.post("first")
    last = blog.post("last")
    number = last.id
    with writing():
        session().delete(session().merge(last))
        session().commit()
    make_backup(tmp_path / "blog.zip")
    other = other_blogs(blog.engine_name)
    put_into(other, tmp_path / "blog.zip")
    with inside(other):
        assert everything()["numbers"]["posts"] == number + 1


def test_a_missing_file_is_named_and_the_rest_comes_back(blog: Any, tmp_path: Path) -> None:
    take(blog, jpeg(30, 20))
    folder = blog.app.extensions["qingbo_home"]
    (name,) = stored_files(folder)
    (folder.media / name).unlink()
    blog.post("still here")
    manifest = make_backup(tmp_path / "blog.zip")
    assert manifest.missing == (name,)
    assert manifest.tables["posts"].rows == 1


def test_a_backup_while_others_write_is_one_moment(blog: Any, other_blogs: Any, tmp_path: Path) -> None:
    """Each post is written with its tag in one transaction; a backup has both or neither."""
    author = blog.user("author")
    session().commit()
    author_id, stop, written = author.id, threading.Event(), []

    def write() -> None:
        with blog.app.app_context():
            while not stop.is_set() and len(written) < 300:
                user = session().get(type(author), author_id)
                written.append(blog.post(f"post {len(written)}", tags=[f"tag {len(written)}"], author=user).title)
                session().close()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        while len(written) < 5:
            thread.join(0.01)
        make_backup(tmp_path / "blog.zip")
        at_end = len(written)
    finally:
        stop.set()
        thread.join()
    assert at_end >= 5
    put_into(other_blogs("sqlite"), tmp_path / "blog.zip")
    with inside(other_blogs("sqlite")):
        rows = everything()
    assert 5 <= len(rows["posts"]) == len(rows["tags"]) == len(rows["posts_tags"]) <= len(written) + 1
