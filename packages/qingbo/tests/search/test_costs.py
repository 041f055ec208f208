"""A search reads few more rows than it shows, however many posts there are."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from combinations import has_all
from qingbo.clock import now
from qingbo.database import writing
from qingbo.extensions import db, session
from qingbo.posts.finding import Narrowing, Spot, find_posts
from qingbo.posts.models import Post
from qingbo.posts.queries import find_post
from qingbo.posts.related import related_posts
from qingbo.posts.states import kept
from qingbo.reindexing import reindex
from qingbo.search.terms import Query
from rows_read import RowsRead

FEW, MANY = (1_000, 10_000) if has_all() else (500, 5_000)
EVERY = {"茶": 1, "绿茶": 10, "红茶": 50, "白茶": 500}
"""Of how many posts one has the word."""
OTHER_WORDS = "".join(f" word{number}" for number in range(200))
"""Without them the rows are so short that reading all of them is the quickest."""


def write_posts(first: int, last: int, author: int) -> None:
    """Write posts, each older than the one before it, and index them."""
    rows = [
        {
            "title": "", "slug": f"n{number}", "excerpt": "", "author_id": author, "created_at": now(),
            "updated_at": now(), "published_at": now() - timedelta(minutes=10 * number),
            "text": " ".join(word for word, every in EVERY.items() if number % every == 0) + OTHER_WORDS,
        }
        for number in range(first, last)
    ]  # fmt: skip
    with writing():
        session().execute(sa.insert(Post), rows)
        session().commit()
    reindex(session(), lambda name, count=1: None, only_missing=True)
    of_tables = "" if db.engine.dialect.name in {"sqlite", "postgresql"} else " TABLE posts, post_search"
    with db.engine.begin() as connection:
        connection.execute(sa.text(f"ANALYZE{of_tables}"))


# PostgreSQL rather reads all of so few short rows; benchmarks/search.py measures it among 100,000.
@pytest.mark.slow
@pytest.mark.parametrize("engine_name", ["sqlite", "mariadb"], indirect=True)
def test_the_newest_cost_the_same_among_ten_times_as_many(blog: Any) -> None:
    author = blog.user("author").id
    costs: list[dict[str, int]] = []
    for first, last in ((0, FEW), (FEW, MANY)):
        write_posts(first, last, author)
        rows = RowsRead(db.engine)
        costs.append({})
        for word in EVERY:
            found = find_posts(session(), Query.read(word), Narrowing(), Spot(), 20, newest_first=True)
            assert len(found.spots) == min(20, last // EVERY[word])
            session().commit()
            db.engine.dispose()  # some engines count when a connection ends
            costs[-1][word] = rows.taken()
    few, many = costs
    for word in EVERY:
        assert many[word] <= 2 * few[word] + 50, (few, many)


@pytest.mark.slow
def test_related_posts_cost_a_few_hundred_rows(blog: Any) -> None:
    author = blog.user("author").id
    write_posts(0, FEW, author)
    post = blog.post("绿茶和红茶", "Tea.", tags=["茶", "tea"])
    for number in range(60):
        blog.post(f"红茶 {number}", "Tea.", tags=["tea"])
    rows = RowsRead(db.engine)
    assert len(related_posts(session(), find_post(session(), post.id, kept()))) == 4
    session().commit()
    db.engine.dispose()
    assert rows.taken() <= (20_000 if blog.engine_name == "sqlite" else 400)
