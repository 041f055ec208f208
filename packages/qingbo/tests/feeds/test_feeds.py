"""Feeds of the site, of tags, authors, series and kinds, in three formats, checked with `feed_rules`."""

import json
import re
import xml.etree.ElementTree as ElementTree
from datetime import timedelta
from typing import Any

import feedparser
import pytest
import sample_media as samples
from blogs import at_another_time
from feed_rules import ATOM, PROBLEMS, addresses_in
from media_uploads import take
from qingbo.clock import now
from qingbo.database import writing
from qingbo.extensions import session
from qingbo.media.addresses import address_of
from qingbo.media.models import Media
from qingbo.posts.bin import delete_post
from qingbo.posts.kinds import LINK, NOTE, PHOTOS, QUOTE, Parts
from qingbo.posts.models import Series

pytestmark = pytest.mark.sqlite_first

ADDRESS = "https://blog.example.com"
FORMATS = ("atom", "rss", "json")
PLACES = ("", "/tags/tea", "/users/ann", "/series/learning", "/kinds/article")
ODD = "".join(map(chr, (*range(1, 9), 11, 12, *range(14, 32), 127, 0xFFFE, 0xFFFF)))


@pytest.fixture
def full(blog: Any) -> Any:
    """A blog with every kind of post and odd content."""
    ann = blog.user("ann")
    media = [take(blog, content, name) for content, name in ((samples.MP4, "film.mp4"), (samples.MP3, "talk.mp3"))]
    cover, photo = take(blog, samples.jpeg(900, 600), "封 面 & cover.jpg"), take(blog, samples.jpeg(300, 200), "p.jpg")
    played = "\n\n".join(f"![{each.name}]({address_of(each)})" for each in media)
    shared = {"author": ann, "tags": ["Tea", "a&b <c>"], "series": "Learning"}
    blog.post("Film", played, **shared, parts=Parts(cover=address_of(cover), cover_alt='"Cover" & more'))
    blog.post("Elsewhere", "Text", **shared, parts=Parts(cover="https://img.example/x.png"))
    blog.post("", "No title. ]]> & <b>bold</b> 🎉", **shared, kind=NOTE)
    blog.post("", "", **shared, kind=PHOTOS, parts=Parts(pictures=f"{address_of(photo)} A cup"))
    blog.post("", "春风又绿江南岸", **shared, kind=QUOTE, parts=Parts(source="王安石"))
    blog.post("", "Look.", **shared, kind=LINK, parts=Parts(link="https://example.com/?a=1&b=2"))
    blog.post(f"中文标题 ]]> <&> {ODD}", f"{ODD} ]]> &#7; `]]>`\n\n[home](/) ![x](//img.example/a.png)", **shared)
    blog.post("Long", "很长的文字。**Bold** words\n\n" * 4000, **shared)
    blog.change_settings(title="Blog <&> ]]>", description="About ]]> <&>")
    return blog


def get(blog: Any, path: str, **headers: str) -> Any:
    response = blog.visitor().get(path, headers=headers)
    assert response.status_code == 200, (path, response.status)
    return response


def set_address(blog: Any, address: str | None = ADDRESS) -> None:
    settings = blog.app.extensions["qingbo_settings"]
    blog.app.extensions["qingbo_settings"] = settings.model_copy(update={"address": address})


def titles_in(blog: Any, path: str) -> list[str]:
    return [entry.get("title", "") for entry in feedparser.parse(get(blog, path).data).entries]


@pytest.mark.slow
@pytest.mark.parametrize("content", ["full", "excerpt"])
def test_every_feed_obeys_its_specification_and_its_own_links_answer(full: Any, content: str) -> None:
    set_address(full)
    full.change_settings(feed_content=content)
    wanted = set()
    for place in PLACES:
        for name in FORMATS:
            data = get(full, f"{place}/feed.{name}").data
            assert PROBLEMS[name](data) == [], (place, name)
            wanted |= addresses_in(data)
    own = {each.partition("#")[0] for each in wanted if each.startswith(ADDRESS)}
    assert len(own) > 20
    assert {each: full.visitor().get(each.removeprefix(ADDRESS)).status_code for each in own} == dict.fromkeys(own, 200)


@pytest.mark.slow
@pytest.mark.parametrize("place", PLACES)
def test_feedparser_finds_the_same_entries_in_every_format(full: Any, place: str) -> None:
    set_address(full)
    atom, rss = (feedparser.parse(get(full, f"{place}/feed.{name}").data) for name in ("atom", "rss"))
    items = json.loads(get(full, f"{place}/feed.json").data)["items"]
    assert not atom.bozo
    assert not rss.bozo
    for parsed in (atom, rss):
        assert [entry.id for entry in parsed.entries] == [item["id"] for item in items]
        assert [entry.link for entry in parsed.entries] == [item["url"] for item in items]
        assert [[tag.term for tag in entry.tags] for entry in parsed.entries] == [item["tags"] for item in items]
        assert {entry.author for entry in parsed.entries} == {"ann"}
    assert len(items) == (4 if place == "/kinds/article" else 8)


def test_a_feed_has_the_posts_of_its_place_alone(blog: Any) -> None:
    ann, ben = blog.user("ann"), blog.user("ben")
    blog.post("One", author=ann, tags=["tea"], series="Learning")
    blog.post("Two", author=ben, tags=["coffee"])
    blog.post("Three", author=ben, tags=["tea"], kind=NOTE)
    assert titles_in(blog, "/feed.rss") == ["Three", "Two", "One"]
    assert titles_in(blog, "/tags/tea/feed.rss") == ["Three", "One"]
    assert titles_in(blog, "/users/ben/feed.rss") == ["Three", "Two"]
    assert titles_in(blog, "/series/learning/feed.rss") == ["One"]
    assert titles_in(blog, "/kinds/note/feed.rss") == ["Three"]
    for path in ("/tags/none", "/users/none", "/series/none", "/kinds/none", "/kinds/page"):
        assert blog.visitor().get(f"{path}/feed.atom").status_code == 404


def test_no_feed_has_a_post_that_not_everybody_may_find(blog: Any) -> None:
    ann = blog.user("ann")
    shared = {"author": ann, "tags": ["tea"], "series": "Learning"}
    blog.post("Public", **shared)
    blog.post("Hidden draft", **shared, published_at=None)
    blog.post("Hidden tomorrow", **shared, published_at=now() + timedelta(days=1))
    for visibility in ("unlisted", "private"):
        blog.post(f"Hidden {visibility}", **shared, visibility=visibility)
    blog.post("Hidden page", author=blog.user("ed", "editor"), kind="page")
    binned = blog.post("Hidden in the trash", **shared)
    with writing():
        delete_post(session(), binned)
        session().commit()
    visitors = (blog.visitor(), blog.visitor("ann"))
    for place in PLACES:
        for name in FORMATS:
            for visitor in visitors:
                text = visitor.get(f"{place}/feed.{name}").text
                assert "Public" in text
                assert "Hidden" not in text


def test_ids_of_feeds_stay_when_a_tag_or_series_is_renamed_and_differ_from_one_another(full: Any) -> None:
    ids = [ElementTree.fromstring(get(full, f"{place}/feed.atom").data).findtext(f"{ATOM}id") for place in PLACES]
    assert len(set(ids)) == len(PLACES)
    set_address(full, "https://elsewhere.example")
    again = [ElementTree.fromstring(get(full, f"{place}/feed.atom").data).findtext(f"{ATOM}id") for place in PLACES]
    assert again == ids


def test_enclosures_say_their_length_and_type_where_they_are_known(full: Any) -> None:
    set_address(full)
    file = full.app.extensions["qingbo_home"].media
    sizes = {each.name: each.stat().st_size for each in file.rglob("*") if each.is_file()}
    assert sizes
    film = next(entry for entry in feedparser.parse(get(full, "/feed.atom").data).entries if entry.title == "Film")
    assert [(each.type, each.href.rpartition("/")[2]) for each in film.enclosures] == [
        ("audio/mpeg", "talk.mp3"),
        ("video/mp4", "film.mp4"),
        ("image/jpeg", film.enclosures[2].href.rpartition("/")[2]),
    ]
    by_type = {row.mimetype: row.size for row in session().query(Media)}
    assert [int(each.length) for each in film.enclosures[:2]] == [by_type["audio/mpeg"], by_type["video/mp4"]]
    entries = {entry.get("title"): entry for entry in feedparser.parse(get(full, "/feed.rss").data).entries}
    assert [each.type for each in entries["Film"].enclosures] == ["audio/mpeg"]
    assert entries["Elsewhere"].enclosures == []
    items = {item.get("title"): item for item in json.loads(get(full, "/feed.json").data)["items"]}
    assert [each["mime_type"] for each in items["Film"]["attachments"]] == ["audio/mpeg", "video/mp4"]
    assert items["Elsewhere"]["image"] == "https://img.example/x.png"


def test_feeds_of_excerpts_have_no_text(blog: Any) -> None:
    blog.post("Post", "The first words.\n\n" + "word " * 300 + "\n\nThe **final** words.")
    for name in FORMATS:
        assert "final" in get(blog, f"/feed.{name}").text
    blog.change_settings(feed_content="excerpt")
    for name in FORMATS:
        text = get(blog, f"/feed.{name}").text
        assert "The first words." in text
        assert "final" not in text


def test_posts_without_a_title_have_none_but_in_atom_which_asks_for_one(blog: Any) -> None:
    blog.post("", "Just a note.", kind=NOTE)
    assert titles_in(blog, "/feed.atom") == ["Just a note"]
    assert titles_in(blog, "/feed.rss") == [""]
    assert "title" not in json.loads(get(blog, "/feed.json").data)["items"][0]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    ("name", "leads_to"),
    [
        ("feed", "atom"),
        ("feed.xml", "atom"),
        ("atom.xml", "atom"),
        ("rss", "rss"),
        ("rss.xml", "rss"),
        ("index.xml", "rss"),
    ],
)
@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_the_names_that_other_blogs_give_their_feeds_lead_to_ours(
    blog: Any, place: str, name: str, leads_to: str
) -> None:
    response = blog.visitor().get(f"{place}/{name}", headers={"Host": "evil.example"})
    assert (response.status_code, response.headers["Location"]) == (301, f"{place}/feed.{leads_to}")


def test_an_old_address_of_a_series_leads_its_feed_to_the_new_one(full: Any) -> None:
    from qingbo.posts import series as activity

    series = session().query(Series).one()
    with writing():
        activity.change_series(session(), series, title="Brewing", slug="brewing", description="")
        session().commit()
    response = full.visitor().get("/series/learning/feed.json")
    assert (response.status_code, response.headers["Location"]) == (301, "/series/brewing/feed.json")


def test_every_page_names_the_feeds_of_the_site_and_a_list_its_own(full: Any) -> None:
    for path, place in (("/", ""), ("/tags/tea", "/tags/tea"), ("/users/ann", "/users/ann"), ("/login", ""),
                        ("/series/learning", "/series/learning"), ("/posts/long", "")):  # fmt: skip
        head = full.visitor().get(path).text.partition("</head>")[0]
        found = re.findall(r'<link rel="alternate" type="([^"]+)" title="[^"]+" href="([^"]+)">', head)
        types = {"atom": "application/atom+xml", "rss": "application/rss+xml", "json": "application/feed+json"}
        own = [(types[name], f"{place}/feed.{name}") for name in FORMATS] if place else []
        wanted = [(types["atom"], "/feed.atom"), *own]
        assert found == wanted, path


@pytest.mark.parametrize("name", FORMATS)
def test_a_reader_that_has_a_feed_is_told_so(blog: Any, name: str) -> None:
    set_address(blog)
    with at_another_time(days=-1):
        blog.post("Old")
    new = blog.post("New")
    first = get(blog, f"/feed.{name}")
    for header, value in (("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified")):
        again = blog.visitor().get(f"/feed.{name}", headers={header: first.headers[value]})
        assert (again.status_code, again.data) == (304, b""), header
    with writing():
        delete_post(session(), new)
        session().commit()
    for header, value in (("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified")):
        assert get(blog, f"/feed.{name}", **{header: first.headers[value]}).data != first.data


@pytest.mark.parametrize("name", FORMATS)
def test_without_an_address_no_feed_is_kept_or_shared(blog: Any, name: str) -> None:
    blog.post("Post", "[a](/b)")
    response = get(blog, f"/feed.{name}", Host="evil.example")
    assert response.headers["Cache-Control"] == "private, no-store"
    assert "Host" in response.headers["Vary"]
    assert "http://evil.example/b" in response.text
    set_address(blog)
    response = get(blog, f"/feed.{name}", Host="evil.example")
    assert "evil.example" not in response.text
    assert response.headers["Cache-Control"] == "no-cache"


def test_a_feed_is_the_same_for_everybody(blog: Any) -> None:
    set_address(blog)
    blog.post("", "", kind=PHOTOS, parts=Parts(pictures="https://example.com/a.png"))
    for name in FORMATS:
        first = get(blog, f"/feed.{name}", **{"Accept-Language": "zh"})
        assert blog.visitor("ann").get(f"/feed.{name}", headers={"Accept-Language": "en"}).data == first.data
    assert titles_in(blog, "/feed.atom") == ["Photos"]  # the blog is English


def test_who_opens_a_feed_in_a_browser_reads_what_it_is_and_no_cache_keeps_that(full: Any) -> None:
    set_address(full)
    for place in PLACES:
        for name in FORMATS:
            opened = get(full, f"{place}/feed.{name}", **{"Sec-Fetch-Dest": "document"})
            assert opened.mimetype == "text/html"
            assert "feed reader" in opened.text
            assert f"{ADDRESS}{place}/feed.{name}" in opened.text
            assert opened.headers["Cache-Control"] == "private, no-store"
            fetched = get(full, f"{place}/feed.{name}", **{"Sec-Fetch-Dest": "empty"})
            assert fetched.mimetype != "text/html"
            assert {"Sec-Fetch-Dest"} <= set(opened.headers["Vary"].split(", ")) & set(
                fetched.headers["Vary"].split(", ")
            )


def test_a_page_lists_the_feeds_and_every_page_leads_to_it(blog: Any) -> None:
    page = blog.visitor().read("/feeds")
    for place in ("", "/kinds/note", "/kinds/photos"):
        assert all(f'href="{place}/feed.{name}"' in page for name in FORMATS)
    assert 'href="/feeds"' in blog.visitor().read("/").rpartition("<footer")[2]
