"""Both storages of media behave alike: a folder, and a bucket on an S3 server."""

import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sample_media as samples
from media_uploads import take
from qingbo.background import background_of
from qingbo.config import Settings
from qingbo.extensions import session
from qingbo.media.models import Media
from qingbo.media.s3 import S3Storage
from qingbo.media.storage import FolderStorage, Storage
from qingbo.media.sweeping import delete_orphans
from qingbo.tasks import JOBS
from s3_bucket import s3_bucket
from sqlalchemy import select


@pytest.fixture(scope="module")
def s3_settings() -> Iterator[Settings]:
    with s3_bucket("blog") as (url, _client):
        yield Settings(s3_bucket="blog", s3_endpoint=url, s3_key_id="key", s3_secret="secret")  # type: ignore[arg-type]


@pytest.fixture(params=["folder", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "folder":
        return FolderStorage(tmp_path / "media")
    return S3Storage(request.getfixturevalue("s3_settings"))


def whole(storage: Storage, name: str, *where: int) -> bytes:
    return b"".join(storage.read(name, *where))


def test_a_file_is_what_was_put(storage: Storage) -> None:
    content = bytes(range(256)) * 3000
    file = io.BytesIO(content)
    storage.put("ab/abc.jpg", file)
    storage.put("ab/abc.jpg", file)
    assert storage.size("ab/abc.jpg") == len(content)
    assert whole(storage, "ab/abc.jpg") == content
    assert whole(storage, "ab/abc.jpg", 300_000) == content[300_000:]
    assert whole(storage, "ab/abc.jpg", 10, 20) == content[10:30]
    assert list(storage.names(0)) == ["ab/abc.jpg"]
    assert list(storage.names(3600)) == []
    storage.delete("ab/abc.jpg")
    storage.delete("ab/abc.jpg")
    assert storage.size("ab/abc.jpg") is None
    assert list(storage.names(0)) == []
    with pytest.raises(FileNotFoundError):
        storage.read("ab/abc.jpg")


def test_what_was_put_a_moment_ago_is_not_deleted_as_old(storage: Storage, tmp_path: Path) -> None:
    file = io.BytesIO(b"x")
    storage.put("ab/abc.jpg", file)
    storage.delete("ab/abc.jpg", 60)
    assert whole(storage, "ab/abc.jpg") == b"x"
    if isinstance(storage, FolderStorage):
        path = tmp_path / "media/ab/abc.jpg"
        os.utime(path, (0, 0))
        storage.put("ab/abc.jpg", file)
        storage.delete("ab/abc.jpg", 60)
        assert path.exists(), "put again"
        os.utime(path, (0, 0))
    storage.delete("ab/abc.jpg", 60 if isinstance(storage, FolderStorage) else 0)
    assert storage.size("ab/abc.jpg") is None


class Broken(io.BytesIO):
    def read(self, size: int | None = -1) -> bytes:
        raise OSError("the connection ended")


@pytest.mark.parametrize("has_names_only", [False, True], ids=["without a name", "beside its place"])
def test_a_copy_that_fails_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_names_only: bool
) -> None:
    if has_names_only:  # as on a file system that cannot write a file without a name
        monkeypatch.delattr(os, "O_TMPFILE")
    storage = FolderStorage(tmp_path / "media")
    with pytest.raises(OSError, match="the connection ended"):
        storage.put("ab/abc.jpg", Broken())
    assert [path for path in (tmp_path / "media").rglob("*") if path.is_file()] == []
    storage.put("ab/abc.jpg", io.BytesIO(b"whole"))
    (file,) = (path for path in (tmp_path / "media").rglob("*") if path.is_file())
    assert file.read_bytes() == b"whole"
    assert file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_blog_whose_media_lie_in_a_bucket(blog: Any, s3_settings: Settings) -> None:
    folder = blog.app.extensions["qingbo_storage"]
    storage = blog.app.extensions["qingbo_storage"] = S3Storage(s3_settings)
    try:
        media = take(blog, samples.jpeg(700, 500))
        background_of(blog.app).work_off(JOBS)
        address = f"/media/{media.handle}/{media.name}"
        assert blog.visitor("ann").get(address).data[:2] == b"\xff\xd8"
        assert blog.visitor("ann").get(address, headers={"Range": "bytes=0-9"}).status_code == 206
        assert blog.visitor("ann").get(address.replace("tea.jpg", "~480.webp")).mimetype == "image/webp"
        assert not list((blog.home / "media").glob("??/*"))
        session().delete(session().scalars(select(Media)).one())
        session().commit()
        assert delete_orphans(session(), storage, 0) == 3
        assert list(storage.names(0)) == []
    finally:
        blog.app.extensions["qingbo_storage"] = folder
