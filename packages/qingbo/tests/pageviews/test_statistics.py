"""The studio's statistics pages, on every engine."""

import re
from datetime import date, timedelta
from itertools import product
from types import SimpleNamespace
from typing import Any

import flask_rewind
import pytest
import sqlalchemy as sa
from qingbo.database import writing
from qingbo.extensions import db, session
from qingbo.pageviews.counting import gathering_of
from qingbo.pageviews.days import today
from qingbo.pageviews.models import AuthorViews, PostMonth, PostViews, ViewMark, ViewSalt
from qingbo.pageviews.periods import bars_of, last_days, last_months
from qingbo.pageviews.queries import hosts_of_owner, owner_of, top_posts, total_of_post, views_of_owner
from qingbo.pageviews.readers import View
from qingbo.posts.models import Post
from rows_read import RowsRead, insert_numbered

pytestmark = pytest.mark.sqlite_first

NAMED = re.compile(r'<th scope="row">(?:<a href="[^"]+"[^>]*>)?([^<]+)(?:</a>)?</th><td>([\d,]+)</td>')


def read_by(blog: Any, post: Post | int, readers: int, host: str = "") -> None:
    number = post if isinstance(post, int) else post.id
    for each in range(readers):
        gathering_of(blog.app).add(View(today(), number, f"{host} {each}".encode()), host)
    session().rollback()
    gathering_of(blog.app).write()


def on_another_day(days: int, **changed: int) -> None:
    """Have all that was counted be so many days old."""
    session().rollback()
    day = today() - timedelta(days=days)
    with writing(), db.engine.begin() as connection:
        for table in (PostViews, AuthorViews):
            connection.execute(sa.update(table).values(day=day))
        connection.execute(sa.update(PostMonth).values(month=day.replace(day=1)))


def counts(page: str) -> dict[str, str]:
    return dict(NAMED.findall(page))


def test_an_author_sees_their_own_posts_and_an_editor_all(blog: Any) -> None:
    mine, other = blog.post("Mine", author=blog.user("ann")), blog.post("Of another")
    read_by(blog, mine, 2, "zhihu.com")
    read_by(blog, other, 3, "v2ex.com")
    ann, editor = blog.visitor("ann"), blog.visitor("ed", "editor")
    page = ann.read("/studio/statistics")
    assert "2 views" in page
    assert counts(page) | {"Mine": "2", "zhihu.com": "2"} == counts(page)
    assert "Of another" not in page
    assert "v2ex.com" not in page
    page = editor.read("/studio/statistics")
    assert "5 views" in page
    assert [name for name in counts(page) if name in {"Mine", "Of another"}] == ["Of another", "Mine"]
    numbers = {post.title: post.id for post in session().scalars(sa.select(Post))}
    assert "2 views in total" in ann.read(f"/studio/statistics/posts/{numbers['Mine']}")
    assert ann.get(f"/studio/statistics/posts/{numbers['Of another']}").status_code == 404
    assert "v2ex.com" in editor.read(f"/studio/statistics/posts/{numbers['Of another']}")


def test_counts_that_are_not_ones_own_stay_hidden_when_the_author_of_a_post_changes(blog: Any) -> None:
    post = blog.post("Moved", author=blog.user("ann"))
    number, other = post.id, blog.user("ben").id
    read_by(blog, number, 2)
    with writing():
        session().rollback()
        session().execute(sa.update(Post).values(author_id=other))
        session().commit()
    assert "Moved" not in blog.visitor("ann").read("/studio/statistics")


def test_a_binned_post_is_in_no_list(blog: Any) -> None:
    post = blog.post("Binned")
    number, slug = post.id, post.slug
    read_by(blog, number, 2)
    author = blog.visitor("author")
    assert "Binned" in author.read("/studio/statistics")
    author.send(f"/posts/{slug}/delete")
    assert "Binned" not in author.read("/studio/statistics").partition("<h1>")[2]
    assert author.get(f"/studio/statistics/posts/{number}").status_code == 404


def test_the_chart_has_a_title_and_a_table_and_the_days_of_the_period(blog: Any) -> None:
    read_by(blog, blog.post(), 2)
    on_another_day(29)
    author = blog.visitor("author")
    page = author.read("/studio/statistics")
    assert page.count("<rect") == 1
    assert 'role="img" aria-labelledby="chart-title chart-text"' in page
    assert len(re.findall(r'<th scope="row">\w{3} \d+, \d{4}</th>', page)) == 30
    on_another_day(31)
    assert "No views in this period." in author.read("/studio/statistics")
    page = author.read("/studio/statistics?period=months")
    assert len(re.findall(r'<th scope="row">\w+ \d{4}</th>', page)) == 12
    assert counts(page)["Title"] == "2"
    assert author.get("/studio/statistics?period=weeks").status_code == 404


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_hosts_above_the_limit_and_readers_from_nowhere_are_named_together(blog: Any) -> None:
    number = blog.post().id
    for each in range(22):
        read_by(blog, number, 2, f"site-{each:02}.example")
    read_by(blog, number, 3)
    found = counts(blog.visitor("author").read("/studio/statistics"))
    assert (found["Other websites"], found["Direct or unknown"]) == ("4", "3")
    assert len([name for name in found if name.startswith("site-")]) == 20


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_the_studio_says_where_nothing_is_counted(blog: Any) -> None:
    author, slug = blog.visitor("author"), blog.post().slug
    assert "Views are not being counted" not in author.read("/studio/statistics")
    assert ">Statistics</a>" in author.read(f"/posts/{slug}").partition("<article")[2]
    blog.change_settings(view_counts=False)
    assert "Views are not being counted" in author.read("/studio/statistics")
    assert ">Statistics</a>" not in author.read(f"/posts/{slug}").partition("<article")[2]


def test_periods_and_bars() -> None:
    days, months = last_days(date(2026, 3, 1)), last_months(date(2026, 3, 31))
    assert (days.start, days.end, len(days.starts)) == (date(2026, 1, 31), date(2026, 3, 1), 30)
    assert (months.start, months.starts[-1], len(months.starts)) == (date(2025, 4, 1), date(2026, 3, 1), 12)
    sums = months.sums({date(2025, 4, 1): 1, date(2025, 4, 30): 2, date(2026, 3, 31): 4, date(2025, 3, 31): 99})
    assert (sums[0], sums[-1], sum(sums)) == (3, 4, 7)
    bars = bars_of(months, sums)
    assert [(bar.height, bar.y) for bar in (bars[0], bars[1], bars[-1])] == [(75, 25), (0, 100), (100, 0)]
    assert {bar.height for bar in bars_of(months, [0] * 12)} == {0}


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_the_pages_ask_a_constant_number_of_times(blog: Any, count_queries: Any) -> None:
    author, asked = blog.visitor("author"), []
    for number in range(8):
        read_by(blog, blog.post(f"Post {number}", tags=["t"]), number + 1, "zhihu.com")
        if number in {0, 7}:
            asked.append(len(count_queries(lambda: author.read("/studio/statistics"))))
    assert asked[0] == asked[1] <= 10, asked


def test_marks_of_a_day_are_not_kept_in_the_attic(blog: Any) -> None:
    read_by(blog, blog.post(), 1)
    session().close()
    with writing():
        flask_rewind.downgrade(revision="0005")
        assert {entry.table for entry in flask_rewind.attic()} & {"view_marks", "view_salts"} == set()
        flask_rewind.upgrade()
    assert session().scalars(sa.select(ViewMark)).all() == session().scalars(sa.select(ViewSalt)).all() == []
    assert session().scalar(sa.select(PostViews.views)) == 1


@pytest.mark.slow
def test_many_posts_cost_as_many_rows_as_few(blog: Any) -> None:
    number, day = blog.user("author").id, today()
    # What is asked of an account; `session().commit()` would have each of its fields read again.
    author = SimpleNamespace(id=number, is_authenticated=True, is_author=True, is_editor=False)
    editor = SimpleNamespace(id=number + 1, is_authenticated=True, is_author=True, is_editor=True)
    read: list[int] = []
    session().close()
    rows = RowsRead(db.engine)
    for before, count in ((0, 1_000), (1_000, 20_000)):
        fill(number, day, before, count)
        read_by(blog, count, 2, "zhihu.com")
        session().close()
        rows.taken()
        db.engine.dispose()  # PostgreSQL would count the rows of earlier transactions of a connection again
        for user, period in product((author, editor), (last_days(day), last_months(day))):
            found = top_posts(session(), user, period)
            assert [post.id for post, _views in found] == list(range(count, count - 10, -1))
            assert sum(views_of_owner(session(), owner_of(user), period).values()) > 1
            assert hosts_of_owner(session(), owner_of(user), period).total > 1
            assert total_of_post(session(), found[0][0]) == count + 2
            session().commit()
            db.engine.dispose()
        read.append(rows.taken())
    assert 100 < read[1] <= 2 * read[0], read


def fill(author_id: int, day: date, before: int, count: int) -> None:
    number = f"{before} + n"
    made = f"'{day.isoformat()} 00:00:00'"
    insert_numbered(
        db.engine,
        count - before,
        "posts (id, author_id, title, slug, text, excerpt, created_at, updated_at, published_at)",
        f"{number}, {author_id}, 'Post', concat('post-', {number}), '', '', {made}, {made}, {made}"
        if db.engine.dialect.name != "sqlite"
        else f"{number}, {author_id}, 'Post', 'post-' || ({number}), '', '', {made}, {made}, {made}",
    )
    first = f"'{day.replace(day=1).isoformat()}'"
    insert_numbered(
        db.engine, count - before, "post_views (post_id, day, views)", f"{number}, '{day.isoformat()}', {number}"
    )
    insert_numbered(
        db.engine,
        count - before,
        "post_view_months (post_id, month, author_id, views)",
        f"{number}, {first}, {author_id}, {number}",
    )
    if db.engine.dialect.name == "postgresql":  # as its autovacuum does before long
        with db.engine.begin() as connection:
            connection.execute(sa.text("ANALYZE"))
