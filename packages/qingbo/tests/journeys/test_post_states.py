"""Who sees a post where, in Chromium: scheduled, unlisted, private, pinned, in the bin; and versions."""

import re
import sqlite3
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

import pytest
from composing import (
    JS_DESK_EN,
    JS_PHONE_ZH,
    PLAIN_DESK_ZH,
    PLAIN_PHONE_EN,
    Look,
    Writers,
    fill,
    open_settings,
    publish,
    save,
    shown,
)
from playwright.sync_api import Page, expect
from qingbo.home import DataFolder
from served_blog import CHANGED

pytestmark = pytest.mark.slow

LATER, EVEN_LATER = "2031-05-06T07:08", "2032-05-06T07:08"


def write(page: Page, writers: Writers, title: str, tag: str, **settings: str) -> str:
    """Publish a post with what stands beside the text, and return its address."""
    page.goto(f"{writers.url}/posts/new")
    fill(page, {"title": title, "text": f"Text of {title}."})
    open_settings(page)
    fill(page, {"tags": tag, **{name: value for name, value in settings.items() if name == "date"}})
    page.locator("[name=visibility]").select_option(settings.get("visibility", "public"))
    page.locator("[name=pinned]").set_checked("pinned" in settings)
    return save(page)


def listed(writers: Writers, title: str, tag: str, address: str) -> list[str]:
    """Return the public pages and files that name a post to a guest; a neighbour of it has the same tag."""
    guest = writers.asking()
    places = ("", "/users/ann", f"/tags/{tag}")
    lists = ["/", "/archive", "/users/ann", f"/tags/{tag}", f"/posts/neighbour-of-{tag}"]
    lists += [f"{place}/feed.{name}" for place in places for name in ("atom", "rss", "json")]
    # The page of a search has the title in its form, and the sitemap has none.
    by_address = [f"/search?q={quote(title)}", f"/search?q={quote(title)}&order=newest", "/sitemap.xml"]
    sought = dict.fromkeys(lists, title) | dict.fromkeys(by_address, urlsplit(address).path)
    return [path for path, words in sought.items() if words in guest.get(f"{writers.url}{path}").text()]


def status(writers: Writers, address: str, name: str | None = None) -> int:
    """Return what the address of a post answers to somebody."""
    return writers.asking(name).get(address, max_redirects=0).status


def let_the_moment_come(writers: Writers, slug: str) -> None:
    """Move the date of a scheduled post to this moment, in the database; so it is the newest of all."""
    moment = f"{datetime.now(tz=UTC):%Y-%m-%d %H:%M:%S.%f}"
    with sqlite3.connect(DataFolder(writers.blog.home).database) as database:
        number = database.execute("SELECT id FROM posts WHERE slug = ?", [slug]).fetchone()[0]
        database.execute("UPDATE posts SET published_at = ? WHERE id = ?", [moment, number])
        database.execute("UPDATE posts_tags SET published_at = ? WHERE post_id = ?", [moment, number])
        database.execute(CHANGED)
    database.close()


@pytest.mark.parametrize("look", [JS_PHONE_ZH, PLAIN_PHONE_EN], ids=str)
def test_a_scheduled_post_appears_everywhere_at_its_moment(writers: Writers, look: Look) -> None:
    page, title, tag = writers.window(look, "ann"), f"Later {look}", f"later-{look}"
    write(page, writers, f"Neighbour of {tag}", tag)
    address = write(page, writers, title, tag, date=LATER)
    expect(page.locator(".post .mark")).to_contain_text("2031")
    assert (listed(writers, title, tag, address), status(writers, address)) == ([], 404)
    page.goto(f"{writers.url}/studio/posts?state=scheduled")
    expect(page.get_by_role("link", name=title, exact=True).first).to_be_visible()

    page.goto(f"{address}/edit")
    fill(page, {"text": "Changed."})
    save(page)
    page.goto(f"{address}/edit")
    open_settings(page)
    expect(page.locator("[name=date]")).to_have_value(LATER)  # an edit does not reset it
    fill(page, {"date": EVEN_LATER, "slug": f"moved-{look}"})
    save(page)
    expect(page.locator(".post .mark")).to_contain_text("2032")
    assert page.url == f"{writers.url}/posts/moved-{look}"
    assert (listed(writers, title, tag, page.url), status(writers, address)) == ([], 404)

    let_the_moment_come(writers, f"moved-{look}")
    public = {"/", "/users/ann", f"/tags/{tag}", f"/tags/{tag}/feed.rss", f"/posts/neighbour-of-{tag}", "/sitemap.xml"}
    assert public <= set(listed(writers, title, tag, page.url))
    assert status(writers, address) == 301
    guest = writers.window(look)
    guest.goto(address)
    assert guest.url == f"{writers.url}/posts/moved-{look}"
    expect(guest.locator(".post .prose")).to_have_text("Changed.")
    expect(guest.locator(".post .mark")).to_have_count(0)


@pytest.mark.parametrize("look", [PLAIN_DESK_ZH], ids=str)
def test_unlisted_private_and_pinned_posts_are_seen_by_whom_they_should(writers: Writers, look: Look) -> None:
    page = writers.window(look, "ann")
    write(page, writers, "Neighbour of seen", "seen")
    unlisted = write(page, writers, f"Unlisted {look}", "seen", visibility="unlisted")
    expect(page.locator(".post .mark")).to_have_text(shown(look, "Unlisted"))
    private = write(page, writers, f"Private {look}", "seen", visibility="private")
    expect(page.locator(".post .mark")).to_have_text(shown(look, "Private"))
    pinned = write(page, writers, f"Pinned {look}", "seen", pinned="y")
    write(page, writers, f"Newest {look}", "seen")
    for title, address in (("Unlisted", unlisted), ("Private", private)):
        assert listed(writers, f"{title} {look}", "seen", address) == []
    assert len(listed(writers, f"Pinned {look}", "seen", pinned)) > 10
    assert [status(writers, unlisted, name) for name in (None, "cat", "ben")] == [200, 200, 200]
    assert [status(writers, private, name) for name in (None, "cat", "ben")] == [404, 404, 200]

    guest = writers.window(look)
    guest.goto(unlisted)
    expect(guest.locator("meta[name=robots]")).to_have_attribute("content", "noindex")
    guest.goto(writers.url)
    expect(guest.locator("main .lead h2").first).to_have_text(f"Pinned {look}")
    expect(guest.locator(".lead h2").filter(has_text=f"Pinned {look}")).to_have_count(1)
    expect(guest.locator("main .lead h2").filter(has_text=f"Pinned {look}")).to_have_count(1)

    page.goto(f"{pinned}/edit")
    open_settings(page)
    page.locator("[name=pinned]").uncheck()
    save(page)
    guest.goto(writers.url)
    expect(guest.locator("main .lead h2").first).to_have_text(f"Newest {look}")


@pytest.mark.parametrize("look", [JS_PHONE_ZH, PLAIN_PHONE_EN], ids=str)
def test_a_deleted_post_is_brought_back_by_undo_and_from_the_bin(writers: Writers, look: Look) -> None:
    page, title = writers.window(look, "ann"), f"Binned {look}"
    write(page, writers, "Neighbour of kept", "kept")
    address = write(page, writers, title, "kept")

    def delete() -> None:
        page.goto(address)
        page.locator(".post .actions").get_by_role("link", name=shown(look, "Delete")).click()
        page.locator("main button.danger").click()
        expect(page.locator(".notice.done")).to_contain_text(title)
        assert (listed(writers, title, "kept", address), status(writers, address)) == ([], 404)
        assert status(writers, address, "ann") == 404

    delete()
    page.get_by_role("button", name=shown(look, "Undo"), exact=True).click()
    expect(page.locator(".post .prose")).to_have_text(f"Text of {title}.")
    assert status(writers, address) == 200
    delete()
    page.goto(f"{writers.url}/studio/posts")
    expect(page.locator("main .ticked").filter(has_text=title)).to_have_count(0)
    page.locator("#state").select_option("binned")
    page.get_by_role("button", name=shown(look, "Filter"), exact=True).click()
    page.get_by_role("button", name=re.compile(f"^{shown(look, 'Restore')}.*{title}$")).click()
    expect(page.locator(".post .prose")).to_have_text(f"Text of {title}.")
    assert len(listed(writers, title, "kept", address)) > 10


@pytest.mark.parametrize("look", [JS_DESK_EN, PLAIN_DESK_ZH], ids=str)
def test_versions_are_listed_compared_by_words_and_restored(writers: Writers, look: Look) -> None:
    page = writers.window(look, "ann")
    address = publish(page, writers.url, title=f"Weather {look}", text="今天的天气很好。 We walked to the lake.")
    page.goto(f"{address}/edit")
    fill(page, {"text": "今天的天气不错。 We walked to the river."})
    save(page)
    page.get_by_role("link", name=shown(look, "Version history")).click()
    expect(page.locator(".rows > li")).to_have_count(2)
    expect(page.locator(".rows > li").first.locator(".mark")).to_have_text(shown(look, "Current"))
    expect(page.locator(".rows > li").first).to_contain_text("ann")

    page.locator(".rows a").last.click()
    page.wait_for_load_state()
    expect(page.locator(".difference")).to_have_count(1)
    assert "".join(page.locator(".difference del").all_text_contents()) == "很好lake"
    assert "".join(page.locator(".difference ins").all_text_contents()) == "不错river"
    page.locator("main form.buttons button").click()
    expect(page.locator("#text")).to_have_value("今天的天气很好。 We walked to the lake.")
    assert "river" in writers.asking().get(address).text()  # the post changes only by Update
    save(page, words="今天的天气很好。 We walked to the lake.")
    page.get_by_role("link", name=shown(look, "Version history")).click()
    expect(page.locator(".rows > li")).to_have_count(3)
