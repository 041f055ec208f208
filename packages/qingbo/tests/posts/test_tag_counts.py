"""Tags in the sidebar: a scheduled post counts from its time on, on every engine, without counting again."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from blogs import at_another_time
from qingbo.clock import now
from qingbo.database import writing
from qingbo.extensions import db, session
from qingbo.posts.bin import bin_post, delete_post, take_out
from qingbo.posts.models import Tag
from qingbo.posts.publishing import Draft, update_post
from qingbo.posts.tag_counts import top_tags
from qingbo.reindexing import reindex
from qingbo.site_settings import SiteSetting
from rows_read import RowsRead, insert_numbered

pytestmark = pytest.mark.sqlite_first


def sidebar_tags(blog: Any, hours: int = 0) -> list[str]:
    """Return the tags that a visitor sees beside the first page in some hours."""
    with at_another_time(hours=hours):
        page = blog.visitor().read("/").partition("<aside")[2]
    return re.findall(r'href="/tags/([^"]+)"', page)


def listed(blog: Any, hours: int = 0) -> list[tuple[str, str]]:
    """Return the tags of the list of all tags, and the numbers beside them, in some hours."""
    with at_another_time(hours=hours):
        page = blog.visitor().read("/tags").partition("<main")[2]
    return re.findall(r'href="/tags/([^"]+)".*?class="number">(\d+)<', page)


def in_hours(hours: int) -> Any:
    return now() + timedelta(hours=hours)


def change(post: Any, **parts: Any) -> None:
    with writing():
        draft = {"title": post.title, "text": post.text, "tags": ["t"], "published_at": post.published_at} | parts
        update_post(session(), post, Draft(**draft))
        session().commit()


def test_a_scheduled_post_brings_its_tags_when_it_falls_due(blog: Any) -> None:
    blog.post("Tomorrow", published_at=in_hours(24), tags=["secret", "often"])
    blog.post("Now", tags=["often"])
    assert sidebar_tags(blog) == ["often"]
    assert sidebar_tags(blog, 23) == ["often"]
    assert sidebar_tags(blog, 25) == ["often", "secret"]


def test_the_list_of_tags_counts_what_is_public_by_now(blog: Any) -> None:
    blog.post("Tomorrow", published_at=in_hours(24), tags=["secret", "often"])
    blog.post("Now", tags=["often"])
    assert listed(blog) == [("often", "1")]
    assert listed(blog, 25) == [("often", "2"), ("secret", "1")]


def test_a_scheduled_post_counts_from_its_moment_on(blog: Any) -> None:
    for number in range(3):
        blog.post(tags=["steady"], published_at=in_hours(-5 - number))
    for hours in (-2, -1, 10, 10, 20):
        blog.post(tags=["rising"], published_at=in_hours(hours))
    assert sidebar_tags(blog) == ["steady", "rising"]
    assert sidebar_tags(blog, 11) == ["rising", "steady"]


def test_a_scheduled_post_that_is_taken_back_never_counts(blog: Any) -> None:
    change(blog.post("a", published_at=in_hours(1), tags=["t"]), published_at=None)
    assert sidebar_tags(blog, 2) == []


def test_a_scheduled_post_that_is_deleted_never_counts(blog: Any) -> None:
    post = blog.post("a", published_at=in_hours(1), tags=["t"])
    with writing():
        delete_post(session(), post)
        session().commit()
    assert sidebar_tags(blog, 2) == []


def test_a_scheduled_post_counts_for_the_tags_that_it_has_then(blog: Any) -> None:
    change(blog.post("a", published_at=in_hours(1), tags=["t"]), tags=["u"])
    assert sidebar_tags(blog) == []
    assert sidebar_tags(blog, 2) == ["u"]


def test_a_post_that_is_put_off_stops_counting_until_then(blog: Any) -> None:
    post = blog.post("a", tags=["t"])
    change(post, published_at=in_hours(5))
    assert sidebar_tags(blog) == []
    assert sidebar_tags(blog, 6) == ["t"]
    change(post, published_at=in_hours(-1))
    assert sidebar_tags(blog) == ["t"]


def test_a_change_of_another_post_takes_nothing_from_a_scheduled_one(blog: Any) -> None:
    blog.post("a", published_at=in_hours(1), tags=["t"])
    change(blog.post("b", tags=["t"]), tags=["u"])
    assert sidebar_tags(blog) == ["u"]
    with at_another_time(hours=2):
        change(blog.post("c", tags=["u"]), tags=["u"])
    assert sidebar_tags(blog, 3) == ["u", "t"]


def test_twenty_tags_are_shown_though_the_first_have_only_scheduled_posts(blog: Any) -> None:
    for number in range(2):
        blog.post(tags=[f"later{tag}" for tag in range(20)], published_at=in_hours(5 + number))
    blog.post(tags=[f"now{tag}" for tag in range(20)])
    assert sorted(sidebar_tags(blog)) == sorted(f"now{tag}" for tag in range(20))
    assert sorted(sidebar_tags(blog, 7)) == sorted(f"later{tag}" for tag in range(20))


def test_counts_from_before_scheduled_posts_were_counted_are_made_again_once(blog: Any) -> None:
    blog.post("a", published_at=in_hours(1), tags=["t"])
    blog.post("b", tags=["u"])
    with writing():
        session().execute(sa.delete(SiteSetting))
        session().execute(sa.update(Tag).where(Tag.name == "t").values(post_count=0))
        session().commit()
    assert sidebar_tags(blog) == ["u"]
    assert sorted(sidebar_tags(blog, 2)) == ["t", "u"]
    assert dict(session().execute(sa.select(Tag.name, Tag.post_count)).all()) == {"t": 1, "u": 1}


@pytest.mark.parametrize("engine_name", ["sqlite", "mariadb"])  # PostgreSQL reads small tables from end to end
def test_publishing_costs_the_same_however_many_posts_have_the_tags(blog: Any) -> None:
    rows = RowsRead(db.engine)

    def rows_of(change_posts: Callable[[], Any]) -> int:
        session().close()
        rows.taken()
        change_posts()
        session().close()
        return rows.taken()

    def write_and_delete() -> None:
        post = blog.post("Another", tags=["often", "seldom"])
        with writing():
            bin_post(session(), post)
            session().commit()
            take_out(session(), post)
            session().commit()
            delete_post(session(), post)
            session().commit()

    author = blog.post("First", tags=["often", "seldom"]).author_id
    write_and_delete()
    few = rows_of(write_and_delete)
    often = session().scalars(sa.select(Tag.id).where(Tag.name == "often")).one()
    session().close()
    posts = "author_id, title, slug, text, excerpt, created_at, updated_at, published_at"
    date = "'2020-01-01 00:00:00'"
    numbered = "'slug' || n" if blog.engine_name != "mariadb" else "concat('slug', n)"
    insert_numbered(
        db.engine, 2_000, f"posts ({posts})", f"{author}, 't', {numbered}, 'x', 'x', {date}, {date}, {date}"
    )
    with db.engine.begin() as connection:
        connection.exec_driver_sql(
            f"INSERT INTO posts_tags (post_id, tag_id, published_at) SELECT id, {often}, {date} FROM posts"
            " WHERE slug LIKE 'slug%%'"
        )
        connection.exec_driver_sql(f"UPDATE tags SET post_count = post_count + 2000 WHERE id = {often}")
        connection.exec_driver_sql({"mariadb": "ANALYZE TABLE posts, posts_tags"}.get(blog.engine_name, "ANALYZE"))
    assert rows_of(write_and_delete) < few + 1_000
    assert dict(session().execute(sa.select(Tag.name, Tag.post_count)).all()) == {"often": 2_001, "seldom": 1}


def test_reindex_counts_the_posts_of_tags_again(blog: Any) -> None:
    blog.post("a", tags=["t"])
    with writing():
        session().execute(sa.update(Tag).values(post_count=7))
        session().commit()
    reindex(session(), lambda _name, count=1: None)
    assert session().scalars(sa.select(Tag.post_count)).all() == [1]


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_the_tags_of_the_sidebar_are_found_by_indexes(blog: Any, count_queries: Any) -> None:
    blog.post("a", tags=["t"])
    (statement,) = count_queries(lambda: top_tags(session(), 20))
    with db.engine.connect() as connection:  # the plan is the same whatever the values
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", (0,) * statement.count("?"))
        steps = [row[3] for row in plan]
    assert [step for step in steps if "SCAN" in step and ("tags" in step or "posts" in step)] == []
    assert any("ix_posts_published_at_id (published_at>?)" in step for step in steps)
    assert any("ix_tags_post_count_id (post_count>?)" in step for step in steps)
