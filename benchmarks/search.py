"""How fast posts are found beside LIKE, measured in the same run on three engines (`make bench-search`).

The posts are generated: words of two Han characters, each as frequent as its rank says, as in real texts. Queries are
words from frequent to rare.
"""

import argparse
import os
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import flask_rewind
import sqlalchemy as sa

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/support"))

from database_servers import ENGINES, FOLDER, empty_database, stop_servers  # noqa: E402 - shared with the tests
from qingbo.accounts.registration import create_user  # noqa: E402
from qingbo.app import create_app  # noqa: E402
from qingbo.database import writing  # noqa: E402
from qingbo.extensions import db, session  # noqa: E402
from qingbo.home import DataFolder  # noqa: E402
from qingbo.posts.finding import Narrowing, Spot, find_posts  # noqa: E402
from qingbo.posts.models import Post  # noqa: E402
from qingbo.reindexing import reindex  # noqa: E402
from qingbo.search.terms import Query  # noqa: E402

WORDS, WORDS_PER_POST, QUERIES = 4_000, 200, 30
NEWEST = datetime(2026, 11, 1, tzinfo=UTC)
SIZES = {
    "sqlite": "SELECT sum(pgsize) FROM dbstat WHERE name LIKE 'post_words%' OR name LIKE '%post_search%'",
    "mariadb": "SELECT sum(file_size) FROM information_schema.innodb_sys_tablespaces"
    " WHERE name LIKE concat(database(), '/post_search') OR name LIKE concat(database(), '/FTS_%')",
    "postgresql": "SELECT pg_total_relation_size('post_search')",
}


def main() -> None:
    """Measure on each engine that is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=100_000)
    parser.add_argument("--engines", default=",".join(ENGINES))
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)  # the servers run as users of their own
    os.environ[FOLDER] = str(folder)
    try:
        for engine in asked.engines.split(","):
            measure(engine, folder / f"blog-{engine}", asked.posts)
    finally:
        stop_servers()
        shutil.rmtree(folder, ignore_errors=True)


def measure(engine: str, home: Path, posts: int) -> None:
    """Print what finding costs on an engine."""
    with blog_on(engine, home):
        chance = random.Random(1)
        words = vocabulary(chance)
        fill(chance, words, posts)
        begin = time.perf_counter()
        reindex(session(), ignore)
        built = time.perf_counter() - begin
        size = (session().scalar(sa.text(SIZES[engine])) or 0) / 1024**2
        session().rollback()
        print(f"{engine}: {posts} posts, index built in {built:.0f} s, {size:.0f} MB with the words", flush=True)
        # Ranks 1 to the last, evenly on a scale of powers.
        queries = [words[int(len(words) ** (each / QUERIES)) - 1] for each in range(1, QUERIES + 1)]
        like = statistics.median(timed(queries, by_like))
        for name, newest_first in (("newest first", True), ("best first", False)):
            taken = timed(queries, partial(by_index, newest_first=newest_first))
            middle, worst = statistics.median(taken), max(taken)
            print(f"  {name}: median {middle:.1f} ms, worst {worst:.1f} ms; LIKE takes {like / middle:.0f} times that")


@contextmanager
def blog_on(engine: str, home: Path) -> Iterator[None]:
    """A blog with its schema on an engine, and one author."""
    DataFolder(home).create()
    os.environ.pop("QINGBO_DATABASE_URL", None)
    if engine != "sqlite":
        os.environ["QINGBO_DATABASE_URL"] = empty_database(engine, "qingbo_search")
    app = create_app(home)
    with app.app_context():
        flask_rewind.upgrade()
        with writing():
            create_user(session(), "author", "correct horse battery", role="author")
            session().commit()
        yield
        session().close()
        db.engine.dispose()


def vocabulary(chance: random.Random) -> list[str]:
    """Return words of two Han characters, the most frequent first."""
    characters = [chr(code) for code in range(0x4E00, 0x4E00 + 2_500)]
    return list(dict.fromkeys("".join(chance.sample(characters, 2)) for _each in range(WORDS)))


def fill(chance: random.Random, words: list[str], posts: int) -> None:
    """Write posts, one each half an hour."""
    weights = [1 / rank for rank in range(1, len(words) + 1)]
    for first in range(0, posts, 1_000):
        rows = []
        for number in range(first, min(first + 1_000, posts)):
            at = NEWEST - timedelta(minutes=30 * (posts - number))
            text = "".join(chance.choices(words, weights, k=WORDS_PER_POST))
            rows.append({
                "author_id": 1, "title": text[:12], "slug": f"post-{number}", "text": text, "excerpt": text[:100],
                "created_at": at, "updated_at": at, "published_at": at,
            })  # fmt: skip
        with writing():
            session().execute(sa.insert(Post), rows)
            session().commit()


def ignore(name: str, count: int = 1) -> None:
    """Say nothing of how far it is."""


def by_index(word: str, *, newest_first: bool) -> int:
    """Find the first page of posts by the index."""
    return len(find_posts(session(), Query.read(word), Narrowing(), Spot(), 20, newest_first=newest_first).spots)


def by_like(word: str) -> int:
    """Find posts as without an index."""
    found = sa.select(Post.id).where(Post.text.contains(word)).order_by(Post.published_at.desc())
    return len(session().scalars(found).all())


def timed(queries: list[str], find: Callable[[str], int]) -> list[float]:
    """Return how many milliseconds each query takes, the second time."""
    taken = []
    for word in queries:
        for _turn in range(2):
            begin = time.perf_counter()
            find(word)
            session().rollback()
            last = (time.perf_counter() - begin) * 1000
        taken.append(last)
    return taken


if __name__ == "__main__":
    main()
