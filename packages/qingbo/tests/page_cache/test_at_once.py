"""Concurrent readers and writers, compared with a model: no page is too old, and nobody sees another's page."""

import random
import re
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
import redis
import sqlalchemy as sa
from blogs import Blog
from flask import Flask
from qingbo.database import writing
from qingbo.extensions import session
from qingbo.posts.models import Post
from redis_server import redis_url  # noqa: F401 - a fixture
from werkzeug.test import Client

pytestmark = [pytest.mark.sqlite_first, pytest.mark.slow, pytest.mark.long]

STEPS, THREADS, POSTS = 10_000, 6, 4
WRITES = 0.01
SIGNED_IN = 0.005
"""Shares of all steps; the others are those of guests."""
PATHS = ("/", "/tags/tea", "/feed.atom", *(f"/posts/post-{number}" for number in range(POSTS)))
VERSION = re.compile(r"Post (\d+) in version (\d+)")


@dataclass
class Model:
    """What was committed, and since when."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    versions: list[deque[tuple[float, int]]] = field(
        default_factory=lambda: [deque([(0.0, 0)], maxlen=200) for _each in range(POSTS)]
    )

    def write(self, number: int, commit: Callable[[int], None]) -> None:
        """Commit the next version of a post; one writer does at a time."""
        with self.lock:
            version = self.versions[number][-1][1] + 1
            commit(version)
            self.versions[number].append((time.monotonic(), version))

    def least(self, seconds: float) -> list[int]:
        """Return the versions that had been committed so long ago."""
        moment = time.monotonic() - seconds
        return [max(version for at, version in [*each] if at <= moment) for each in self.versions]


@dataclass
class Reader:
    """Somebody with a browser, at one of the processes."""

    client: Client
    may_lag: float
    name: str = ""

    def read(self, model: Model, path: str) -> None:
        """Read a page and hold it against the model."""
        least = model.least(self.may_lag)
        answer = self.client.get(path)
        assert answer.status_code == 200
        assert ("Sign out" in answer.text) == bool(self.name and path != "/feed.atom")
        for number, version in VERSION.findall(answer.text):
            assert int(version) >= least[int(number)], (path, number, version, least, self.name)
        if self.name:
            own = self.client.get("/account").text
            assert f"/users/{self.name}" in own


class Crowd:
    """Threads that read and write by chance."""

    def __init__(self, blog: Blog, guests: list[Reader], people: list[Reader]) -> None:
        self.model = Model()
        self.problems: list[BaseException] = []
        self._app, self._guests, self._people = blog.app, guests, people
        self._locks = {reader.name: threading.Lock() for reader in people}

    def run(self) -> None:
        """Take all steps."""
        threads = [threading.Thread(target=self._run, args=(seed,)) for seed in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _run(self, seed: int) -> None:
        chance = random.Random(seed)
        try:
            for _step in range(STEPS // THREADS):
                self._step(chance)
        except BaseException as problem:  # the test says it, and not the thread alone
            self.problems.append(problem)
            raise

    def _step(self, chance: random.Random) -> None:
        kind, path = chance.random(), chance.choice(PATHS)
        if kind < WRITES:
            number = chance.randrange(POSTS)
            self.model.write(number, lambda version: self._write(number, version))
        elif kind < WRITES + SIGNED_IN:
            reader = chance.choice(self._people)
            with self._locks[reader.name]:  # a browser sends its cookies in one order
                reader.read(self.model, path)
        else:
            chance.choice(self._guests).read(self.model, path)

    def _write(self, number: int, version: int) -> None:
        with self._app.app_context(), writing():
            title = f"Post {number} in version {version}"
            session().execute(sa.update(Post).where(Post.slug == f"post-{number}").values(title=title))
            session().commit()


def test_no_page_is_staler_than_it_may_be(blog: Blog, other_process: Flask, process_without_pages: Flask) -> None:
    for app in (blog.app, other_process, process_without_pages):
        app.extensions["qingbo_fragments"].freshness.watch_closely()  # as in a worker
    others = [Reader(app.test_client(), lag_of(blog)) for app in (other_process, process_without_pages)]
    run(blog, [Reader(blog.app.test_client(), 0.0), *others])


def test_no_page_is_staler_than_it_may_be_with_redis(
    blog: Blog,
    start_process: Any,
    redis_url: str,  # noqa: F811
) -> None:
    processes = [start_process(redis_url=redis_url) for _each in range(2)]
    run(blog, [Reader(each.test_client(), lag_of(blog)) for each in processes])
    with redis.Redis.from_url(redis_url) as server:
        assert server.info("stats")["keyspace_hits"] > 0


def lag_of(blog: Blog) -> float:
    """Return for how many seconds another process may show what was before."""
    return 0.0 if blog.engine_name == "sqlite" else 0.5


def run(blog: Blog, guests: list[Reader]) -> None:
    """Let a crowd loose, and hold it against its model."""
    for number in range(POSTS):
        blog.post(f"Post {number} in version 0", tags=["tea"], slug=f"post-{number}")
    people = [Reader(blog.visitor(name).client, 0.0, name) for name in ("ann", "ben")]
    session().close()
    crowd = Crowd(blog, guests, people)
    crowd.run()
    assert crowd.problems == []
    assert sum(each[-1][1] for each in crowd.model.versions) > STEPS * WRITES / 2
