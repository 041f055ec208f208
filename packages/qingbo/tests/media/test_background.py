"""Background jobs: queued after the commit, as row numbers only, and queued again if the queue lost them."""

import json
import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sample_media as samples
from blogs import at_another_time
from media_uploads import take
from qingbo.background import background_of, enqueue, prepare_background
from qingbo.clock import now
from qingbo.database import writing
from qingbo.extensions import db, session
from qingbo.home import DataFolder
from qingbo.media.models import Media
from qingbo.media.place import current_storage
from qingbo.media.renditions import CLAIM, finish
from qingbo.media.storage import FolderStorage
from qingbo.media.sweeping import LEFT_ALONE_SECONDS
from qingbo.tasks import JOBS, sweep
from redis_server import redis_url  # noqa: F401 - a fixture
from sqlalchemy import func, select, update

pytestmark = pytest.mark.sqlite_first


def queued(home: Path) -> list[list[Any]]:
    with closing(sqlite3.connect(home / "tasks.db")) as connection:
        return [json.loads(row[0])[6] for row in connection.execute("SELECT data FROM task ORDER BY id")]


def unfinished() -> int:
    session().rollback()
    return session().scalar(select(func.count()).where(Media.finished_at.is_(None))) or 0


def test_a_job_is_a_name_and_a_number_as_json_and_comes_after_the_commit(blog: Any) -> None:
    with writing():
        enqueue(session(), "make_renditions", 7)
        session().execute(select(1))
        session().rollback()
        enqueue(session(), "make_renditions", 8)
        session().execute(select(1))
        assert not (blog.home / "tasks.db").exists()
        session().commit()
    assert queued(blog.home) == [["make_renditions", 8]]
    assert (blog.home / "tasks.db").stat().st_mode & 0o077 == 0
    background_of(blog.app).work_off(JOBS)
    assert queued(blog.home) == []


def test_a_queue_that_does_not_answer_refuses_no_upload(blog: Any, caplog: pytest.LogCaptureFixture) -> None:
    use_redis(blog, "redis://127.0.0.1:9/0")
    take(blog, samples.jpeg())
    assert "the sweep will do it" in caplog.text
    assert unfinished() == 1


def test_the_sweep_finds_what_the_queue_lost(blog: Any) -> None:
    for width in (600, 700):
        take(blog, samples.jpeg(width, 400))
    background_of(blog.app).clear()
    assert unfinished() == 2
    sweep(blog.app)
    sweep(blog.app)
    assert len(queued(blog.home)) == 2, "once each"
    background_of(blog.app).work_off(JOBS)
    assert unfinished() == 0


def test_redis_carries_the_same_jobs(blog: Any, redis_url: str) -> None:  # noqa: F811
    use_redis(blog, redis_url)
    take(blog, samples.jpeg())
    assert not (blog.home / "tasks.db").exists()
    background_of(blog.app).work_off(JOBS)
    assert unfinished() == 0


def use_redis(blog: Any, url: str) -> None:
    settings = blog.app.extensions["qingbo_settings"]
    changed = settings.model_validate(settings.model_dump(exclude_unset=True) | {"redis_url": url})
    prepare_background(blog.app, DataFolder(blog.home), changed)


def test_a_job_of_another_version_is_left_alone(blog: Any, caplog: pytest.LogCaptureFixture) -> None:
    background_of(blog.app).put("brew_tea", 1)
    background_of(blog.app).work_off(JOBS)
    assert "No job is called brew_tea" in caplog.text


def test_the_sweep_deletes_what_no_row_speaks_of_once_it_is_old(blog: Any) -> None:
    kept = take(blog, samples.jpeg())
    finish(session(), current_storage(), kept.id)
    folder = blog.home / "media"
    before = {path for path in folder.rglob("*") if path.is_file()}
    assert len(before) > 1
    (folder / ".incoming").mkdir(exist_ok=True)
    strangers = [folder / ".incoming" / "half", folder / "ab" / f"ab{'0' * 62}.jpg"]
    for path in strangers:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        path.write_bytes(b"x")
        path.chmod(0o600)
    sweep(blog.app)
    assert all(path.exists() for path in strangers), "too young"
    for path in [*strangers, *before]:
        os.utime(path, (time.time() - LEFT_ALONE_SECONDS - 9,) * 2)
    sweep(blog.app)
    assert not any(path.exists() for path in strangers)
    assert before == {path for path in folder.rglob("*") if path.is_file()}
    assert not [path for path in (folder, *folder.rglob("*")) if path.stat().st_mode & 0o077], "nobody else can read"


def test_a_picture_whose_file_is_missing_is_tried_again_and_breaks_nothing(
    blog: Any, caplog: pytest.LogCaptureFixture
) -> None:
    media = take(blog, samples.jpeg())
    for path in (blog.home / "media").glob("??/*"):
        path.unlink()
    background_of(blog.app).work_off(JOBS)
    assert f"media {media.id}" in caplog.text
    assert unfinished() == 1


def test_a_picture_that_another_process_works_on_is_left_to_it(blog: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    media = take(blog, samples.jpeg())
    storage, tried = current_storage(), []

    def put_slowly(self: FolderStorage, name: str, content: Any) -> None:
        if not tried:
            tried.append(finish(session(), storage, media.id))
        put(self, name, content)

    put = FolderStorage.put
    monkeypatch.setattr(FolderStorage, "put", put_slowly)
    assert finish(session(), storage, media.id)
    assert tried == [False]
    assert unfinished() == 0


def test_one_whose_process_was_killed_is_taken_again(blog: Any) -> None:
    media = take(blog, samples.jpeg())
    with writing(), db.engine.begin() as connection:
        connection.execute(update(Media).values(claimed_until=now() + CLAIM))
    assert not finish(session(), current_storage(), media.id)
    with at_another_time(seconds=16):
        assert finish(session(), current_storage(), media.id)
    assert unfinished() == 0


def test_one_that_fails_is_free_at_once(blog: Any) -> None:
    media = take(blog, samples.jpeg())
    for path in (blog.home / "media").glob("??/*"):
        path.unlink()
    for _ in range(2):
        with pytest.raises(FileNotFoundError):
            finish(session(), current_storage(), media.id)
        session().rollback()


def test_of_several_processes_that_start_together_one_sweeps(blog: Any) -> None:
    swept: list[Any] = []
    first = background_of(blog.app)
    prepare_background(blog.app, DataFolder(blog.home), blog.app.extensions["qingbo_settings"])
    second = background_of(blog.app)
    asked = time.time()
    for each in (first, second, first):
        each._sweep(swept.append, asked)
    assert len(swept) == 1
    second._sweep(swept.append, time.time())
    assert len(swept) == 2, "one that is started again later looks for what it left"
    with at_another_time(hours=1):
        first._sweep(swept.append, time.time() - 1800)
    first._sweep(swept.append, time.time() - 1800)
    assert len(swept) == 4, "whatever the clock was before"
    assert (blog.home / "sweep.lock").stat().st_mode & 0o077 == 0
