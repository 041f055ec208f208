"""The manifest, the icon, OpenSearch, and the links to the owner's other pages."""

import json
import re
import xml.etree.ElementTree as ElementTree
from typing import Any

import pytest
import sample_media as samples
from media_uploads import take
from qingbo.accounts.roles import ADMINISTRATOR
from qingbo.media.addresses import address_of

pytestmark = pytest.mark.sqlite_first

ADDRESS = "https://blog.example.com"
OPEN_SEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"


def set_address(blog: Any) -> None:
    settings = blog.app.extensions["qingbo_settings"]
    blog.app.extensions["qingbo_settings"] = settings.model_copy(update={"address": ADDRESS})


def test_the_manifest_names_the_blog_and_icons_that_answer(blog: Any) -> None:
    blog.change_settings(title="A blog with a long name <&>", description="About")
    response = blog.visitor().get("/site.webmanifest", headers={"Host": "evil.example"})
    assert response.mimetype == "application/manifest+json"
    said = json.loads(response.text)
    assert (said["name"], said["description"], said["start_url"]) == ("A blog with a long name <&>", "About", "/")
    assert (said["lang"], said["short_name"]) == ("en", "A blog with a lo")
    assert "evil" not in response.text
    for icon in said["icons"]:
        answer = blog.visitor().get(icon["src"])
        assert (answer.status_code, answer.mimetype) == (200, icon["type"])
    favicon = take(blog, samples.png(300, 300), "icon.png")
    blog.change_settings(favicon=address_of(favicon))
    said = json.loads(blog.visitor().get("/site.webmanifest").text)
    assert said["icons"] == [{"src": address_of(favicon), "sizes": "300x300", "type": "image/png"}]
    response = blog.visitor().get("/favicon.ico")
    assert (response.status_code, response.headers["Location"]) == (302, address_of(favicon))


@pytest.mark.parametrize("title", ["Tea", "中文的博客名字可以很长很长很长很长很长", "<&> ]]> \x0b"])
def test_browsers_are_told_how_to_search_here(blog: Any, title: str) -> None:
    set_address(blog)
    blog.change_settings(title=title)
    response = blog.visitor().get("/opensearch.xml")
    assert response.mimetype == "application/opensearchdescription+xml"
    root = ElementTree.fromstring(response.data)
    assert root.tag == f"{OPEN_SEARCH}OpenSearchDescription"
    # OpenSearch 1.1: a short name of at most 16 characters, a description of at most 1024, both required.
    assert 0 < len(root.findtext(f"{OPEN_SEARCH}ShortName") or "") <= 16
    assert 0 < len(root.findtext(f"{OPEN_SEARCH}Description") or "") <= 1024
    (url,) = root.findall(f"{OPEN_SEARCH}Url")
    assert url.attrib == {"type": "text/html", "template": f"{ADDRESS}/search?q={{searchTerms}}"}


def test_every_page_names_the_manifest_and_the_search(blog: Any) -> None:
    for path in ("/", "/login", "/archive"):
        head = blog.visitor().get(path).text.partition("</head>")[0]
        assert '<link rel="manifest" href="/site.webmanifest">' in head
        assert re.search(
            r'<link rel="search" type="application/opensearchdescription\+xml" title="[^"]+" href="/o', head
        )


def test_the_first_page_names_the_other_pages_of_its_owner(blog: Any) -> None:
    links = "https://mastodon.example/@ann\n  https://ann.example/?a=1&b=2 \n\n"
    root = blog.visitor("root", ADMINISTRATOR)
    form = {
        "title": "T", "language": "en", "timezone": "Asia/Shanghai", "posts_per_page": "5", "registration": "open",
        "registration_role": "author", "comment_hold": "all", "comment_links": "0",
    }  # fmt: skip
    assert root.send("/studio/settings", **form, owner_links=links).status_code == 303
    head = blog.visitor().get("/").text.partition("</head>")[0]
    found = re.findall(r'<link rel="me" href="([^"]+)">', head)
    assert found == ["https://mastodon.example/@ann", "https://ann.example/?a=1&amp;b=2"]
    for wrong in ("javascript:alert(1)", 'https://x.example/"><script>', "mastodon.example", "https://a b"):
        answer = root.send("/studio/settings", **form, owner_links=wrong)
        assert answer.status_code == 422
        assert "https://" in answer.text
