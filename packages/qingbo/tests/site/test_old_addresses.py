"""Addresses that posts had on another site redirect here. On every engine."""

from typing import Any

import pytest
import sqlalchemy as sa
from qingbo.database import writing
from qingbo.extensions import session
from qingbo.posts.models import Post, Redirect
from qingbo.posts.old_addresses import Stored, add_old_address, stored_path

pytestmark = pytest.mark.sqlite_first


def add(post: Post, address: str) -> Stored:
    with writing():
        session().rollback()
        stored = add_old_address(session(), session().get_one(Post, post.id), address)
        session().commit()
    return stored


def answer(blog: Any, path: str, method: str = "GET") -> tuple[int, str]:
    response = blog.app.test_client().open(path, method=method)
    return response.status_code, response.headers.get("Location", "")


@pytest.mark.parametrize(
    ("address", "stored"),
    [
        ("/2024/01/02/tea/", "/2024/01/02/tea"),
        ("2024//01/02/tea/index.html", "/2024/01/02/tea"),
        ("/archives/12.html?from=x#y", "/archives/12"),
        ("https://old.example/2024/%E8%8C%B6/", "/2024/茶"),
        ("/2024/茶.HTML", "/2024/茶"),
        ("/cafe\u0301", "/caf\u00e9"),
        ("/?p=12", "/?p=12"),
        ("https://old.example/index.php?page_id=3&x=1", "/?page_id=3"),
        ("/", None),
        ("/?p=tea", None),
        ("/a/../b", None),
        ("/wp-login.php", None),
        ("/index.php/archives/5/", "/index.php/archives/5"),
        ("/a%00b", None),
        ("/a%5Cb", None),
        ("/%FF", None),
        ("http://[", None),
        ("/" + "x" * 500, None),
    ],
)
def test_an_address_is_stored_in_one_form(address: str, stored: str | None) -> None:
    assert stored_path(address) == stored


@pytest.mark.parametrize(
    ("address", "requested"),
    [
        ("/2024/01/02/tea/", "/2024/01/02/tea"),
        ("/2024/01/02/tea/", "/2024/01/02/tea/"),
        ("/2024/01/02/tea/", "/2024//01/02/tea//index.html"),
        ("/old/tea.html", "/old/tea"),
        ("/old/tea", "/old/tea.html"),
        ("/2024/%E8%8C%B6/", "/2024/茶/"),
        ("/2024/茶", "/2024/%E8%8C%B6"),
        ("/tea-of-old", "/tea-of-old/"),
        ("/posts/old", "/posts/old/"),
        ("/posts/茶/", "/posts/%e8%8c%b6/"),
        ("/Posts/A_b/", "/Posts/A_b"),
        ("/blog/2024/tea", "/blog/2024/tea/"),
        ("/tags/deep/tea", "/tags/deep/tea"),
    ],
)
def test_an_old_address_redirects_in_every_spelling(blog: Any, address: str, requested: str) -> None:
    post = blog.post("Tea", "text")
    assert add(post, address) is Stored.NEW
    assert add(post, address) is Stored.UNCHANGED
    for method in ("GET", "HEAD"):
        status, target = answer(blog, requested, method)
        if target != f"/posts/{post.slug}":  # the slash first
            status, target = answer(blog, target, method)
        assert (status, target) == (301, f"/posts/{post.slug}")
    assert answer(blog, requested + "x")[0] == 404


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_the_suffix_of_a_page_is_dropped(blog: Any) -> None:
    post = blog.post("Tea", "text")
    for path in (f"/posts/{post.slug}.html", f"/posts/{post.slug}/index.html", f"/{post.slug}/index.htm"):
        assert answer(blog, path) == (301, f"/posts/{post.slug}")
    for path in ("/posts/none.html", "/none/index.html", "/archive.html"):
        assert answer(blog, path)[0] == 404


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_numbered_address_redirects_and_the_home_page_stays(blog: Any) -> None:
    post = blog.post("Tea", "text")
    add(post, "/?p=12")
    assert answer(blog, "/?p=12&utm_source=x") == (301, f"/posts/{post.slug}")
    for path in ("/", "/?p=13", "/?p=x", "/?q=12"):
        assert answer(blog, path)[0] == 200


def test_the_query_stays_and_a_change_of_the_slug_is_followed(blog: Any) -> None:
    post = blog.post("Tea", "text")
    add(post, "/old/tea/")
    author = blog.visitor("author")
    author.send(f"/posts/{post.slug}/edit", title="Tea", text="text", slug="green-tea", action="publish")
    assert answer(blog, "/old/tea?x=%E8%8C%B6") == (301, "/posts/green-tea?x=%E8%8C%B6")


def test_nothing_that_has_an_address_here_is_hidden(blog: Any) -> None:
    post, other = blog.post("Tea", "text"), blog.post("Coffee", "text")
    for address in ("/archive", "/tags", "/feed.atom", f"/posts/{other.slug}", "/login", "/sitemap.xml"):
        assert add(post, address) is Stored.TAKEN
    assert add(post, "/old") is Stored.NEW
    assert add(other, "/old/") is Stored.TAKEN
    assert session().scalar(sa.select(sa.func.count()).select_from(Redirect)) == 1


def test_an_old_address_of_a_draft_tells_nothing(blog: Any) -> None:
    draft = blog.post("Secret plans", "text", published_at=None)
    add(draft, "/2024/plans")
    assert answer(blog, "/2024/plans")[0] == 404
    assert blog.visitor("author").get("/2024/plans").headers["Location"] == f"/posts/{draft.slug}"
