"""A feed makes the same queries and reads as many rows, however many posts there are."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sample_media as samples
import sqlalchemy as sa
from media_uploads import take
from qingbo.clock import now
from qingbo.database import writing
from qingbo.extensions import db, session
from qingbo.media.addresses import address_of
from qingbo.posts.kinds import Parts
from qingbo.posts.models import Post, PostTag, Series, Tag
from rows_read import RowsRead

pytestmark = pytest.mark.sqlite_first

FORMATS = ("atom", "rss", "json")
PLACES = ("", "/tags/tea", "/users/ann", "/series/learning", "/kinds/article")


def get(blog: Any, path: str) -> None:
    assert blog.visitor().get(path).status_code == 200


@pytest.mark.parametrize("posts", [1, 25])
def test_a_feed_asks_the_database_a_constant_number_of_times(
    blog: Any, posts: int, count_queries: Callable[..., list[str]]
) -> None:
    ann = blog.user("ann")
    film, cover = take(blog, samples.MP4, "film.mp4"), take(blog, samples.jpeg(90, 60))
    parts = Parts(cover=address_of(cover))
    for number in range(posts):
        text = f"{number} ![film]({address_of(film)})"
        blog.post(f"Post {number}", text, author=ann, tags=["Tea", "other"], series="Learning", parts=parts)
    places = {"": 7, "/tags/tea": 8, "/users/ann": 9, "/series/learning": 8, "/kinds/article": 7}
    blog.visitor().get("/feed.atom")  # makes the HTML
    for place, count in places.items():
        for name in FORMATS:
            counted = count_queries(lambda path=f"{place}/feed.{name}": blog.visitor().get(path))
            assert len(counted) == count, (place, name, counted)
    blog.change_settings(feed_content="excerpt")
    assert len(count_queries(lambda: blog.visitor().get("/feed.rss"))) == 5


def fill_quickly(author: Any, first: int, count: int) -> None:
    """Write posts of one author with a tag, a minute apart, in a few statements; the first thirty are a series."""
    start = now() - timedelta(days=365)
    tag = session().scalars(sa.select(Tag.id)).one()
    series = session().scalars(sa.select(Series.id)).one()
    posts = [
        {"title": f"t{n}", "slug": f"s{n}", "text": "x", "excerpt": "x", "author_id": author.id, "kind": "article"}
        | {"created_at": start, "updated_at": start, "published_at": start + timedelta(minutes=n)}
        | {"series_id": series if n < 30 else None}
        for n in range(first, first + count)
    ]
    with writing():
        session().execute(sa.insert(Post), posts)
        rows = session().execute(sa.select(Post.id, Post.published_at).where(Post.slug.in_([p["slug"] for p in posts])))
        tagged = [{"post_id": row.id, "tag_id": tag, "published_at": row.published_at} for row in rows]
        session().execute(sa.insert(PostTag), tagged)
        session().commit()


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_feed_reads_the_same_rows_however_many_posts_there_are(blog: Any) -> None:
    ann = blog.user("ann")
    blog.post("First", author=ann, tags=["tea"], series="Learning")
    fill_quickly(ann, 0, 300)
    paths = [f"{place}/feed.rss" for place in PLACES]
    for path in paths:
        get(blog, path)
    steps = RowsRead(db.engine)
    read = {}
    for path in paths:
        get(blog, path)
        read[path] = steps.taken()
    fill_quickly(ann, 300, 3000)
    for path in paths:
        get(blog, path)  # makes the HTML of the new ones
    steps.taken()
    for path in paths:
        get(blog, path)
        assert steps.taken() <= 2 * read[path], path
