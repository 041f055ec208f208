"""The Atom feed."""

import xml.etree.ElementTree as ElementTree
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from blogs import at_another_time
from qingbo.clock import now
from qingbo.database import writing
from qingbo.extensions import session
from qingbo.posts.bin import delete_post
from qingbo.posts.models import Post
from qingbo.posts.publishing import Draft, update_post
from qingbo.site_settings import SiteSetting

pytestmark = pytest.mark.sqlite_first

ATOM = "{http://www.w3.org/2005/Atom}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
ADDRESS = "https://blog.example.com"


def feed_of(blog: Any, **headers: str) -> ElementTree.Element:
    return ElementTree.fromstring(blog.visitor().get("/feed.atom", headers=headers).data)


def entries_of(blog: Any, **headers: str) -> list[ElementTree.Element]:
    return feed_of(blog, **headers).findall(f"{ATOM}entry")


def ids_of(blog: Any, **headers: str) -> list[str | None]:
    """Return the ids of the feed and of its entries."""
    feed = feed_of(blog, **headers)
    return [feed.findtext(f"{ATOM}id"), *(entry.findtext(f"{ATOM}id") for entry in feed.findall(f"{ATOM}entry"))]


def content_of(blog: Any, **headers: str) -> str:
    return entries_of(blog, **headers)[0].findtext(f"{ATOM}content") or ""


def set_address(blog: Any, address: str | None) -> None:
    settings = blog.app.extensions["qingbo_settings"]
    blog.app.extensions["qingbo_settings"] = settings.model_copy(update={"address": address})
    blog.forget_pages()


def forget_first_use() -> None:
    """Make the database one that only an older version has used."""
    with writing():
        session().execute(sa.delete(SiteSetting))
        session().commit()


def test_the_feed_has_the_newest_posts_whole(blog: Any) -> None:
    for number in range(25):
        blog.post(f"Post {number} <&> 轻博 \x0b", "Text **bold** 🎉\n\n<script>x</script>", tags=["a&b"])
    response = blog.visitor().get("/feed.atom")
    assert response.mimetype == "application/atom+xml"
    feed = ElementTree.fromstring(response.data)
    entries = feed.findall(f"{ATOM}entry")
    assert len(entries) == 20
    newest = entries[0]
    assert newest.findtext(f"{ATOM}title") == "Post 24 <&> 轻博"
    assert "<strong>bold</strong> 🎉" in (newest.findtext(f"{ATOM}content") or "")
    assert "<script" not in (newest.findtext(f"{ATOM}content") or "")
    assert newest.find(f"{ATOM}category").get("term") == "a&b"  # type: ignore[union-attr]
    assert newest.findtext(f"{ATOM}author/{ATOM}name") == "author"
    for element in ("id", "title", "updated"):
        assert feed.findtext(f"{ATOM}{element}")


def test_a_reader_that_has_it_is_told_so(blog: Any) -> None:
    blog.post()
    first = blog.visitor().get("/feed.atom")
    again = blog.visitor().get("/feed.atom", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_an_empty_feed_is_well_formed(blog: Any) -> None:
    assert ElementTree.fromstring(blog.visitor().get("/feed.atom").data).findtext(f"{ATOM}updated")


def test_ids_are_the_same_however_and_wherever_the_blog_is_asked(blog: Any) -> None:
    for title in ("One", "Two"):
        blog.post(title)
    ids = ids_of(blog)
    assert len(set(ids)) == 3
    assert all(each and each.startswith("urn:uuid:") for each in ids)
    assert ids_of(blog, Host="127.0.0.1:8080") == ids
    for address in (ADDRESS, "https://elsewhere.example"):
        set_address(blog, address)
        assert ids_of(blog) == ids


def test_an_id_outlives_every_change_of_its_post_and_is_no_other_posts(blog: Any) -> None:
    post = blog.post("Title")
    (_, before) = ids_of(blog)
    with writing():
        update_post(session(), post, Draft("Other", "Other.", ["t"], now() - timedelta(days=2), language="de"))
        session().commit()
    assert ids_of(blog)[1] == before
    with writing():
        delete_post(session(), post)
        session().commit()
    assert blog.post("Title").slug == "title"
    assert ids_of(blog)[1] != before


def test_posts_from_before_keep_the_ids_that_readers_know(blog: Any) -> None:
    blog.post("Old")
    forget_first_use()
    set_address(blog, ADDRESS)
    assert ids_of(blog) == [f"{ADDRESS}/", f"{ADDRESS}/posts/old"]
    blog.post("New")
    set_address(blog, "https://moved.example")
    feed, new, old = ids_of(blog)
    assert (feed, old) == (f"{ADDRESS}/", f"{ADDRESS}/posts/old")
    assert (new or "").startswith("urn:uuid:")


def test_a_post_written_after_the_upgrade_is_not_one_from_before(blog: Any) -> None:
    blog.post("Old")
    forget_first_use()
    set_address(blog, ADDRESS)
    blog.post("New")
    _, new, old = ids_of(blog)
    assert old == f"{ADDRESS}/posts/old"
    assert (new or "").startswith("urn:uuid:")


def test_without_an_address_nothing_in_the_feed_is_kept_or_shared(blog: Any) -> None:
    blog.post("Post", "[a](/b)")
    response = blog.visitor().get("/feed.atom", headers={"Host": "evil.example"})
    assert response.headers["Cache-Control"] == "private, no-store"
    assert "Host" in response.headers["Vary"]
    assert 'href="http://evil.example/b"' in content_of(blog, Host="evil.example")
    assert "evil.example" not in blog.visitor().read("/feed.atom")
    rows = session().execute(sa.select(SiteSetting.name, SiteSetting.value)).all()
    assert rows
    assert "evil" not in str(rows)


def test_with_an_address_the_host_is_nowhere_in_the_feed(blog: Any) -> None:
    blog.post("Post", "![a](img/a.png)")
    set_address(blog, ADDRESS)
    response = blog.visitor().get("/feed.atom", headers={"Host": "evil.example"})
    assert "evil.example" not in response.text
    assert "no-store" not in response.headers.get("Cache-Control", "")
    feed = ElementTree.fromstring(response.data)
    assert [link.get("href") for link in feed.iter(f"{ATOM}link")] == [
        f"{ADDRESS}/",
        f"{ADDRESS}/feed.atom",
        f"{ADDRESS}/posts/post",
    ]


def test_no_page_says_the_host_of_its_request(blog: Any) -> None:
    slug = blog.post("Post").slug
    for path in ("/", f"/posts/{slug}", "/archive"):
        assert "evil.example" not in blog.visitor().get(path, headers={"Host": "evil.example"}).text
    assert f'rel="canonical" href="/posts/{slug}"' in blog.visitor().read(f"/posts/{slug}")
    set_address(blog, ADDRESS)
    assert f'rel="canonical" href="{ADDRESS}/posts/{slug}"' in blog.visitor().read(f"/posts/{slug}")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("![a](img/a.png)", 'src="https://blog.example.com/posts/img/a.png"'),
        ("![a](/img/a.png)", 'src="https://blog.example.com/img/a.png"'),
        ("![a](../a.png)", 'src="https://blog.example.com/a.png"'),
        ("![a](//cdn.example/a.png)", 'src="https://cdn.example/a.png"'),
        ("![a](http://other.example/a.png)", 'src="http://other.example/a.png"'),
        ("[a](/archive?x=1&y=2)", 'href="https://blog.example.com/archive?x=1&amp;y=2"'),
        ("[a](mailto:ann@example.com)", 'href="mailto:ann@example.com"'),
        ("a[^1]\n\n[^1]: b", 'href="https://blog.example.com/posts/post#fn1"'),
        ('<video src="v.mp4" poster="p.png"></video>', 'poster="https://blog.example.com/posts/p.png"'),
        ('- <img src="a.png" alt="x > y href=">', 'src="https://blog.example.com/posts/a.png"'),
        ('| a |\n|---|\n| ![b](b.png "t") |', 'src="https://blog.example.com/posts/b.png"'),
    ],
)
@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_every_address_in_a_post_is_whole(blog: Any, text: str, expected: str) -> None:
    blog.post("Post", text)
    set_address(blog, ADDRESS)
    assert expected in content_of(blog)


def test_nothing_was_updated_before_it_was_published(blog: Any) -> None:
    blog.post("Scheduled", published_at=now() + timedelta(hours=5))
    with at_another_time(hours=6):
        feed = feed_of(blog)
    (entry,) = feed.findall(f"{ATOM}entry")
    published = datetime.fromisoformat(entry.findtext(f"{ATOM}published") or "")
    for updated in (entry.findtext(f"{ATOM}updated"), feed.findtext(f"{ATOM}updated")):
        assert datetime.fromisoformat(updated or "") >= published


def test_a_change_moves_the_time_of_its_entry_and_of_the_feed(blog: Any) -> None:
    post = blog.post("Old", published_at=now() - timedelta(days=9))
    blog.post("New", published_at=now() - timedelta(days=5))
    with writing():
        session().execute(sa.update(Post).values(updated_at=now() - timedelta(days=4)))
        update_post(session(), post, Draft("Old", "Changed.", [], post.published_at))
        session().commit()
    feed = feed_of(blog)
    new, old = [entry.findtext(f"{ATOM}updated") or "" for entry in feed.findall(f"{ATOM}entry")]
    assert new < old == feed.findtext(f"{ATOM}updated")


def test_each_post_says_its_language_and_the_feed_the_blogs(blog: Any) -> None:
    blog.post("Third", "As its author says.", language="de")
    blog.post("第二篇", "文字说它是中文。")
    blog.post("First", "As its script says.")
    feed = feed_of(blog, **{"Accept-Language": "zh"})
    assert feed.get(LANG) == "en"
    assert [entry.get(LANG) for entry in feed.findall(f"{ATOM}entry")] == ["en", "zh-Hans", "de"]


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_no_character_breaks_the_feed(blog: Any) -> None:
    characters = "".join(map(chr, (*range(1, 9), 11, 12, *range(14, 32), 127, 0xFFFE, 0xFFFF, 0x1FFFE)))
    blog.post(f"Title {characters}", f"{characters} &#7; &#x0c; &#xFFFE; `{characters}`", tags=[f"t{characters}"])
    blog.change_settings(title=f"Blog {characters}", description=f"About {characters}")
    assert feed_of(blog).findtext(f"{ATOM}title", "").startswith("Blog ")
    assert len(entries_of(blog)) == 1
