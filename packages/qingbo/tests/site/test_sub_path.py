"""A blog below a path: nothing leads out of it, behind proxies of both kinds."""

import json
import re
from contextvars import Context
from io import BytesIO
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from mailbox_reading import mails
from PIL import Image
from qingbo.app import create_app
from qingbo.config import Settings
from qingbo.database import writing
from qingbo.extensions import session
from qingbo.posts.models import Redirect
from qingbo.sub_path import below, html_below
from werkzeug.test import TestResponse

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("engine_name", ["sqlite"])]

HOST = "https://example.com"
FEEDS = ("/feed.atom", "/feed.rss", "/feed.json")


class Proxy:
    """A proxy in front of the blog at /blog, which removes that path from addresses or passes them on as they are."""

    def __init__(self, app: Flask, *, removes_path: bool) -> None:
        self._client: FlaskClient = app.test_client(use_cookies=False)
        self._cookies: dict[str, str] = {}
        """Of the browser, which knows only the address in front of the proxy."""
        self._removes_path = removes_path

    def ask(self, path: str, **options: Any) -> TestResponse:
        headers = {
            "Sec-Fetch-Site": "same-origin",
            "X-Forwarded-Proto": "https",
            "X-Forwarded-Host": "example.com",
            "Referer": f"{HOST}/blog/",
        }
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        if self._removes_path:
            assert path.startswith("/blog/") or path == "/blog"
            path = path.removeprefix("/blog") or "/"
            headers["X-Forwarded-Prefix"] = "/blog"
        options |= {"headers": headers, "base_url": "http://127.0.0.1:8080", "buffered": True}
        # Outside the test's own app context, as `blogs.Visitor` does.
        answer = Context().run(self._client.open, path, **options)
        for cookie in answer.headers.getlist("Set-Cookie"):
            assert "; Path=/blog" in cookie
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        return answer

    def send(self, page: str, path: str, **fields: Any) -> TestResponse:
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.ask(page).text)
        data = fields | ({"csrf_token": token[1]} if token else {})
        return self.ask(path, method="POST", data=data)


def _picture() -> BytesIO:
    data = BytesIO()
    Image.new("RGB", (900, 30), "teal").save(data, "PNG")
    data.seek(0)
    return data


@pytest.fixture(params=[False, True], ids=["passes the path on", "removes the path"])
def proxy(blog: Any, request: pytest.FixtureRequest) -> Proxy:
    """A blog with a post, a page, a picture and a menu, made at / and moved to /blog."""
    visitor = blog.visitor("ann", role="administrator")
    visitor.send("/studio/media", files=(_picture(), "tea.png"))
    [picture] = set(re.findall(r"/media/[0-9a-f]+/tea\.png", visitor.read("/studio/media")))
    text = f"![Tea]({picture}) [second](/posts/second) [elsewhere](https://example.org/posts) ![cover]({picture})"
    blog.post("Second", "Text.", tags=["tea"])
    blog.post("First", text, tags=["tea"])
    blog.comment("/posts/first", "A comment.")
    settings = {"custom_css": f"header {{ background: url({picture}) }}", "logo": picture, "favicon": picture}
    with (blog.home / "qingbo.toml").open("a") as file:
        file.write(f'address = "{HOST}/blog"\ntrusted_proxies = 1\ncover = "{picture}"\n')
        file.write('menu = [{address = "/"}, {label = "Tea", address = "/tags/tea"}]\n')
    blog.change_settings(**settings)
    return Proxy(create_app(blog.home), removes_path=bool(request.param))


def _addresses(html: str) -> set[str]:
    page = BeautifulSoup(html, "html.parser")
    found = {
        str(tag[name]) for name in ("href", "src", "action", "formaction") for tag in page.find_all(attrs={name: True})
    }
    for tag in page.find_all(srcset=True):
        found |= {part.split()[0] for part in str(tag["srcset"]).split(",")}
    for tag in page.find_all("meta", property=re.compile("^og:(url|image)$")):
        found.add(str(tag["content"]))
    return found


def _here(address: str) -> str:
    """Return the path of an address of example.com, or an empty string."""
    path = address.removeprefix(HOST)
    return path.partition("#")[0] if path.startswith("/") and not path.startswith("//") else ""


def _crawl(proxy: Proxy, *starts: str) -> dict[str, TestResponse]:
    left, seen = list(starts), {}
    while left:
        path = left.pop()
        if path in seen or path.startswith("/blog/logout"):
            continue
        answer = seen[path] = proxy.ask(path)
        if answer.mimetype == "text/html":
            found = {_here(each) for each in _addresses(answer.text)} - {""}
            assert all(each == "/blog" or each.startswith("/blog/") for each in found), (path, found)
            forms = {str(form["action"]) for form in BeautifulSoup(answer.text, "html.parser").find_all(action=True)}
            left += sorted(found - forms)
    return seen


def test_every_link_of_every_page_stays_below_the_path(proxy: Proxy) -> None:
    pages = _crawl(proxy, "/blog/", "/blog/archive", "/blog/search?q=text")
    assert {"/blog/tags/tea", "/blog/posts/second", "/blog/feed.atom"} <= set(pages)
    assert any(re.match(r"/blog/media/\w+/tea", path) for path in pages)
    asked = {path: answer.status_code for path, answer in pages.items()}
    assert {path: status for path, status in asked.items() if status not in {200, 302, 303}} == {}
    for answer in pages.values():
        if "Location" in answer.headers:
            assert _here(answer.headers["Location"]).startswith("/blog")
    assert pages["/blog/posts/first"].headers["Content-Type"] == "text/html; charset=utf-8"


def test_an_author_signs_in_and_writes(proxy: Proxy) -> None:
    answer = proxy.send("/blog/login", "/blog/login", name="ann", password="correct horse")
    assert answer.status_code == 303, answer.text
    assert answer.headers["Location"] == "/blog"  # which leads on to /blog/
    [session] = [each for each in answer.headers.getlist("Set-Cookie") if "qingbo_session" in each]
    assert session.startswith("__Secure-qingbo_session=")
    assert "Path=/blog" in session
    saved = proxy.send("/blog/posts/new", "/blog/posts/new", title="Third", text="Text.", action="publish")
    assert saved.headers["Location"].startswith("/blog/posts/third")
    preview = proxy.send("/blog/posts/new", "/blog/posts/preview", title="", text="[a](/posts/third)")
    assert 'href="/blog/posts/third"' in preview.json["html"]
    for page in ("/blog/studio/posts", "/blog/studio/media", "/blog/studio/appearance", "/blog/posts/third/edit"):
        answer = proxy.ask(page)
        assert answer.status_code == 200
        found = {_here(each) for each in _addresses(answer.text)} - {""}
        assert all(each == "/blog" or each.startswith("/blog/") for each in found), (page, found)


@pytest.mark.parametrize("path", FEEDS)
def test_feeds_have_whole_addresses(proxy: Proxy, path: str) -> None:
    text = proxy.ask(f"/blog{path}").text
    found = set(re.findall(r"https://example\.com/[^\s\"'<>&\\]*", text))
    assert f"{HOST}/blog/posts/first" in found
    assert any(each.startswith(f"{HOST}/blog/media/") for each in found)
    assert all(each.startswith(f"{HOST}/blog/") for each in found), found


def test_stylesheets_load_pictures_below_the_path(proxy: Proxy) -> None:
    sheet = next(each for each in _addresses(proxy.ask("/blog/").text) if "reader" in each)
    loaded = re.findall(r"url\(\"?(/[^)\"]+)", proxy.ask(sheet).text)
    assert loaded
    assert all(each.startswith("/blog/") for each in loaded)


def test_files_for_programs_name_the_path(proxy: Proxy) -> None:
    assert "Disallow: /blog/studio/" in proxy.ask("/blog/robots.txt").text
    assert f"Sitemap: {HOST}/blog/sitemap.xml" in proxy.ask("/blog/robots.txt").text
    assert f"<loc>{HOST}/blog/posts/first</loc>" in proxy.ask("/blog/sitemap.xml").text
    manifest = json.loads(proxy.ask("/blog/site.webmanifest").text)
    assert manifest["start_url"] == "/blog/"
    assert manifest["icons"][0]["src"].startswith("/blog/media/")


def test_stored_pages_are_those_of_the_path(proxy: Proxy) -> None:
    layer = proxy._client.application.extensions["qingbo_page_cache"]
    first, before = proxy.ask("/blog/posts/first").text, layer.hits
    assert proxy.ask("/blog/posts/first").text == first
    assert layer.hits == before + 1


def test_an_old_address_redirects_below_the_path(proxy: Proxy) -> None:
    assert proxy.ask("/blog/posts/first/").headers["Location"] == "/blog/posts/first"


def test_what_is_not_below_the_path_is_not_the_blog(blog: Any) -> None:
    with (blog.home / "qingbo.toml").open("a") as file:
        file.write('address = "http://example.com/blog"\ntrusted_proxies = 1\n')
    app = create_app(blog.home)
    app.config["APPLICATION_ROOT"] = "/"  # only Flask's test client has it from here
    client = app.test_client()
    for path in ("/", "/blog"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (308, "/blog/")
    assert client.get("/posts/first").status_code == client.get("/blogs").status_code == 404
    assert "/blog/" in client.get("/posts/first").text
    assert client.get("/healthz/ready").status_code == client.get("/blog/healthz/ready").status_code == 200
    # Nobody else chooses the path of links.
    assert "evil" not in client.get("/blog/", headers={"X-Forwarded-Prefix": "//evil.example"}).text
    assert client.get("/", headers={"X-Forwarded-Prefix": "/evil"}).headers["Location"] == "/blog/"


def test_without_a_path_the_prefix_of_a_request_changes_nothing(blog: Any) -> None:
    with (blog.home / "qingbo.toml").open("a") as file:
        file.write("trusted_proxies = 1\n")
    client = create_app(blog.home).test_client()
    assert "evil" not in client.get("/", headers={"X-Forwarded-Prefix": "/evil"}).text


@pytest.mark.parametrize(
    ("address", "result"),
    [
        ("/", "/blog/"), ("/posts/a?b#c", "/blog/posts/a?b#c"), ("/blog", "/blog"), ("/blog/x", "/blog/x"),
        ("/blog?x", "/blog?x"), ("/blogs", "/blog/blogs"), ("//example.org/", "//example.org/"), ("#top", "#top"),
        ("posts/a", "posts/a"), ("https://example.org/", "https://example.org/"), ("", ""), ("/\\evil", "/\\evil"),
    ],
)  # fmt: skip
def test_addresses_of_the_blog_get_the_path(engine_name: str, address: str, result: str) -> None:
    assert below("/blog", address) == result


def test_only_addresses_in_html_change(engine_name: str) -> None:
    html = '<a href="/a" title="/b">/c</a><textarea>&lt;a href="/d"&gt;</textarea><img srcset="/e 1x, /f 2x" src="/g">'
    changed = html.replace('"/a"', '"/blog/a"').replace("/e 1x, /f", "/blog/e 1x, /blog/f").replace('"/g"', '"/blog/g"')
    assert html_below("/blog", html) == changed
    assert html_below("", html) == html


@pytest.mark.parametrize(
    ("address", "origin", "path"),
    [
        ("https://example.com", "https://example.com", ""),
        ("https://example.com/", "https://example.com", ""),
        ("https://example.com:8443/blog/", "https://example.com:8443", "/blog"),
        ("http://[::1]:8080/a/b", "http://[::1]:8080", "/a/b"),
    ],
)
def test_an_address_has_an_origin_and_a_path(engine_name: str, address: str, origin: str, path: str) -> None:
    settings = Settings(address=address)
    assert (settings.origin, settings.path, settings.address) == (origin, path, origin + path)


@pytest.mark.parametrize(
    "path", ["//", "/a//b", "/..", "/a/../b", "/a?b", "/a#b", "/a b", "/%2e", "/<", "/." + "a" * 9]
)
def test_other_paths_are_refused(engine_name: str, path: str) -> None:
    with pytest.raises(ValueError, match="must look like"):
        Settings(address=f"https://example.com{path}")


def test_links_in_mails_have_the_path(blog: Any) -> None:
    blog.user("eve", email="eve@example.com")
    with (blog.home / "qingbo.toml").open("a") as file:
        file.write(f'address = "{HOST}/blog"\nmail_host = "127.0.0.1"\nmail_from = "blog@example.com"\n')
    proxy = Proxy(create_app(blog.home), removes_path=False)
    proxy.send("/blog/reset", "/blog/reset", email="eve@example.com")
    [mail] = mails("eve@example.com")
    assert f"{HOST}/blog/reset/" in mail


def test_a_language_is_chosen_below_the_path(proxy: Proxy) -> None:
    answer = proxy.send("/blog/", "/blog/language", language="zh", back="/posts/first")
    assert answer.headers["Location"] == "/blog/posts/first"
    assert 'lang="zh-Hans"' in proxy.ask("/blog/posts/first").text


def test_addresses_of_a_site_that_was_below_the_same_path_redirect(proxy: Proxy) -> None:
    with writing():
        session().add(Redirect(path="/blog/post/0b9e", target="/posts/first"))
        session().add(Redirect(path="/2017/tea", target="/posts/second"))
        session().commit()
    old = ("/blog/post/0b9e", "/blog/2017/tea", "/blog/tag/tea", "/blog/user/ann")
    moved = [proxy.ask(path) for path in old]
    assert [answer.status_code for answer in moved] == [301] * 4
    new = ["/blog/posts/first", "/blog/posts/second", "/blog/tags/tea", "/blog/users/ann"]
    assert [answer.headers["Location"] for answer in moved] == new
    assert proxy.ask("/blog/post/nothing").status_code == 404
