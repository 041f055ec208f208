"""Cards in a browser: a player loads only after a click. No request leaves the machine."""

from collections.abc import Iterator

import pytest
from every_page import CARDS, LINK, PASSWORD, write_cards
from playwright.sync_api import Browser, Page, Route, expect
from qingbo.accounts.roles import ADMINISTRATOR
from served_blog import ServedBlog, add_users, serve

pytestmark = pytest.mark.slow

DESK = {"viewport": {"width": 1280, "height": 900}, "locale": "en-US"}
PHONE = {"viewport": {"width": 390, "height": 844}, "locale": "zh-CN"}
PLAYER = "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ?autoplay=1&start=43"


@pytest.fixture(scope="module")
def blog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedBlog]:
    with serve(tmp_path_factory.mktemp("cards") / "blog") as blog:
        add_users(blog.home, PASSWORD, {"root": ADMINISTRATOR})
        write_cards(blog)
        yield blog


def opened(blog: ServedBlog, browser: Browser, asked: list[str], **options: object) -> Page:
    """Open the post with cards; what is asked of other sites is noted, and answered by the test."""
    page = browser.new_context(**options).new_page()  # type: ignore[arg-type]

    def answer(route: Route) -> None:
        if route.request.url.startswith(blog.url):
            route.continue_()
        else:
            asked.append(route.request.url)
            route.fulfill(content_type="text/html", body="<title>Player</title><p>Playing</p>")

    page.context.route("**/*", answer)
    page.goto(blog.url + CARDS)
    return page


@pytest.mark.parametrize("look", [DESK, PHONE], ids=["desk", "phone"])
def test_a_player_is_loaded_on_a_click_and_nothing_before(
    blog: ServedBlog, browser: Browser, look: dict[str, object]
) -> None:
    asked: list[str] = []
    page = opened(blog, browser, asked, **look)
    expect(page.locator(".card")).to_have_count(3)
    expect(page.locator("iframe")).to_have_count(0)
    card = page.locator(".video").first
    before = card.bounding_box()
    assert asked == []
    card.get_by_role("link").click()
    frame = page.locator(".video iframe")
    expect(frame).to_be_focused()
    expect(page.frame_locator(".video iframe").get_by_text("Playing")).to_be_visible()
    assert asked == [PLAYER]
    assert frame.get_attribute("title") == "YouTube"
    assert card.bounding_box() == before
    page.context.close()


def test_the_keyboard_plays_too_and_a_new_tab_is_a_new_tab(blog: ServedBlog, browser: Browser) -> None:
    asked: list[str] = []
    page = opened(blog, browser, asked, **DESK)
    with page.context.expect_page():
        page.locator(".video a").first.click(modifiers=["Control"])
    expect(page.locator("iframe")).to_have_count(0)
    page.locator(".video a").last.press("Enter")
    expect(page.locator("iframe")).to_be_focused()
    expect(page.frame_locator("iframe").get_by_text("Playing")).to_be_visible()
    assert asked[-1].startswith("https://player.bilibili.com/player.html?bvid=BV1xx411c7mD")
    page.context.close()


def test_a_page_of_another_site_cannot_be_framed(blog: ServedBlog, browser: Browser) -> None:
    asked: list[str] = []
    page = opened(blog, browser, asked, **DESK)
    page.locator(".video").first.evaluate("card => { card.dataset.player = 'https://evil.example/'; }")
    page.locator(".video a").first.click()
    expect(page.locator("iframe")).to_have_count(1)
    page.wait_for_load_state("networkidle")
    assert asked == []
    page.context.close()


def test_without_javascript_the_button_is_a_link(blog: ServedBlog, browser: Browser) -> None:
    asked: list[str] = []
    page = opened(blog, browser, asked, java_script_enabled=False, **DESK)
    page.locator(".video a").first.click()
    page.wait_for_url("https://youtu.be/dQw4w9WgXcQ?t=43")
    page.goto(blog.url + CARDS)
    page.get_by_role("link", name="A quiet page").click()
    page.wait_for_url(LINK)
    page.context.close()
