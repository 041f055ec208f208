"""Measures commenting, publishing and signing in with many people at once (`make bench-writes`).

Fifty people comment, each as often as the blog lets an account comment, while one publishes and one signs in every two
seconds. Then all fifty comment at the same moment, several times. Passwords use a fast hash here, because the cost of a
hash is a choice; it is printed separately. Servers sync commits to the disk (see `engines`).

Everything written is deleted at the end, so that the blog can be measured again.
"""

import argparse
import json
import random
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import quick_passwords
from engines import ENGINES, ROOT, server_versions, servers
from generator import AUTHORS, PASSWORD, Filled, app_of, filled_blog, url_of
from machine import commit, machine
from people import Person
from qingbo.accounts.models import User
from qingbo.accounts.passwords import hash_password
from qingbo.clock import now
from qingbo.comments.models import Comment
from qingbo.database import writing
from qingbo.extensions import session
from qingbo.page_cache.changes import EVERYTHING, record_changes
from qingbo.posts.archive_counts import recount_years
from qingbo.posts.models import Post, PostTag
from qingbo.posts.tag_counts import count_all_tags
from qingbo.supervising import THREADS
from serving import Served, floor_command, served
from sqlalchemy import delete, func, select, update
from words import Writer

RESULTS = ROOT / "benchmarks/writes.json"
COMMENT_SECONDS = 2.1
"""An account may comment 30 times a minute."""
BETWEEN = 2.0
"""Seconds between two posts, and between two sign-ins."""
BURSTS = 5


def main() -> None:
    """Measure the chosen engines, add the figures to the results, and print them."""
    parser = argparse.ArgumentParser(description=main.__doc__, epilog="Lists are separated by commas.")
    parser.add_argument("--engine", default=",".join(ENGINES))
    parser.add_argument("--posts", default="100000,1000000")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--without-search", action="store_true", help="fill blogs without the words of their posts")
    parser.add_argument("--json", type=Path, default=RESULTS)
    asked = parser.parse_args()
    with servers():
        for engine in asked.engine.split(","):
            for posts in map(int, asked.posts.split(",")):
                filled = filled_blog(engine, posts, with_search=not asked.without_search)
                measured = measure(filled, asked.seconds)
                _add(asked.json, filled, measured)
                _print(filled, measured)


def measure(filled: Filled, seconds: int) -> dict[str, list[float]]:
    """Return the milliseconds of each write, by its kind."""
    environment = {
        "QINGBO_HOME": filled.home, "QINGBO_DATABASE_URL": url_of(filled), "QINGBO_LINK_PREVIEWS": "false",
    }  # fmt: skip
    with _kept_as_it_is(filled) as paths:
        command = floor_command("quick_passwords:app", THREADS)
        with served(command, environment) as server:
            return _Writing(server, paths).run(seconds)


@contextmanager
def _kept_as_it_is(filled: Filled) -> Iterator[list[str]]:
    """Give authors passwords with a fast hash, yield paths of posts, and delete afterwards what was written."""
    quick_passwords.use()
    with app_of(filled):
        with writing():
            authors = update(User).where(User.name_key.like("author-%"))
            session().execute(authors.values(password=hash_password(PASSWORD)))
            session().commit()
        newest = select(Post.slug).where(Post.published_at <= now()).order_by(Post.published_at.desc()).limit(40)
        slugs = session().scalars(newest).all()
        last_post, last_comment = (session().scalar(select(func.max(each))) or 0 for each in (Post.id, Comment.id))
        session().rollback()
    try:
        yield [filled.post, *(f"/posts/{slug}" for slug in slugs)]
    finally:
        with app_of(filled), writing():
            session().execute(delete(Comment).where(Comment.id > last_comment))
            session().execute(delete(PostTag).where(PostTag.post_id > last_post))
            session().execute(delete(Post).where(Post.id > last_post))
            count_all_tags(session())
            recount_years(session())
            record_changes(session().connection(), [EVERYTHING])
            session().commit()


class _Writing:
    """People who write at the same time."""

    def __init__(self, server: Served, paths: list[str]) -> None:
        self.server, self.url, self.paths = server, server.url, paths
        self.chance = random.Random(2)
        self.writer = Writer(random.Random(1))
        self.taken: dict[str, list[float]] = defaultdict(list)
        self._lock = threading.Lock()

    def run(self, seconds: int) -> dict[str, list[float]]:
        """Let them write, and return how long each write took."""
        people = [Person(self.url, number) for number in range(AUTHORS)]
        for person in people:
            person.sign_in(f"author-{person.number + 1}", PASSWORD)
            person.open_page(self.paths[0])
        publisher = Person(self.url, AUTHORS)
        publisher.sign_in("author-1", PASSWORD)
        publisher.open_page("/posts/new")
        self._publish(publisher)  # loads the modules that the first post needs
        self.taken.clear()
        self.server.wait_until_idle()  # a server first searches the database for missing data
        self._for_a_while(people, publisher, seconds)
        time.sleep(60)  # the limits then let everybody comment again
        for person in people:
            person.close()  # the server has closed idle connections
            person.open_page(self.paths[0])
        used = self.server.processor_seconds
        for _each in range(BURSTS):
            self._all_at_once(people)
        used = (self.server.processor_seconds - used) / BURSTS / len(people) * 1000
        self.taken["comment, time on a core"].append(used)
        for person in (*people, publisher):
            person.close()
        return dict(self.taken)

    def _for_a_while(self, people: list[Person], publisher: Person, seconds: int) -> None:
        end = time.monotonic() + seconds
        with ThreadPoolExecutor(len(people) + 2) as pool:
            done = [
                pool.submit(self._every, COMMENT_SECONDS, end, partial(self._comment, person, "comment"))
                for person in people
            ]
            done.append(pool.submit(self._every, BETWEEN, end, partial(self._publish, publisher)))
            done.append(pool.submit(self._every, BETWEEN, end, self._sign_in))
            for each in done:
                each.result()

    def _every(self, seconds: float, end: float, write: Callable[[], None]) -> None:
        """Write at fixed times, however long the write before took."""
        at = time.monotonic() + random.random() * seconds
        while at < end:
            time.sleep(max(0.0, at - time.monotonic()))
            write()
            at += seconds

    def _all_at_once(self, people: list[Person]) -> None:
        gate = threading.Barrier(len(people))

        def write(person: Person) -> None:
            gate.wait()
            self._comment(person, "comment, all at the same moment")

        with ThreadPoolExecutor(len(people)) as pool:
            list(pool.map(write, people))

    def _comment(self, person: Person, name: str) -> None:
        with self._lock:
            path, text = self.chance.choice(self.paths), self.writer.remark()
        self._keep(name, person.comment(path, text))

    def _publish(self, publisher: Person) -> None:
        with self._lock:
            writer = self.writer
            text = "\n\n".join([writer.plain(200), *(writer.marked_up() for _each in range(4))])
            title, tags = writer.title(), ", ".join(self.chance.sample(writer.words[150:250], 3))
        self._keep("publish", publisher.publish(title, text, tags))

    def _sign_in(self) -> None:
        with self._lock:
            number = self.chance.randrange(AUTHORS)
        newcomer = Person(self.url, 100 + number)
        self._keep("sign in", newcomer.sign_in(f"author-{number + 1}", PASSWORD))
        newcomer.close()

    def _keep(self, name: str, milliseconds: float) -> None:
        with self._lock:
            self.taken[name].append(milliseconds)


def percentile(values: list[float], percent: int) -> float:
    """Return a percentile of the values."""
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)]


def _add(file: Path, filled: Filled, measured: dict[str, list[float]]) -> None:
    results: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    run = {
        "commit": commit(), "at": datetime.now(UTC).isoformat(timespec="minutes"), "machine": machine(),
        "database": server_versions(url_of(filled)), "with_search": filled.with_search,
    }  # fmt: skip
    said = {
        name: {"count": len(taken), "p50": percentile(taken, 50), "p95": percentile(taken, 95), "most": max(taken)}
        for name, taken in measured.items()
    }
    results.setdefault(filled.engine, {})[str(filled.posts)] = run | {"milliseconds": said}
    file.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n")


def _print(filled: Filled, measured: dict[str, list[float]]) -> None:
    for name, taken in sorted(measured.items()):
        p50, p95 = percentile(taken, 50), percentile(taken, 95)
        print(
            f"{filled.engine} {filled.posts:,} {name}: p50 {p50:.0f} ms, p95 {p95:.0f} ms,"
            f" most {max(taken):.0f} ms ({len(taken)})", flush=True,
        )  # fmt: skip


if __name__ == "__main__":
    main()
