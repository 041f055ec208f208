"""Stored pages are the same as the app's, and only served to readers who may get them."""

import gzip
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import brotli
import pytest
import time_machine
import zstandard
from blogs import Blog, Visitor
from qingbo.clock import now
from qingbo.page_cache.layer import PageLayer, cache_control_for
from werkzeug.test import TestResponse

pytestmark = pytest.mark.sqlite_first

ADDRESS = "https://blog.example.com"
DECODED: dict[str, Callable[[bytes], bytes]] = {
    "br": brotli.decompress,
    "zstd": lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data),
    "gzip": gzip.decompress,
    "identity": bytes,
}
OF_THE_LAYER = {"ETag", "Last-Modified", "Vary", "Cache-Control", "Content-Length", "Content-Encoding"}
PATHS = (
    "/", "/?older=zzzzzzzzzz-1", "/posts/tea", "/posts/tea?reply=1", "/about", "/tags", "/tags/tea",
    "/users/author", "/series", "/series/learning", "/archive", "/archive/2026", "/archive/2026/3", "/search",
    "/search?q=tea", "/search?order=newest&q=tea", "/search?kind=note&q=%E8%8C%B6", "/feeds", "/feed.atom", "/feed.rss",
    "/feed.json", "/tags/tea/feed.atom", "/users/author/feed.rss", "/series/learning/feed.json",
    "/kinds/note/feed.atom", "/sitemap.xml", "/robots.txt", "/site.webmanifest", "/opensearch.xml",
)  # fmt: skip


@pytest.fixture
def filled(blog: Blog) -> Iterator[Blog]:
    """A blog at an address, with something on every page; its clock stands."""
    with time_machine.travel(now(), tick=False):
        settings = blog.app.extensions["qingbo_settings"]
        blog.app.extensions["qingbo_settings"] = settings.model_copy(update={"address": ADDRESS})
        blog.post("Tea", "About *tea*. 茶", slug="tea", tags=["tea"], series="Learning")
        blog.post("", "A note of tea.", kind="note", tags=["tea"])
        blog.post("About", "Us.", kind="page", slug="about", author=blog.user("root", "administrator"))
        blog.change_settings(comment_hold="none")
        blog.comment("/posts/tea")
        yield blog
    blog.app.extensions["qingbo_settings"] = settings


def layer(blog: Blog) -> PageLayer:
    found: PageLayer = blog.app.extensions["qingbo_page_cache"]
    return found


def ask(blog: Blog, path: str, method: str = "GET", **headers: str) -> TestResponse:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    visitor = Visitor(blog.app.test_client(use_cookies="Cookie" not in headers))
    call = visitor.client.head if method == "HEAD" else visitor.client.get
    return visitor._call(call, path, headers=names)


def is_stored(blog: Blog, path: str, **headers: str) -> bool:
    """Return whether the page is given out without the app."""
    inner, asked = layer(blog)._wsgi_app, []

    def wsgi_app(environ: Any, start_response: Any) -> Any:
        asked.append(environ)
        return inner(environ, start_response)

    layer(blog)._wsgi_app = wsgi_app
    try:
        ask(blog, path, **headers)
    finally:
        layer(blog)._wsgi_app = inner
    return not asked


def made_by_app(blog: Blog, path: str, **headers: str) -> TestResponse:
    """Return the page as the app makes it when it is asked past the layer."""
    through, blog.app.wsgi_app = blog.app.wsgi_app, layer(blog)._wsgi_app  # type: ignore[method-assign]
    try:
        return ask(blog, path, **headers)
    finally:
        blog.app.wsgi_app = through  # type: ignore[method-assign]


@pytest.mark.parametrize("language", ["zh-CN,zh;q=0.9,en;q=0.8", "en"])
def test_what_is_stored_is_what_the_app_makes_byte_by_byte(filled: Blog, language: str) -> None:
    for path in PATHS:
        first = ask(filled, path, Accept_Language=language)
        assert is_stored(filled, path, Accept_Language=language), path
        made = made_by_app(filled, path, Accept_Language=language)
        assert made.status_code == 200, path
        for encoding, decoded in DECODED.items():
            stored = ask(filled, path, Accept_Language=language, Accept_Encoding=encoding)
            assert stored.headers.get("Content-Encoding", "identity") == encoding
            assert decoded(stored.data) == made.data == first.data, path
            assert int(stored.headers["Content-Length"]) == len(stored.data)
            assert others(stored) == others(made), path
            assert varies(stored) == varies(made) | {"accept-encoding"}, path
            head = ask(filled, path, "HEAD", Accept_Language=language, Accept_Encoding=encoding)
            assert (head.data, list(head.headers)) == (b"", list(stored.headers))


def others(response: TestResponse) -> list[tuple[str, str]]:
    return [(name, value) for name, value in response.headers if name not in OF_THE_LAYER]


def varies(response: TestResponse) -> set[str]:
    return {name.strip().lower() for name in response.headers.get("Vary", "").split(",") if name.strip()}


def test_who_has_the_page_is_told_so(filled: Blog) -> None:
    tags = {}
    for encoding in DECODED:
        stored = ask(filled, "/", Accept_Encoding=encoding)
        tags[encoding] = stored.headers["ETag"]
        again = ask(filled, "/", Accept_Encoding=encoding, If_None_Match=f'"other", W/{tags[encoding]}')
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == tags[encoding]
        assert varies(again) == varies(stored)
        assert "Content-Length" not in again.headers
        assert "Content-Encoding" not in again.headers
        assert ask(filled, "/", Accept_Encoding=encoding, If_None_Match='"other"').status_code == 200
        assert ask(filled, "/", Accept_Encoding=encoding, If_None_Match="*").status_code == 304
    assert len(set(tags.values())) == len(tags)
    filled.post("New")
    assert ask(filled, "/", If_None_Match=tags["identity"]).status_code == 200


def test_a_page_says_when_it_was_made_once_no_other_can_be_of_the_same_second(filled: Blog) -> None:
    first = ask(filled, "/")
    assert "Last-Modified" not in first.headers
    with time_machine.travel(now() + timedelta(seconds=3), tick=False):
        stored = ask(filled, "/")
        assert stored.data == first.data
        made_at = stored.headers["Last-Modified"]
        again = ask(filled, "/", If_Modified_Since=made_at)
        assert (again.status_code, again.headers["Last-Modified"]) == (304, made_at)
        assert ask(filled, "/", If_Modified_Since=made_at, If_None_Match='"other"').status_code == 200
        assert ask(filled, "/", If_Modified_Since="Thu, 01 Jan 2026 00:00:00 GMT").status_code == 200


def test_who_is_known_by_a_cookie_gets_a_page_of_their_own_and_leaves_none(filled: Blog) -> None:
    root = filled.visitor("root")
    for path in PATHS:
        page = root.get(path)
        assert page.status_code == 200
        assert not is_stored(filled, path), path
        assert is_stored(filled, path), path
    assert "Sign out" in root.read("/")
    assert "Sign out" not in ask(filled, "/").text
    guest = filled.visitor()
    guest.comment("/posts/tea", "Mine.")
    assert "/comments/" in guest.read("/posts/tea")  # where it may be edited
    assert not re.search(r"/comments/\d+/edit", ask(filled, "/posts/tea").text)


def test_what_is_only_for_one_reader_is_not_stored(filled: Blog) -> None:
    secret = filled.post("Secret", "Hidden.", visibility="private", slug="secret")
    for path in ("/login", "/posts/none", "/studio", f"/posts/{secret.slug}", "/healthz", "/blog/", "/register"):
        for _turn in range(2):
            assert not is_stored(filled, path), path


def test_no_stranger_multiplies_the_keys(filled: Blog) -> None:
    ask(filled, "/")
    size = layer(filled).store.size
    for number in range(20):
        stranger = {
            "Host": f"host-{number}.example.com",
            "Accept": f"text/{number}",
            "User_Agent": f"agent {number}",
            "Accept_Language": f"xx-{number}",
            "Cookie": f"tracker={number}; theme=dark",
            "Accept_Encoding": "identity",
        }
        assert is_stored(filled, f"/?utm_source={number}&fbclid={number}", **stranger)
        ask(filled, f"/?number={number}", **stranger)
        ask(filled, f"/?older={number}&older=2", **stranger)
        ask(filled, f"/none-{number}", **stranger)
    assert layer(filled).store.size == size
    page = ask(filled, "/?utm_source=feed").text
    assert "utm_source" not in page


def test_nothing_that_has_the_host_of_a_request_is_stored(filled: Blog) -> None:
    filled.app.extensions["qingbo_settings"] = filled.app.extensions["qingbo_settings"].model_copy(
        update={"address": None}
    )
    filled.forget_pages()
    for path in PATHS:
        ask(filled, path, Host="one.example.com")
        assert "one.example.com" not in ask(filled, path, Host="two.example.com").text, path
    for path in ("/feed.atom", "/sitemap.xml", "/opensearch.xml"):
        assert not is_stored(filled, path), path


def test_who_opens_a_feed_in_a_browser_gets_the_page_about_it(filled: Blog) -> None:
    for _turn in range(2):
        assert "<feed" in ask(filled, "/feed.atom").text
        opened = ask(filled, "/feed.atom", Sec_Fetch_Dest="document").text
        assert "<feed" not in opened
        assert "<!doctype html>" in opened


def test_the_language_is_the_chosen_one_or_the_browsers_or_the_blogs(filled: Blog) -> None:
    for _turn in range(2):
        assert '<html lang="en">' in ask(filled, "/").text
        assert '<html lang="zh-Hans">' in ask(filled, "/", Accept_Language="zh").text
        assert '<html lang="en">' in ask(filled, "/", Accept_Language="zh", Cookie="qingbo_language=en").text
        assert '<html lang="zh-Hans">' in ask(filled, "/", Cookie="qingbo_language=zh").text
        assert '<html lang="en">' in ask(filled, "/", Cookie="qingbo_language=xx").text


def test_our_own_files_are_kept_for_ever_at_addresses_with_their_version(filled: Blog) -> None:
    page = ask(filled, "/").text
    scripts = re.findall(r'src="(/static/v-[0-9a-f]{10}/js/[a-z]+\.js)"', page)
    (sheet,) = re.findall(r'href="(/styles/reader\.css\?v=[0-9a-f]+)"', page)
    assert len(scripts) >= 2
    for path in (*scripts, sheet):
        first = ask(filled, path, Accept_Encoding="br")
        assert first.headers["Cache-Control"] == f"public, max-age={365 * 24 * 3600}, immutable"
        assert first.headers["Content-Encoding"] == "br"
        filled.post("Another")
        assert is_stored(filled, path)
        assert ask(filled, path, If_None_Match=first.headers["ETag"], Accept_Encoding="br").status_code == 304
    name = scripts[0].partition("/js/")[2]
    for old in (f"/static/v-0123456789/js/{name}", f"/static/js/{name}"):
        answer = ask(filled, old)
        assert answer.headers["Cache-Control"] == "no-cache"
        assert answer.data == ask(filled, scripts[0]).data
    for path in ("/static/v-0123456789/none.js", "/static/v-0123456789/../../config.py", "/static/none.js"):
        assert ask(filled, path).status_code == 404


def test_shared_caches_may_keep_pages_as_long_as_a_setting_says(filled: Blog) -> None:
    assert ask(filled, "/").headers["Cache-Control"] == "no-cache"
    assert cache_control_for(60) == "public, max-age=0, s-maxage=60, stale-while-revalidate=60"
    layer(filled)._cache_control = cache_control_for(60)
    filled.forget_pages()
    try:
        assert ask(filled, "/").headers["Cache-Control"] == cache_control_for(60)
        assert filled.visitor("root").get("/").headers["Cache-Control"] == "private, no-store"
        assert ask(filled, "/login").headers.get("Cache-Control") != cache_control_for(60)
    finally:
        layer(filled)._cache_control = cache_control_for(0)
