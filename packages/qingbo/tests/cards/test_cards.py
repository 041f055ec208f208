"""From a saved post to the card on its page, with a real server that only the test's connector can reach."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import sample_media as samples
import sqlalchemy as sa
import time_machine
from blogs import at_another_time
from qingbo.background import background_of
from qingbo.cards import asking
from qingbo.cards.decorating import decorated
from qingbo.cards.fetching import PAUSES, fetch_card
from qingbo.cards.models import LinkCard
from qingbo.cards.queries import MOST_TRIES, digest_of, waiting
from qingbo.cards.sweeping import sweep_cards
from qingbo.clock import now
from qingbo.database import writing
from qingbo.extensions import session
from qingbo.posts.bulk import add_tags
from qingbo.posts.models import Post
from qingbo.posts.publishing import Draft, update_post
from qingbo.renderings import html_of_posts
from qingbo.tasks import JOBS
from web_server import WebServer, page

ADDRESS = "http://a.example/page"
SAYS = b"""<title>t</title><meta property="og:title" content="A &lt;b&gt;title&lt;/b&gt; &amp; more">
<meta property="og:description" content="&quot;Said&quot; &lt;script&gt;alert(1)&lt;/script&gt;">
<meta property="og:site_name" content="The Site">"""
PLAIN = f'<p class="card-link"><a href="{ADDRESS}" rel="noopener">{ADDRESS}</a></p>'


pytestmark = pytest.mark.sqlite_first


def cards() -> list[LinkCard]:
    session().rollback()
    session().expire_all()
    return list(session().scalars(sa.select(LinkCard).order_by(LinkCard.address)))


def fetch(blog: Any, server: WebServer, card: LinkCard | None = None) -> LinkCard:
    number = (card or cards()[0]).id
    session().close()
    fetch_card(blog.app, number, server.fetcher())
    return next(each for each in cards() if each.id == number)


def shown(blog: Any, slug: str) -> str:
    found: str = blog.visitor().get(f"/posts/{slug}").text
    return found.partition('<div class="prose')[2].partition("</article>")[0]


def the_post(slug: str) -> Post:
    return session().scalars(sa.select(Post).where(Post.slug == slug)).one()


def save(slug: str, text: str) -> None:
    with writing():
        session().rollback()
        update_post(session(), the_post(slug), Draft("Title", text, published_at=now()))
        session().commit()


def test_an_address_alone_becomes_a_card_when_its_page_was_fetched(blog: Any, server: WebServer) -> None:
    server.answers["a.example/page"] = page(SAYS)
    slug = blog.post(text=f"Words.\n\n{ADDRESS}\n\nMore.").slug
    assert waiting(session(), 10) == [cards()[0].id]
    assert PLAIN in shown(blog, slug)
    card = fetch(blog, server)
    assert (card.title, card.site_name) == ("A <b>title</b> & more", "The Site")
    assert (card.reason, card.next_try_at, card.tries) == (None, None, 0)
    html = shown(blog, slug)
    assert PLAIN not in html
    assert f'<a href="{ADDRESS}" rel="noopener">A &lt;b&gt;title&lt;/b&gt; &amp; more</a>' in html
    assert "&quot;Said&quot; &lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "The Site · a.example" in html
    assert "<script" not in html
    assert waiting(session(), 10) == []
    fetch(blog, server)
    assert len(server.requests) == 1


def test_a_feed_has_plain_links(blog: Any, server: WebServer) -> None:
    server.answers["a.example/page"] = page(SAYS)
    blog.post(text=f"{ADDRESS}\n\nhttps://youtu.be/dQw4w9WgXcQ")
    fetch(blog, server)
    feed = blog.visitor().read("/feed.atom")
    assert f'<a href="{ADDRESS}" rel="noopener">{ADDRESS}</a>' in feed
    assert "data-player" not in feed


def test_the_preview_has_the_cards_that_are_known(blog: Any, server: WebServer) -> None:
    server.answers["a.example/page"] = page(SAYS)
    blog.post(text=ADDRESS)
    fetch(blog, server)
    ann = blog.visitor("ann")
    text = f"{ADDRESS}\n\nhttp://b.example/"
    for path in ("/posts/preview", "/posts/new"):
        answer = ann.send(path, page="/posts/new", kind="article", text=text, action="preview")
        html = answer.json["html"] if answer.is_json else answer.text
        assert '<div class="card">' in html
        assert '<p class="card-link"><a href="http://b.example/"' in html
    assert len(cards()) == 1


def test_the_address_of_a_link_is_a_card_too(blog: Any, server: WebServer) -> None:
    server.answers["a.example/page"] = page(SAYS)
    ann = blog.visitor("ann")
    path = ann.send("/posts/new", kind="link", link=ADDRESS, text="Worth it.", action="publish").location
    assert "<p>Worth it.</p>" in blog.visitor().read(path)
    fetch(blog, server)
    assert '<div class="card">' in blog.visitor().get(path).text
    assert cards()[0].address == ADDRESS


def test_a_page_of_many_cards_asks_once(blog: Any, count_queries: Any) -> None:
    htmls = list(
        html_of_posts(session(), [f"http://{name}.example\n\nhttp://x.example" for name in "abcdefgh"]).values()
    )
    assert len(count_queries(lambda: decorated(session(), htmls))) == 1
    assert count_queries(lambda: decorated(session(), ["<p>nothing</p>"])) == []


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize(
    "text",
    ["See http://a.example", "- http://a.example", "> http://a.example", "[words](http://a.example)", "a@b.example", "",
     "mailto:a@b.example", "ftp://a.example", '<p class="card-link"><a href="javascript:alert(1)">x</a></p>', "`http://a.b`"],
)  # fmt: skip
def test_other_links_stay_and_nothing_is_fetched(blog: Any, text: str) -> None:
    slug = blog.post(text=f"Words.\n\n{text}").slug
    assert cards() == []
    assert 'class="card"' not in shown(blog, slug)


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_an_address_that_repeats_makes_a_page_no_larger_than_many_do(blog: Any) -> None:
    slug = blog.post(text="https://youtu.be/dQw4w9WgXcQ\n\n" * 500).slug
    assert shown(blog, slug).count("data-player") == 50


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize("html", [
    '<div class="card video" data-player="https://evil.example">x</div>', '<p class="card-title">x</p>',
    '<p class="card-link" data-player="x">https://a.example</p>', '<p class="card"><a href="https://a.example">x</a></p>',
])  # fmt: skip
def test_an_author_cannot_write_what_only_cards_have(blog: Any, html: str) -> None:
    written = shown(blog, blog.post(text=f"{html}\n\nWords.").slug)
    assert "data-player" not in written
    assert not any(f'class="card{end}' in written for end in ('"', " ", "-title"))


def test_drafts_and_bulk_changes_and_the_same_text_ask_no_more_than_once(blog: Any) -> None:
    slug = blog.post(text=ADDRESS).slug
    blog.post(text=f"{ADDRESS}\n\n{ADDRESS}", published_at=None)
    before = [(card.id, card.asked_at) for card in cards()]
    assert len(before) == 1
    save(slug, f"{ADDRESS}\n\nand words")
    with writing():
        post = the_post(slug)
        session().refresh(post, ["tags"])
        add_tags(session(), post, post.author_id, ["tag"])
        session().commit()
    assert [card.id for card in cards()] == [before[0][0]]


def test_two_posts_with_the_same_new_address_at_once_are_both_saved(blog: Any) -> None:
    author = blog.user("author").id
    session().close()

    def write(number: int) -> None:
        from qingbo.accounts.models import User
        from qingbo.posts.publishing import create_post

        with blog.app.app_context(), writing():
            create_post(session(), session().get_one(User, author), Draft(str(number), ADDRESS, published_at=now()))
            session().commit()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    assert len(cards()) == 1


def test_what_fails_is_tried_five_times_with_growing_pauses(blog: Any, server: WebServer) -> None:
    server.answers["a.example/page"] = page(b"", status="503 Busy")
    slug = blog.post(text=ADDRESS).slug
    moment = now()
    with time_machine.travel(moment, tick=False) as clock:
        for tried in range(1, MOST_TRIES + 1):
            card = fetch(blog, server)
            assert (card.tries, card.reason) == (tried, "The answer is 503.")
            pause = PAUSES[tried - 1] if tried < MOST_TRIES else None
            assert card.next_try_at == (pause and now() + pause)
            fetch(blog, server)  # too early
            assert len(server.requests) == tried
            clock.shift(pause or timedelta())
    assert list(PAUSES) == sorted(PAUSES)
    assert waiting(session(), 10) == []
    assert PLAIN in shown(blog, slug)


def test_what_can_never_be_fetched_is_not_tried_again(blog: Any, server: WebServer) -> None:
    slug = blog.post(text="http://127.0.0.1/").slug
    server.hosts["127.0.0.1"] = [["127.0.0.1"]]
    card = fetch(blog, server)
    assert card.next_try_at is None
    assert "not an address of the public internet" in str(card.reason)
    assert server.requests == []
    assert '<p class="card-link"><a href="http://127.0.0.1/"' in shown(blog, slug)


def test_saving_asks_again_after_a_day_for_what_failed_and_after_thirty_for_what_did_not(
    blog: Any, server: WebServer
) -> None:
    slug = blog.post(text=ADDRESS).slug
    assert fetch(blog, server).reason == "The answer is 404."
    server.answers["a.example/page"] = page(SAYS)
    for hours, is_asked in ((1, False), (25, True)):
        with at_another_time(hours=hours):
            save(slug, f"{ADDRESS}\n\n{hours}")
            assert (cards()[0].next_try_at is not None) == is_asked
    with at_another_time(hours=26):
        assert fetch(blog, server).title.startswith("A ")
    for days, is_asked in ((20, False), (32, True)):
        with at_another_time(days=days):
            save(slug, f"{ADDRESS}\n\n{days}")
            assert (cards()[0].next_try_at is not None) == is_asked
    server.answers["a.example/page"] = page(b"", status="404 Gone")
    with at_another_time(days=33):
        assert fetch(blog, server).title.startswith("A ")
        assert '<div class="card">' in shown(blog, slug)


def test_who_fetches_keeps_the_others_from_it(blog: Any, server: WebServer) -> None:
    server.answers["a.example/page"] = page(SAYS)
    blog.post(text=ADDRESS)
    number = cards()[0].id
    session().close()
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: fetch_card(blog.app, number, server.fetcher()), range(3)))
    assert len(server.requests) == 1
    assert cards()[0].title
    fetch_card(blog.app, 999, server.fetcher())


def test_no_transaction_is_open_while_a_page_is_fetched(blog: Any, server: WebServer) -> None:
    def answer() -> list[bytes]:
        with blog.app.app_context(), writing():
            session().execute(sa.update(LinkCard).values(description="written meanwhile"))
            session().commit()
            session().close()
        return [page(b"<title>Hello</title>")]

    server.answers["a.example/page"] = answer
    blog.post(text=ADDRESS)
    card = fetch(blog, server)
    assert card.title == "Hello"


def test_the_studio_can_turn_it_off(blog: Any, server: WebServer) -> None:
    server.answers["a.example/page"] = page(SAYS)
    blog.post(text=ADDRESS)
    root = blog.visitor("root", "administrator")
    assert "Show link previews" in root.read("/studio/settings")
    blog.change_settings(link_previews=False)
    background_of(blog.app).clear()
    fetch(blog, server)
    slug = blog.post(text=f"{ADDRESS}\n\nhttp://b.example/").slug
    assert server.requests == []
    assert [card.address for card in cards()] == [ADDRESS]
    assert PLAIN in shown(blog, slug)
    sweep_cards(blog.app)
    assert queued(blog) == []
    blog.change_settings(link_previews=True)
    assert fetch(blog, server).title


def test_the_background_fetches_cards(blog: Any) -> None:
    """By the fetcher of a blog, which does not reach this machine."""
    background_of(blog.app).clear()
    blog.post(text="http://127.0.0.1/")
    session().close()
    background_of(blog.app).work_off(JOBS)
    assert "not an address of the public internet" in str(cards()[0].reason)


def queued(blog: Any) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    background_of(blog.app).work_off({asking.TASK: lambda app, number: found.append((asking.TASK, number))})
    return found


def test_a_save_puts_its_cards_into_the_queue_and_the_sweep_those_that_wait(blog: Any) -> None:
    background_of(blog.app).clear()
    blog.post(text=f"{ADDRESS}\n\nhttp://b.example/")
    numbers = {card.id for card in cards()}
    session().close()
    assert {number for _, number in queued(blog)} == numbers
    sweep_cards(blog.app)
    assert {number for _, number in queued(blog)} == numbers


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ("https://youtu.be/dQw4w9WgXcQ?t=43", "https://www.youtube.com/oembed?format=json&url="),
        ("https://vimeo.com/76979871", "https://vimeo.com/api/oembed.json?url="),
    ],
)
def test_a_video_is_a_card_at_once_and_its_title_comes_as_json(
    blog: Any, server: WebServer, address: str, asked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    slug = blog.post(text=address).slug
    html = shown(blog, slug)
    assert 'data-player="https://' in html
    assert f'<a href="{address}" rel="noopener"><span class="card-play">Play</span>' in html
    fetched: list[str] = []
    fetcher = server.fetcher()

    class Secretly:
        """The server speaks no TLS."""

        def fetch(self, address: str, kinds: Any) -> Any:
            fetched.append(address)
            return fetcher.fetch("http://a.example/oembed", kinds)

    body = json.dumps({"title": 'A "film"', "author_name": "Ann"}).encode()
    server.answers["a.example/oembed"] = page(body, content_type="application/json; charset=utf-8")
    fetch_card(blog.app, cards()[0].id, Secretly())  # type: ignore[arg-type]
    assert fetched[0].startswith(asked)
    assert cards()[0].title == 'A "film"'
    assert "A &quot;film&quot;" in shown(blog, slug)


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_frames_are_let_in_where_a_video_is_and_nowhere_else(blog: Any) -> None:
    video = blog.post("Video", "https://www.bilibili.com/video/BV1xx411c7mD?p=2").slug
    other = blog.post("Other", ADDRESS).slug
    frames = "frame-src https://www.youtube-nocookie.com https://player.bilibili.com https://player.vimeo.com"
    policy = blog.visitor().get(f"/posts/{video}").headers["Content-Security-Policy"]
    assert policy.endswith(f"; {frames}")
    assert "default-src 'self'" in policy
    for path in ("/", f"/posts/{other}", "/feed.atom", "/login"):
        answer = blog.visitor().get(path)
        assert "frame-src" not in answer.headers["Content-Security-Policy"]
        assert "js/cards.js" not in answer.text
    assert "js/cards.js" in blog.visitor().get(f"/posts/{video}").text


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize(
    "word", ['"><script>alert(1)</script>', "'\"><img src=x onerror=alert(1)>", "javascript:alert(1)", "&lt;b&gt;"]
)
def test_nothing_from_a_page_is_markup(blog: Any, word: str) -> None:
    address = f"https://a.example/?q={word}"
    for video in (False, True):
        where = "https://youtu.be/dQw4w9WgXcQ" if video else address
        with writing():
            session().execute(sa.delete(LinkCard))
            card = LinkCard(
                address=where, address_digest=digest_of(where), title=word, description=word, site_name=word
            )
            session().add(card)
            session().commit()
        from html import escape

        (html,) = decorated(
            session(), [f'<p class="card-link"><a href="{escape(where)}" rel="noopener">x</a></p>'], word
        )
        assert "<script" not in html
        assert "<img" not in html
        assert html.count("<") == html.count(">")
        assert html.count("<a ") == 1


def test_the_picture_of_a_page_is_taken_in_and_shown_from_here(blog: Any, server: WebServer) -> None:
    said = SAYS + b'<meta property="og:image" content="/big.png"><meta property="og:title" content="x">'
    server.answers["a.example/page"] = page(said)
    server.answers["a.example/big.png"] = page(samples.png(900, 600), content_type="image/png")
    slug = blog.post(text=ADDRESS).slug
    card = fetch(blog, server)
    assert card.picture_id is not None
    background_of(blog.app).work_off({name: job for name, job in JOBS.items() if name == "make_renditions"})
    html = shown(blog, slug)
    source = html.partition('class="card-picture" src="')[2].partition('"')[0]
    assert source.endswith("/~480.webp")
    assert blog.visitor().get(source).mimetype == "image/webp"
    assert "a.example/big.png" not in html


@pytest.mark.parametrize("body", [b"", b"<svg><script>1</script></svg>", samples.bomb(), samples.PDF])
def test_a_page_whose_picture_cannot_be_taken_has_a_card_without_one(blog: Any, server: WebServer, body: bytes) -> None:
    server.answers["a.example/page"] = page(SAYS + b'<meta property="og:image" content="http://a.example/x.png">')
    server.answers["a.example/x.png"] = page(body, content_type="image/png")
    slug = blog.post(text=ADDRESS).slug
    card = fetch(blog, server)
    assert (card.picture_id, card.reason) == (None, None)
    assert 'class="card"' in shown(blog, slug)
