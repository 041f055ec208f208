"""An address with a trailing slash redirects to the one without, on this site only."""

from typing import Any

import pytest

pytestmark = pytest.mark.sqlite_first


def answer(blog: Any, path: str, method: str = "GET") -> tuple[int, str]:
    response = blog.app.test_client().open(path, method=method, headers={"Host": "evil.example"})
    return response.status_code, response.headers.get("Location", "")


@pytest.mark.parametrize(
    "path",
    [
        "/posts/post", "/tags/tea", "/users/author", "/series", "/archive", "/archive/2026", "/archive/2026/5", "/tags",
        "/feeds", "/feed.atom", "/tags/tea/feed.rss", "/feed", "/sitemap.xml", "/robots.txt", "/login", "/about",
        "/posts/%E6%B0%B4", "/tags/a%20b",
    ],
)  # fmt: skip
@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_slash_at_the_end_is_redirected_and_the_query_stays(blog: Any, path: str) -> None:
    for slashes in ("/", "//", "///"):
        assert answer(blog, f"{path}{slashes}") == (301, path)
        assert answer(blog, f"{path}{slashes}?a=%20b&c=%E6%B0%B4&d") == (301, f"{path}?a=%20b&c=%E6%B0%B4&d")
    assert answer(blog, f"{path}/", "HEAD") == (301, path)


@pytest.mark.parametrize(
    "path",
    [
        "//evil.com/", "///evil.com//", "/\\evil.com/", "/%5Cevil.com/", "/%5C%5Cevil.com/", "/%2Fevil.com/",
        "/%2F%2Fevil.com/", "//evil.com/posts/x/", "/https://evil.com/", "//evil.com/%2e%2e/", "/%09/evil.com/",
        "/%0d%0aSet-Cookie:x=y/", "/posts/%0d%0aLocation:%20x/", "//posts/post/", "/.//evil.com/",
    ],
)  # fmt: skip
@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_no_address_leads_to_another_host(blog: Any, path: str) -> None:
    for _hop in range(5):
        status, target = answer(blog, path)
        if status not in {301, 302, 303, 307, 308}:
            break
        target = target.removeprefix("http://evil.example")  # the host of the request itself
        assert target.startswith("/"), target
        assert target[1:2] not in {"/", "\\"}, target
        assert "\r" not in target
        assert "\n" not in target
        path = target
    assert status in {200, 404}


@pytest.mark.parametrize("path", ["/nothing/here/", "/posts/a/b/", "/static/none/", "/healthz/x/"])
@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_what_is_not_there_stays_not_found(blog: Any, path: str) -> None:
    assert answer(blog, path)[0] == 404


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_forms_are_not_redirected_and_addresses_with_a_slash_stay(blog: Any) -> None:
    blog.post("Post")
    for method in ("POST", "PUT", "DELETE"):
        assert answer(blog, "/posts/post/", method)[0] in {404, 405}
    assert answer(blog, "/") == (200, "")
    assert answer(blog, "/?x=y") == (200, "")
    assert answer(blog, "/blog/")[0] == 301
    assert blog.visitor("root", "administrator").get("/studio/data/").status_code == 200


def test_a_page_is_reached_in_one_step(blog: Any) -> None:
    blog.post("About", kind="page", author=blog.user("ed", "editor"))
    response = blog.visitor().get("/about/?x=1")
    assert (response.status_code, response.headers["Location"]) == (301, "/about?x=1")
    assert blog.visitor().get("/about?x=1").status_code == 200
