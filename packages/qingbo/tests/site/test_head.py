"""Metadata of public pages: canonical address, picture, JSON-LD, microformats."""

import json
import re
from datetime import timedelta
from html import unescape
from typing import Any

import mf2py
import pytest
import sample_media as samples
from media_uploads import take
from qingbo.clock import now
from qingbo.media.addresses import address_of
from qingbo.posts.kinds import NOTE, PHOTOS, Parts

pytestmark = pytest.mark.sqlite_first

ADDRESS = "https://blog.example.com"
HOSTILE = '</script><script>alert(1)</script><!-- & "quoted" \u2028 ]]>'


def set_address(blog: Any, address: str | None = ADDRESS) -> None:
    settings = blog.app.extensions["qingbo_settings"]
    blog.app.extensions["qingbo_settings"] = settings.model_copy(update={"address": address})


def head_of(blog: Any, path: str) -> str:
    response = blog.visitor().get(path)
    assert response.status_code == 200, path
    return str(response.text).partition("</head>")[0]


def said(head: str) -> dict[str, str]:
    """Return the meta elements of a head by their names."""
    found = re.findall(r'<meta (?:property|name)="([^"]+)" content="([^"]*)"', head)
    found += [("og:description", each) for each in re.findall(r'content="([^"]*)" property="og:description">', head)]
    found = [each for each in found if each[0] != "description"]
    assert len(dict(found)) == len(found), "something is said twice"
    return {name: unescape(content) for name, content in found}


def canonical(head: str) -> list[str]:
    return re.findall(r'<link rel="canonical" href="([^"]*)">', head)


def data_of(head: str) -> Any:
    (text,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', head)
    return json.loads(text)


def test_a_post_says_what_it_is_about(blog: Any) -> None:
    set_address(blog)
    ann = blog.user("ann")
    cover = take(blog, samples.jpeg(900, 600))
    parts = Parts(cover=address_of(cover), cover_alt="Tea")
    blog.post("标题 “Title”", "First words.", author=ann, tags=["Tea", "水"], slug="tea", parts=parts)
    head = head_of(blog, "/posts/tea?utm_source=x")
    picture = f"{ADDRESS}{address_of(cover)}"
    assert canonical(head) == [f"{ADDRESS}/posts/tea"]
    meta = said(head)
    assert {name: meta[name] for name in meta if name.startswith(("og:", "twitter:"))} == {
        "og:site_name": "轻博 Qingbo",
        "og:title": "标题 “Title”",
        "og:type": "article",
        "og:url": f"{ADDRESS}/posts/tea",
        "og:description": "First words.",
        "og:image": picture,
        "og:image:width": "900",
        "og:image:height": "600",
        "og:image:alt": "Tea",
        "twitter:card": "summary_large_image",
    }
    data = data_of(head)
    assert (data["@context"], data["@type"]) == ("https://schema.org", "BlogPosting")
    assert (data["headline"], data["url"], data["image"]) == ("标题 “Title”", f"{ADDRESS}/posts/tea", picture)
    assert data["author"] == {"@type": "Person", "name": "ann", "url": f"{ADDRESS}/users/ann"}
    assert data["keywords"] == ["Tea", "水"]
    assert data["datePublished"] <= data["dateModified"]


@pytest.mark.parametrize(
    ("text", "picture"),
    [
        ("Words ![A](https://img.example/a.png?x=1&y=2) ![B](/b.png)", "https://img.example/a.png?x=1&y=2"),
        ("- deep\n\n  > ![A](a.png)", f"{ADDRESS}/posts/a.png"),
        ("![A](//img.example/a.png)", "https://img.example/a.png"),
        ("No picture.", f"{ADDRESS}/static/mark.png"),
        ("`<img src=x>`", f"{ADDRESS}/static/mark.png"),
    ],
)
@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_post_without_a_cover_shows_its_first_picture_else_the_logo(blog: Any, text: str, picture: str) -> None:
    set_address(blog)
    blog.post("Post", text)
    head = head_of(blog, "/posts/post")
    assert re.sub(r"/v-\w+", "", said(head)["og:image"]) == picture
    assert re.sub(r"/v-\w+", "", data_of(head)["image"]) == picture


def test_photos_show_their_first_and_every_other_page_the_logo(blog: Any) -> None:
    set_address(blog)
    photo, logo = take(blog, samples.jpeg(300, 200), "p.jpg"), take(blog, samples.png(64, 64), "logo.png")
    parts = Parts(pictures=f"{address_of(photo)} A cup\n/media/0123456789ab/none.jpg")
    blog.post("", "", kind=PHOTOS, parts=parts, slug="photos", author=blog.user("ann"), tags=["tea"])
    blog.change_settings(logo=address_of(logo))
    head = said(head_of(blog, "/posts/photos"))
    assert (head["og:image"], head["og:image:alt"]) == (f"{ADDRESS}{address_of(photo)}", "A cup")
    assert head["twitter:card"] == "summary"
    for path in ("/", "/tags/tea", "/users/ann", "/archive", "/tags"):
        assert said(head_of(blog, path))["og:image"] == f"{ADDRESS}{address_of(logo)}"
    blog.change_settings(cover=address_of(photo))
    assert said(head_of(blog, "/"))["og:image"] == f"{ADDRESS}{address_of(photo)}"


def test_the_image_that_is_named_answers(blog: Any) -> None:
    path = said(head_of(blog, "/"))["og:image"]
    answer = blog.visitor().get(path)
    assert (answer.status_code, answer.mimetype) == (200, "image/png")


@pytest.mark.parametrize("field", ["title", "text", "tag", "site", "author"])
@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_no_word_ends_the_data_or_an_attribute(blog: Any, field: str) -> None:
    words = {field: HOSTILE[:48]}
    ann = blog.user("ann")
    ann.display_name = words.get("author")
    tags = [words["tag"]] if "tag" in words else []
    blog.change_settings(title=words.get("site", "Site"), description=words.get("site", ""))
    blog.post(words.get("title", "T"), words.get("text", "Text"), author=ann, tags=tags, slug="post")
    for path in ("/", "/posts/post"):
        page = blog.visitor().get(path).text
        assert "alert(1)</script>" not in page.replace("&lt;/script&gt;", "")
        assert "<script>" not in page
        assert data_of(page)
    data = data_of(blog.visitor().get("/posts/post").text)
    assert ("</script>" in json.dumps(data)) == (field != "text")  # the text itself is not in it


def test_every_public_page_says_its_one_address(blog: Any) -> None:
    set_address(blog)
    moment = now() - timedelta(days=1)
    blog.user("Ann")
    for number in range(12):
        blog.post(f"Post {number}", author=blog.user("Ann"), tags=["Tea"], series="Learning", published_at=moment)
    blog.post("About", kind="page", author=blog.user("ed", "editor"))
    year = moment.year
    for path in ("/", "/posts/post-1", "/tags/tea", "/users/ann", "/archive", "/tags", "/series", "/series/learning",
                 "/about", f"/archive/{year}", f"/archive/{year}/{moment.month}"):  # fmt: skip
        assert canonical(head_of(blog, f"{path}?utm_source=x&reply=1")) == [f"{ADDRESS}{path}"]
    assert canonical(head_of(blog, "/users/ANN")) == [f"{ADDRESS}/users/ann"]
    (older,) = re.findall(r'rel="next" href="([^"]+)"', blog.visitor().read("/tags/tea"))
    assert canonical(head_of(blog, f"{older}&x=y")) == [f"{ADDRESS}{older}"]
    for path in ("/login", "/feeds?x=1"):
        assert "og:url" not in head_of(blog, path)


def test_without_an_address_no_head_says_the_host_of_its_request(blog: Any) -> None:
    blog.post("Post", "![x](x.png)", tags=["tea"])
    for path in ("/", "/posts/post", "/tags/tea", "/users/author"):
        page = blog.visitor().get(path, headers={"Host": "evil.example"}).text
        assert "evil.example" not in page


def test_the_first_page_says_that_it_is_a_blog(blog: Any) -> None:
    set_address(blog)
    blog.change_settings(title="Tea", description="About tea.")
    graph = data_of(head_of(blog, "/"))["@graph"]
    assert [each["@type"] for each in graph] == ["WebSite", "Blog"]
    assert {(each["name"], each["url"], each["description"]) for each in graph} == {
        ("Tea", f"{ADDRESS}/", "About tea.")
    }


def test_a_draft_has_no_date_and_so_no_data(blog: Any) -> None:
    ann = blog.visitor("ann")
    blog.post("Draft", author=blog.user("ann"), published_at=None)
    page = ann.get("/posts/draft").text
    assert "application/ld+json" not in page
    assert 'name="robots" content="noindex"' in page


def entries_in(items: list[Any]) -> list[Any]:
    return [each for each in items if "h-entry" in each["type"]]


def test_a_post_is_an_h_entry(blog: Any) -> None:
    set_address(blog)
    blog.post("Title", "Some **words**.", author=blog.user("ann"), tags=["Tea", "水"])
    found = mf2py.parse(blog.visitor().get("/posts/title").text, url=f"{ADDRESS}/posts/title")
    (entry,) = entries_in(found["items"])
    properties = entry["properties"]
    assert properties["name"] == ["Title"]
    assert properties["url"] == properties["uid"] == [f"{ADDRESS}/posts/title"]
    assert "<strong>words</strong>" in properties["content"][0]["html"]
    assert properties["category"] == ["Tea", "水"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:?00", properties["published"][0])
    (author,) = properties["author"]
    assert author["type"] == ["h-card"]
    assert author["properties"]["name"] == ["ann"]
    assert author["properties"]["url"] == [f"{ADDRESS}/users/ann"]


@pytest.mark.parametrize("layout", ["stream", "cards"])
def test_a_list_is_an_h_feed(blog: Any, layout: str) -> None:
    blog.change_settings(home_layout=layout)
    ann, ben = blog.user("ann"), blog.user("ben")
    blog.post("Title", "Some words.", author=ann, tags=["Tea"])
    blog.post("", "A note.", author=ben, tags=["Tea"], kind=NOTE)
    for path in ("/", "/tags/tea"):
        found = mf2py.parse(blog.visitor().get(path).text, url=f"{ADDRESS}{path}")
        (feed,) = [each for each in found["items"] if "h-feed" in each["type"]]
        entries = entries_in(feed["children"])
        assert {each["properties"]["url"][0].rpartition("/")[0] for each in entries} == {f"{ADDRESS}/posts"}
        assert len(entries) == 2
        assert all(each["properties"]["published"] for each in entries)


def test_a_persons_page_has_their_h_card_and_their_other_pages(blog: Any) -> None:
    set_address(blog)
    ann = blog.user("ann")
    ann.bio, ann.links = "Writes.", "https://example.com/@ann\nhttps://ann.example"
    blog.post("Post", author=ann)
    found = mf2py.parse(blog.visitor().get("/users/ann").text, url=f"{ADDRESS}/users/ann")
    (feed,) = [each for each in found["items"] if "h-feed" in each["type"]]
    (card,) = feed["properties"]["author"]
    assert card["properties"]["name"] == ["ann"]
    assert card["properties"]["note"] == ["Writes."]
    assert card["properties"]["url"] == [f"{ADDRESS}/users/ann", "https://example.com/@ann", "https://ann.example"]
    assert found["rels"]["me"] == ["https://example.com/@ann", "https://ann.example"]
