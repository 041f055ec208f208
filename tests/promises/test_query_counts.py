"""A page makes the same number of queries however many rows there are, and none that counts or skips rows."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

Count = Callable[..., list[str]]


def fill(blog: Any, count: int) -> str:
    """Write posts, a minute apart, and return the address of the newest."""
    start = datetime(2026, 5, 1, tzinfo=UTC)
    moments = [start + timedelta(minutes=number) for number in range(count)]
    posts = [blog.post(f"Post {at:%H%M}", published_at=at, tags=["tag", "other"]) for at in moments]
    slug: str = posts[-1].slug
    return slug


@pytest.mark.parametrize("posts", [1, 30])
def test_a_page_asks_the_database_a_constant_number_of_times(blog: Any, posts: int, count_queries: Count) -> None:
    slug = fill(blog, posts)
    blog.change_settings(comment_hold="none")
    for number in range(min(posts, 3)):
        blog.comment(f"/posts/{slug}", text=str(number))
    blog.visitor().get(f"/posts/{slug}")  # makes the comments' HTML
    # By tags and what they are; where tags give too few, by words, for which others than SQLite look where to begin.
    related = 2 if posts > 1 else 3 if blog.engine_name == "sqlite" else 4
    expected = {
        "/": 8,  # settings, which posts, posts, pinned, tags of the page, an author, another one, top tags
        "/tags/tag": 7,
        "/users/author": 8,  # the account comes with its roles
        "/archive": 5,  # settings, the first and the last post, counts of years, posts at their ends
        "/archive/2026": 2,
        "/tags": 2,
        # settings, which post, post, tags, its HTML, comments, their HTML, authors, before and after, related posts
        f"/posts/{slug}": 12 + related,
        # settings, tags called so, on other engines where to begin, numbers, posts, tags, texts; authors, dates, tags
        "/search?q=post&order=newest": 11 if blog.engine_name == "sqlite" else 12,
        "/feed.atom": 6,  # settings, which posts, posts, tags, their HTML, files that they bring
        "/feeds": 1,
        "/login": 1,
        "/no": 4,  # a page may have the address, or have had it, here or on another site
        "/no.php": 1,
        "/static/css/theme.css": 0,
    }
    counted = {path: len(count_queries(lambda path=path: blog.visitor().get(path))) for path in expected}
    assert counted == expected


def test_no_page_counts_or_skips_rows(blog: Any, count_queries: Count) -> None:
    slug = fill(blog, 12)
    for path in ("/", "/tags/tag", "/users/author", "/archive/2026", f"/posts/{slug}"):
        statements = count_queries(lambda path=path: blog.visitor().get(path))
        assert statements
        for statement in statements:
            assert "count(" not in statement.lower()
            # SQLite is always told OFFSET 0 by SQLAlchemy.
            assert blog.engine_name == "sqlite" or "offset" not in statement.lower()
