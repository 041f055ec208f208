"""The Atom feed."""

import xml.etree.ElementTree as ElementTree
from typing import Any

ATOM = "{http://www.w3.org/2005/Atom}"


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
    assert newest.findtext(f"{ATOM}id") == "http://localhost/posts/post-24-qing-bo"
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
