"""The home page: a large article, then a stream with a style for each kind, by day or month."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from blogs import at_another_time
from qingbo.clock import now
from qingbo.posts.kinds import Parts

NOON = datetime(2026, 5, 4, 4, tzinfo=UTC)
"""In Shanghai."""

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])


def headings(page: str) -> list[str]:
    return re.findall(r'<section class="period">\s*<h2[^>]*>([^<]*)</h2>', page)


def test_the_newest_article_stands_large_on_top(blog: Any) -> None:
    blog.post("Older", published_at=NOON)
    blog.post("Newer", published_at=NOON + timedelta(hours=1))
    blog.post("", "a note", kind="note", published_at=NOON + timedelta(hours=2))
    page = blog.visitor().read("/")
    lead = r'<article class="lead h-entry">\s*<h2><a href="([^"]*)"'
    assert re.findall(lead, page) == ["/posts/newer"]
    assert page.count('href="/posts/newer"') == 2  # its title, its date
    assert page.index("a note") < page.index("Older")


def test_a_pinned_article_stands_there_instead(blog: Any) -> None:
    blog.post("Pinned", is_pinned=True, published_at=NOON)
    blog.post("Newer", published_at=NOON + timedelta(hours=1))
    page = blog.visitor().read("/")
    assert re.search(r'<article class="lead h-entry">\s*<h2><a href="/posts/pinned">', page)
    assert "Pinned</span>" in page


def test_each_kind_looks_like_what_it_is(blog: Any) -> None:
    blog.post("", "A *short* note.", kind="note")
    blog.post("", "Words.", kind="quote", parts=Parts(source="Somebody"))
    blog.post("", "Look at this.", kind="link", parts=Parts(link="https://example.com/a"))
    pictures = "\n".join(f"https://example.com/{number}.png Picture {number}" for number in range(8))
    blog.post("", "Eight.", kind="photos", parts=Parts(pictures=pictures))
    blog.post("An article", "A long story.", parts=Parts(cover="https://example.com/cover.png", cover_alt="Tea"))
    blog.post("Another", "With a cover.", parts=Parts(cover="https://example.com/other.png"))
    page = blog.visitor().read("/")
    assert "<p>A <em>short</em> note.</p>" in page
    assert "<blockquote>\n<p>Words.</p>\n<p>— Somebody</p>\n</blockquote>" in page
    assert 'class="card-link"><a href="https://example.com/a"' in page
    assert page.count('alt="Picture') == 6
    assert re.search(r'class="more">\+2<', page)
    assert 'src="https://example.com/cover.png" alt="Tea"' in page
    assert 'class="entry article pictured h-entry"' in page


def test_a_long_note_and_one_with_footnotes_show_their_beginning(blog: Any) -> None:
    blog.post("", "long words " * 300, kind="note")
    blog.post("", "With a note[^1].\n\n[^1]: Below.", kind="note")
    page = blog.visitor().read("/")
    assert page.count('class="prose note e-content"') == 0
    assert 'id="fn1"' not in page
    assert page.count('<p class="excerpt"') == 2


def test_posts_of_two_weeks_stand_by_day_and_others_by_month(blog: Any) -> None:
    for days in (0, 0, 3):
        blog.post("", "note", kind="note", published_at=NOON + timedelta(days=days))
    assert headings(blog.visitor().read("/")) == ["May 7, 2026", "May 4, 2026"]
    blog.post("", "note", kind="note", published_at=NOON - timedelta(days=40))
    assert headings(blog.visitor().read("/")) == ["May 2026", "March 2026"]


def test_a_day_is_one_of_the_blogs_time_zone(blog: Any) -> None:
    blog.post("", "note", kind="note", published_at=datetime(2026, 5, 4, 17, tzinfo=UTC))
    assert headings(blog.visitor().read("/")) == ["May 5, 2026"]


def test_authors_are_named_where_there_are_several(blog: Any) -> None:
    slug = blog.post("One", author=blog.user("ann")).slug
    for path in ("/", f"/posts/{slug}"):
        assert 'rel="author"' not in blog.visitor().read(path)
    blog.post("A draft", author=blog.user("ben"), published_at=None)
    assert 'rel="author"' not in blog.visitor().read("/")
    blog.post("Two", author=blog.user("ben"))
    for path in ("/", f"/posts/{slug}"):
        assert 'rel="author"' in blog.visitor().read(path)


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(seconds=5), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(hours=3), "3 hours ago"),
        (timedelta(days=6, hours=1), "6 days ago"),
        (timedelta(days=7), "20"),
    ],
)
def test_times_are_as_long_ago_as_they_are(blog: Any, ago: timedelta, words: str) -> None:
    blog.post("Post", published_at=now() - ago)
    page = blog.visitor().read("/")
    shown = re.search(r'<time class="dt-published" datetime="[^"]+" title="([^"]+)">([^<]*)</time>', page)
    assert shown
    assert words in shown[2]
    assert re.fullmatch(r"\w+ \d+, \d{4}, \d\d:\d\d", shown[1])


def test_the_layout_is_a_setting(blog: Any) -> None:
    blog.post("One", published_at=NOON)
    blog.post("Two", published_at=NOON + timedelta(days=1))
    assert "layout-stream" in blog.visitor().read("/")
    blog.change_settings(home_layout="cards")
    assert "layout-cards" in blog.visitor().read("/")
    blog.change_settings(home_layout="titles")
    page = blog.visitor().read("/")
    assert 'class="entry' not in page
    assert '<a href="/posts/one">One</a>' in page


def test_a_scheduled_post_joins_the_stream_in_time(blog: Any) -> None:
    blog.post("Tomorrow", published_at=now() + timedelta(days=1))
    blog.post("Now")
    assert "Tomorrow" not in blog.visitor().read("/")
    with at_another_time(hours=25):
        assert "Tomorrow" in blog.visitor().read("/")
