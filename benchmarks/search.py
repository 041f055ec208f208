"""Compares the speed of search with LIKE in the same run on three engines (`make bench-search`).

The posts are those of `generator`. Queries are words of their texts, from frequent to rare.
"""

import argparse
import random
import statistics
import time
from collections.abc import Callable
from functools import partial

import sqlalchemy as sa
from engines import ENGINES, servers
from generator import app_of, filled_blog
from qingbo.extensions import session
from qingbo.posts.finding import Narrowing, Spot, find_posts
from qingbo.posts.models import Post
from qingbo.search.terms import Query
from words import Writer

QUERIES = 30
SIZES = {
    "sqlite": "SELECT sum(pgsize) FROM dbstat WHERE name LIKE 'post_words%' OR name LIKE '%post_search%'",
    "mariadb": "SELECT sum(file_size) FROM information_schema.innodb_sys_tablespaces"
    " WHERE name LIKE concat(database(), '/post_search') OR name LIKE concat(database(), '/FTS_%')",
    "postgresql": "SELECT pg_total_relation_size('post_search')",
}


def main() -> None:
    """Measure on each chosen engine."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=100_000)
    parser.add_argument("--engines", default=",".join(ENGINES))
    asked = parser.parse_args()
    with servers():
        for engine in asked.engines.split(","):
            measure(engine, asked.posts)


def measure(engine: str, posts: int) -> None:
    """Print what a search costs on an engine."""
    filled = filled_blog(engine, posts)
    built = filled.seconds["search index"]
    words = Writer(random.Random(1)).words
    with app_of(filled), session() as reader:
        size = (reader.scalar(sa.text(SIZES[engine])) or 0) / 1024**2
        reader.rollback()
        print(f"{engine}: {posts} posts, index built in {built:.0f} s, {size:.0f} MB with the words", flush=True)
        # Ranks 1 to the last, evenly spaced on a logarithmic scale.
        queries = [words[int(len(words) ** (each / QUERIES)) - 1] for each in range(1, QUERIES + 1)]
        like = statistics.median(timed(queries, by_like))
        for name, newest_first in (("newest first", True), ("best first", False)):
            taken = timed(queries, partial(by_index, newest_first=newest_first))
            middle, worst = statistics.median(taken), max(taken)
            print(f"  {name}: median {middle:.1f} ms, worst {worst:.1f} ms; LIKE takes {like / middle:.0f} times that")


def by_index(word: str, *, newest_first: bool) -> int:
    """Search the first page of posts with the index."""
    return len(find_posts(session(), Query.read(word), Narrowing(), Spot(), 20, newest_first=newest_first).spots)


def by_like(word: str) -> int:
    """Search posts with LIKE, without an index."""
    found = sa.select(Post.id).where(Post.text.contains(word)).order_by(Post.published_at.desc())
    return len(session().scalars(found).all())


def timed(queries: list[str], find: Callable[[str], int]) -> list[float]:
    """Return the milliseconds of the second run of each query."""
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
