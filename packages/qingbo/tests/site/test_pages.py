"""The public pages, on every engine."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from qingbo.clock import now
from qingbo.database import writing
from qingbo.extensions import db, session
from qingbo.pagination import written
from qingbo.posts.models import Post, Redirect, Tag
from rows_read import RowsRead

pytestmark = pytest.mark.sqlite_first

LINK = re.compile(r'<(?:h[23]|/time)><a href="/posts/([^"]+)">')
"""In a stream, and in a list of titles."""


def fill(blog: Any, count: int, **parts: Any) -> list[str]:
    """Write posts, a minute apart but for every third, which shares its moment with the one before."""
    start = datetime(2026, 5, 1, tzinfo=UTC)
    moments = [start + timedelta(minutes=number - number % 3 // 2) for number in range(count)]
    return [blog.post(f"Post {number:03}", published_at=at, **parts).slug for number, at in enumerate(moments)]


def walk(blog: Any, path: str, direction: str = "next") -> list[str]:
    """Return the posts of a list, page by page, the way a reader goes."""
    seen: list[str] = []
    following: str | None = path
    while following:
        page = blog.visitor().read(following)
        found = LINK.findall(page)
        seen = seen + found if direction == "next" else found + seen
        more = re.search(rf'rel="{direction}" href="([^"]+)"', page)
        following = more[1] if more else None
    return seen


@pytest.mark.parametrize("path", ["/", "/tags/tag", "/users/author", "/archive/2026", "/archive/2026/5"])
def test_every_post_is_on_exactly_one_page_the_newest_first(
    blog: Any, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qingbo.site.archive.TITLES_PER_PAGE", 10)
    slugs = fill(blog, 25, tags=["tag"])
    assert walk(blog, path) == slugs[::-1]


def test_going_back_shows_the_same_pages(blog: Any) -> None:
    slugs = fill(blog, 25)
    first = blog.visitor().read("/")
    older = re.search(r'rel="next" href="([^"]+)"', first)
    assert older
    second = blog.visitor().read(older[1])
    last = re.search(r'rel="next" href="([^"]+)"', second)
    assert last
    third = blog.visitor().read(last[1])
    assert 'rel="next"' not in third
    assert walk(blog, re.search(r'rel="prev" href="([^"]+)"', third)[1], "prev") == slugs[:4:-1]  # type: ignore[index]
    assert 'rel="prev"' not in first


def test_an_empty_blog_says_so(blog: Any) -> None:
    for path in ("/", "/archive", "/archive/2026", "/feed.atom"):
        assert blog.visitor().get(path).status_code == 200
    assert "No posts yet." in blog.visitor().read("/")


@pytest.mark.parametrize(
    "path", ["/?older=x", "/?older=1-", "/?newer=zz", "/?older=" + "z" * 500 + "-1", "/?older=1-" + "z" * 99]
)
def test_a_place_nobody_wrote_is_not_found(blog: Any, path: str) -> None:
    assert blog.visitor().get(path).status_code == 404


NOWHERE = "/posts/no /tags/no /users/no /archive/0 /archive/2026/13 /archive/99999 /archive/9999 /no /blog/post/no"


@pytest.mark.parametrize("path", NOWHERE.split())
def test_what_is_not_there_is_a_page_with_404(blog: Any, path: str) -> None:
    response = blog.visitor().get(path)
    assert response.status_code == 404
    assert "Page not found" in response.text


def test_a_post_of_the_future_waits(blog: Any) -> None:
    blog.post("Tomorrow", published_at=now() + timedelta(days=1), tags=["t"])
    for path in ("/", "/users/author", "/feed.atom", "/archive"):
        assert "Tomorrow" not in blog.visitor().read(path)
    assert blog.visitor().get("/tags/t").status_code == 404
    assert blog.visitor().get("/posts/tomorrow").status_code == 404
    assert "Tomorrow" in blog.visitor("author").read("/studio/posts")


def test_the_archive_goes_by_the_sites_time_zone(blog: Any) -> None:
    blog.post("New year", published_at=datetime(2025, 12, 31, 17, tzinfo=UTC))  # one in the morning in Shanghai
    assert "/archive/2026" in blog.visitor().read("/archive")
    assert "New year" in blog.visitor().read("/archive/2026/1")
    assert "New year" not in blog.visitor().read("/archive/2025/12").partition("<aside")[0]


def test_beside_the_first_page_stand_the_top_tags(blog: Any) -> None:
    blog.post("One", tags=["rare"])
    blog.post("Two", tags=["often"])
    blog.post("Three", tags=["often"])
    sidebar = blog.visitor().read("/").partition("<aside")[2]
    assert re.findall(r'href="/tags/(\w+)"', sidebar) == ["often", "rare"]


def test_anonymous_pages_carry_no_cookie_and_no_token_and_are_the_same_for_everybody(blog: Any) -> None:
    slug = blog.post(tags=["t"]).slug
    for path in ("/", f"/posts/{slug}", "/tags/t", "/users/author", "/archive", "/feed.atom"):
        first, second = blog.visitor().get(path), blog.visitor().get(path)
        assert "Set-Cookie" not in first.headers
        assert "csrf" not in first.text
        assert first.data == second.data


def test_security_headers_are_on_every_answer(blog: Any) -> None:
    for path in ("/", "/no", "/styles/reader.css", "/feed.atom"):
        headers = blog.visitor().get(path).headers
        assert "default-src 'self'" in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"


def test_no_page_has_inline_script_or_style(blog: Any) -> None:
    slug = blog.post(text="```python\nx\n```\n\n| a |\n|:-:|\n| 1 |").slug
    visitor = blog.visitor("author")
    for path in ("/", f"/posts/{slug}", "/posts/new", f"/posts/{slug}/delete", "/studio/posts", "/logout", "/account"):
        page = visitor.read(path)
        assert not re.search(r"<script(?![^>]* (?:src=|type=.application/ld\+json))|<style|\sstyle=|\son\w+=", page), (
            path
        )


def test_pages_of_the_signed_in_are_not_stored_by_caches(blog: Any) -> None:
    assert blog.visitor("ann").get("/").headers["Cache-Control"] == "private, no-store"


@pytest.mark.slow
@pytest.mark.parametrize("engine_name", ["mariadb"], indirect=False)
def test_a_page_far_back_reads_no_more_rows_than_the_first(blog: Any) -> None:
    author = blog.user("a").id
    rows = [
        {"title": f"t{n}", "slug": f"s{n}", "text": "x", "excerpt": "x", "author_id": author}
        | {"created_at": now(), "updated_at": now(), "published_at": now() - timedelta(seconds=n)}
        for n in range(3000)
    ]
    with writing():
        session().execute(sa.insert(Post), rows)
        session().commit()
    with db.engine.connect() as connection:
        connection.execute(sa.text("ANALYZE TABLE posts"))

    def rows_read(path: str) -> int:
        # The server counts for all; the least of a few readings is the one that no other test disturbed.
        return min(rows_read_once(path) for _ in range(5))

    def rows_read_once(path: str) -> int:
        read = sa.text("SHOW GLOBAL STATUS LIKE 'Handler_read%'")
        with db.engine.connect() as connection:
            before = sum(int(row[1]) for row in connection.execute(read))
            blog.visitor().read(path)
            return sum(int(row[1]) for row in connection.execute(read)) - before

    blog.visitor().read("/")
    far = session().execute(sa.select(Post.published_at, Post.id).where(Post.slug == "s2900")).one()
    assert rows_read(f"/?older={written(*far)}") <= rows_read("/") + 20


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize("direction", ["older", "newer"])
def test_a_page_and_a_post_far_back_cost_sqlite_no_more_than_the_first(blog: Any, direction: str) -> None:
    start, author = now() - timedelta(days=30), blog.user("a").id
    rows = [
        {"title": f"t{n}", "slug": f"s{n}", "text": "x", "excerpt": "x", "author_id": author}
        | {"created_at": start, "updated_at": start, "published_at": start + timedelta(seconds=n)}
        for n in range(5_000)
    ]
    with writing():
        session().execute(sa.insert(Post), rows)
        session().commit()
    middle = session().execute(sa.select(Post.published_at, Post.id).where(Post.slug == "s2500")).one()
    session().rollback()
    for path in ("/", "/posts/s2500"):  # their HTML is kept from here on
        blog.visitor().read(path)
    steps = RowsRead(db.engine)
    blog.visitor().read("/")
    first = steps.taken()
    for path in (f"/?{direction}={written(*middle)}", "/posts/s2500"):
        blog.visitor().read(path)
        assert steps.taken() <= 2 * first, path


def test_old_addresses_lead_to_the_new_ones(blog: Any) -> None:
    slug = blog.post("Old", tags=["编程"], author=blog.user("JmilkFan")).slug
    with writing():
        session().add(Redirect(path="/blog/post/a1b2", target=f"/posts/{slug}"))
        session().commit()
    expected = {
        "/blog/": "/",
        "/blog/3": "/",
        "/blog/post/a1b2": f"/posts/{slug}",
        "/blog/edit/a1b2": f"/posts/{slug}/edit",
        "/blog/new": "/posts/new",
        "/blog/user/JmilkFan": "/users/jmilkfan",
        "/blog/tag/编程": "/tags/bian-cheng",
    }
    for old, new in expected.items():
        response = blog.visitor().get(old)
        assert (response.status_code, response.location) == (301, new), old


def test_a_broken_page_is_written_down_and_says_nothing_of_its_inside(
    blog: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    blog.app.testing = False
    monkeypatch.setattr("qingbo.site.views.listing.published_page", lambda *args: 1 / 0)
    response = blog.visitor().get("/")
    assert response.status_code == 500
    assert "Something went wrong" in response.text
    assert "ZeroDivisionError" not in response.text
    assert "ZeroDivisionError" in caplog.text


def test_names_of_posts_and_people_are_escaped(blog: Any) -> None:
    slug = blog.post("<script>alert('t')</script>", tags=["<b>tag</b>"]).slug
    for path in ("/", f"/posts/{slug}"):
        page = blog.visitor().get(path).text
        assert "<script>" not in page
        assert "<b>tag" not in page


def test_tags_without_public_posts_are_not_in_the_sidebar(blog: Any) -> None:
    blog.post("Draft", published_at=None, tags=["secret-plan"])
    assert session().scalar(sa.select(sa.func.count(Tag.id))) == 1
    assert "secret-plan" not in blog.visitor().read("/")


@pytest.mark.parametrize("host", ["a b", "[::", "x" * 300, "a..b", "-.example", "a\\b", "a:b", "ü.example", "/"])
def test_a_host_header_that_is_none_is_refused_plainly(blog: Any, host: str) -> None:
    response = blog.visitor().get("/", environ_overrides={"HTTP_HOST": host})
    assert response.status_code == 400


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8080", "[::1]:8080", "blog.example.com", "xn--fsq.example."])
def test_a_host_header_that_is_one_is_taken(blog: Any, host: str) -> None:
    assert blog.visitor().get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "path", ["/archive/1", "/archive/999", "/archive/9999/12", "/archive/" + "9" * 40, "/archive/2026/99"]
)
def test_years_that_are_no_dates_everywhere_are_not_found(blog: Any, path: str) -> None:
    assert blog.visitor().get(path).status_code == 404


@pytest.mark.parametrize(
    "path", ["/posts/%00", "/users/a%00", "/tags/%00", "/blog/%00", "/blog/tag/%00", "/?older=%00"]
)
def test_a_null_byte_is_nowhere(blog: Any, path: str) -> None:
    assert blog.visitor().get(path).status_code in {400, 404}
    assert blog.visitor().post("/login", data={"name": "a\x00b", "password": "x"}).status_code == 400


def test_posts_before_1970_are_reached(blog: Any) -> None:
    for number in range(12):
        blog.post(f"Old {number}", published_at=datetime(1960, 1, 1 + number, tzinfo=UTC))
    assert len(walk(blog, "/")) == 12


def test_the_tag_of_a_draft_is_not_there_for_others(blog: Any) -> None:
    blog.post("Draft", published_at=None, tags=["secret"])
    assert blog.visitor().get("/tags/secret").status_code == 404


def test_an_answer_says_what_is_allowed(blog: Any) -> None:
    response = blog.visitor().post("/archive")
    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]


def test_without_its_database_a_page_asks_for_patience(blog: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*args: Any) -> None:
        raise sa.exc.OperationalError("SELECT 1", {}, Exception("gone"))

    monkeypatch.setattr("qingbo.site.views.listing.published_page", gone)
    response = blog.visitor().get("/")
    assert response.status_code == 503
    assert "Temporarily unavailable" in response.text


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_only_pages_with_a_formula_ask_for_the_sheet_of_formulas(blog: Any) -> None:
    plain, formula, comment = (blog.post(title, text).slug for title, text in (("a", "b"), ("c", "$x$"), ("d", "e")))
    blog.change_settings(comment_hold="none")
    blog.comment(f"/posts/{comment}", "$x$", name="Guest")
    pages = [blog.visitor().read(f"/posts/{slug}") for slug in (plain, formula, comment)]
    assert ["formulas.css" in page for page in pages] == [False, True, True]
