"""Media in pages and feeds: sizes, renditions, players, with one query for all."""

import re
from typing import Any

import pytest
import sample_media as samples
from media_uploads import take
from qingbo.background import background_of
from qingbo.extensions import session
from qingbo.media.addresses import address_of
from qingbo.media.decorating import decorated
from qingbo.posts.kinds import Parts
from qingbo.tasks import JOBS

pytestmark = pytest.mark.sqlite_first


def article(blog: Any, slug: str) -> str:
    page: str = blog.visitor().get(f"/posts/{slug}").text
    return page.partition('<article class="post h-entry">')[2].partition("</article>")[0]


def test_pictures_have_sizes_and_smaller_ones_and_the_first_is_loaded_at_once(blog: Any) -> None:
    wide, tall = take(blog, samples.jpeg(1900, 1200), "wide.jpg"), take(blog, samples.jpeg(400, 700), "tall.jpg")
    text = (
        f'![A "bridge" & more]({address_of(wide)} "Title")\n\n![]({address_of(tall)})\n\n'
        "![x](https://example.com/x.png)"
    )
    slug = blog.post(text=text, author=blog.user("ann")).slug
    before = article(blog, slug)
    assert f'<img src="{address_of(wide)}"' in before
    assert 'width="1900" height="1200"' in before
    background_of(blog.app).work_off(JOBS)
    html = article(blog, slug)
    assert re.findall(r'<source type="image/(\w+)" srcset="([^"]+)"', html) == [
        ("webp", ", ".join(f"/media/{wide.handle}/~{width}.webp {width}w" for width in (480, 960, 1600)))
    ]
    assert 'alt="A &quot;bridge&quot; &amp; more"' in html
    assert re.findall(r'loading="(\w+)"', html) == ["eager", "lazy", "lazy"]
    assert html.count('class="placeholder" src="data:image/webp;base64,') == 2
    assert '<img src="https://example.com/x.png" alt="x" loading="lazy" decoding="async">' in html


def test_what_a_post_does_not_say_of_a_picture_the_media_page_says(blog: Any) -> None:
    media = take(blog, samples.jpeg(90, 60))
    ann = blog.visitor("ann")
    assert ann.send(f"/studio/media/{media.id}", "/studio/media", alt="Tea by the window").status_code == 303
    address = address_of(media)
    slug = blog.post(text=f"![]({address}) ![Of its own]({address})", author=blog.user("ann")).slug
    assert re.findall(r'alt="([^"]+)"', article(blog, slug)) == ["Tea by the window", "Of its own"]


def test_films_sound_and_downloads_are_shown_as_what_they_are(blog: Any) -> None:
    files = [(samples.MP4, "film.mp4"), (samples.MP3, "talk.mp3"), (samples.PDF, "tea.pdf")]
    text = "\n\n".join(f"![{name} here]({address_of(take(blog, content, name))})" for content, name in files)
    html = article(blog, blog.post(text=text, author=blog.user("ann")).slug)
    assert re.search(
        r'<video src="/media/\w+/film.mp4" controls="" preload="metadata" aria-label="film.mp4 here">', html
    )
    assert re.search(r'<audio src="/media/\w+/talk.mp3" controls=""', html)
    assert re.search(
        r'<a class="download" href="/media/\w+/tea.pdf" download="tea.pdf">tea.pdf here \(PDF, 1 kB\)</a>', html
    )


def test_a_post_of_many_pictures_asks_once(blog: Any, count_queries: Any) -> None:
    addresses = [address_of(take(blog, samples.jpeg(100 + number, 60))) for number in range(6)]
    htmls = [f'<p><img src="{address}" alt=""></p>' for address in addresses]
    assert len(count_queries(lambda: decorated(session(), htmls))) == 1
    assert len(count_queries(lambda: decorated(session(), ["<p>no picture</p>"]))) == 0


def test_readers_elsewhere_get_whole_addresses_and_the_cover(blog: Any) -> None:
    cover, film = take(blog, samples.jpeg(900, 600), "cover.jpg"), take(blog, samples.MP4, "film.mp4")
    background_of(blog.app).work_off(JOBS)
    parts = Parts(cover=address_of(cover), cover_alt='A "bridge"')
    blog.post("Cover", f"![A film]({address_of(film)})", author=blog.user("ann"), parts=parts)
    feed = blog.visitor().read("/feed.atom")
    assert (
        f'<img src="http://localhost{address_of(cover)}" alt="A &quot;bridge&quot;" width="900" height="600">' in feed
    )
    assert f'<video src="http://localhost{address_of(film)}"' in feed
    assert "data:image" not in feed
    assert "srcset" not in feed


def test_the_list_of_files_links_to_the_posts_that_show_them(blog: Any) -> None:
    ann = blog.visitor("ann")
    media = take(blog, samples.jpeg(40, 40), "tea.jpg", "ann")
    blog.post("Tea", f"![]({address_of(media)})", author=blog.user("ann"))
    page = ann.read("/studio/media")
    assert f'href="{address_of(media)}"' in page
    assert '<a href="/posts/tea">Tea</a>' in page
