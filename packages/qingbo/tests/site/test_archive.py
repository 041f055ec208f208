"""The archive: years with counts, a year's titles by month, all tags."""

import random
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import g
from qingbo.clock import now
from qingbo.database import writing
from qingbo.extensions import session
from qingbo.posts.archive_counts import ArchiveYear, are_years_right
from qingbo.posts.models import Post
from qingbo.posts.publishing import Draft, update_post
from qingbo.posts.queries import find_post
from qingbo.posts.states import kept
from qingbo.reindexing import recount
from qingbo.site_settings import current_zone
from qingbo.tasks import sweep

pytestmark = pytest.mark.sqlite_first

YEAR = re.compile(r'href="/archive/(\d+)"><strong>\d+</strong> <span class="number">(\d+)')


def test_the_archive_counts_the_posts_of_each_year_in_its_time_zone(blog: Any) -> None:
    for moment in (
        datetime(2026, 3, 1, tzinfo=UTC),
        datetime(2025, 12, 31, 17, tzinfo=UTC),
        datetime(1969, 7, 20, tzinfo=UTC),
    ):
        blog.post(published_at=moment)
    blog.post("Tomorrow", published_at=now() + timedelta(days=400))
    assert YEAR.findall(blog.visitor().read("/archive")) == [("2026", "2"), ("1969", "1")]


def test_the_years_are_right_after_every_change(blog: Any) -> None:
    chance = random.Random(3)
    start = datetime(2024, 12, 31, 12, tzinfo=UTC)
    dates = [start + timedelta(hours=chance.randint(0, 9000)) for _each in range(12)]
    slugs = [blog.post(f"P{n}", published_at=date, slug=f"p{n}").slug for n, date in enumerate(dates)]
    writer = blog.visitor("author")
    for _step in range(25):
        slug = chance.choice(slugs)
        post = find_post(session(), slug, sa.true())
        date = start + timedelta(hours=chance.randint(0, 20_000))
        match chance.randint(0, 3):
            case 0:
                writer.send(f"/posts/{slug}/delete")
            case 1:
                writer.send(f"/posts/deleted/{post.id}", page="/posts/new")
            case kind if post.binned_at is None or post.published_at:
                with writing():
                    session().rollback()
                    post = find_post(session(), slug, kept())
                    update_post(session(), post, Draft(post.title, "x", published_at=date if kind == 2 else None))
                    session().commit()
        session().rollback()
        dates = session().scalars(sa.select(Post.published_at).where(Post.published_at.is_not(None))).all()
        zone = current_zone()
        years = sorted(Counter(date.astimezone(zone).year for date in dates if date <= now()).items())
        assert YEAR.findall(blog.visitor().read("/archive")) == [(str(year), str(count)) for year, count in years[::-1]]
        with writing():
            assert are_years_right(session())
            session().commit()


def test_in_another_time_zone_the_years_begin_at_its_moments(blog: Any) -> None:
    for hour in (3, 12, 17, 23):
        blog.post(published_at=datetime(2025, 12, 31, hour, tzinfo=UTC))
        blog.post(published_at=datetime(2026, 1, 1, hour, tzinfo=UTC))
    settings = blog.app.extensions["qingbo_settings"]
    for zone, later in (("America/New_York", 3), ("UTC", 4), ("Asia/Shanghai", 6), ("Pacific/Kiritimati", 7)):
        blog.app.extensions["qingbo_settings"] = settings.model_copy(update={"timezone": zone})
        session().rollback()
        g.pop("site_settings", None)
        blog.forget_pages()
        for _turn in ("counted for this page", "stored"):
            shown = dict(YEAR.findall(blog.visitor().read("/archive")))
            assert shown == {"2025": str(8 - later), "2026": str(later)}, zone
            recount(session())
            assert are_years_right(session())


def test_what_a_script_wrote_is_counted_by_the_sweep(blog: Any) -> None:
    blog.post(published_at=datetime(2025, 5, 5, tzinfo=UTC))
    with writing():
        session().execute(sa.update(ArchiveYear).values(posts=7))
        session().commit()
    sweep(blog.app)
    assert YEAR.findall(blog.visitor().read("/archive")) == [("2025", "1")]


def test_a_date_of_the_middle_ages_does_not_make_the_archive_count_a_thousand_years(blog: Any) -> None:
    blog.post(published_at=datetime(1066, 10, 14, tzinfo=UTC))
    blog.post(published_at=datetime(2026, 3, 1, tzinfo=UTC))
    assert YEAR.findall(blog.visitor().read("/archive")) == [("2026", "1")]
    assert "<time" in blog.visitor().read("/archive/1066").partition("<main")[2]


def test_a_year_has_its_titles_by_month(blog: Any) -> None:
    blog.post("Late", published_at=datetime(2026, 3, 31, 17, tzinfo=UTC))  # the first of April in Shanghai
    blog.post("", "一条随笔。", kind="note", published_at=datetime(2026, 3, 1, tzinfo=UTC))
    page = blog.visitor().read("/archive/2026")
    assert re.findall(r'class="month"><a href="/archive/2026/(\d+)">', page) == ["4", "3"]
    assert page.index("April") < page.index("Late") < page.index("March") < page.index("一条随笔")
    assert "Late" in blog.visitor().read("/archive/2026/4")


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_year_of_ten_thousand_posts_comes_in_pages(blog: Any) -> None:
    start, author = datetime(2025, 1, 2, tzinfo=UTC), blog.user("a").id
    rows = [
        {"title": f"t{n}", "slug": f"s{n}", "text": "x", "excerpt": "x", "author_id": author}
        | {"created_at": start, "updated_at": start, "published_at": start + timedelta(minutes=50 * n)}
        for n in range(10_000)
    ]
    with writing():
        session().execute(sa.insert(Post), rows)
        session().commit()
    recount(session())
    assert YEAR.findall(blog.visitor().read("/archive")) == [("2025", "10000")]
    first = blog.visitor().read("/archive/2025")
    assert first.count("<time") == 500
    assert len(first) < 150_000
    older = re.search(r'rel="next" href="([^"]+)"', first)
    assert older
    assert blog.visitor().read(older[1]).count("<time") == 500


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_all_tags_are_found_page_by_page(blog: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qingbo.site.archive.TAGS_PER_PAGE", 3)
    blog.post("a", tags=["茶", "Tea", "coffee", "water"])
    blog.post("b", tags=["Tea"])
    seen, path = [], "/tags"
    while path:
        page = blog.visitor().read(path)
        seen += re.findall(r'rel="tag"><span[^>]*>([^<]+)</span> <span class="number">(\d+)', page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        path = following[1] if following else ""
    assert seen == [("coffee", "1"), ("Tea", "2"), ("water", "1"), ("茶", "1")]
