"""Searching: with two characters, on narrow and wide screens, with and without JavaScript, without a mouse."""

import pytest
from every_page import LivedIn
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.slow

DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
TITLE = "好的落款要用手写"


def tab_to(page: Page, selector: str) -> None:
    for _press in range(60):
        page.keyboard.press("Tab")
        if page.locator(selector).evaluate_all("all => all.includes(document.activeElement)"):
            return
    raise AssertionError(f"Tab never comes to {selector}.")


@pytest.mark.parametrize(
    ("scripts", "size", "language"),
    [(True, PHONE, "zh-CN"), (False, PHONE, "en-US"), (True, DESK, "en-US"), (False, DESK, "zh-CN")],
    ids=["js-phone-zh", "no-js-phone-en", "js-desk-en", "no-js-desk-zh"],
)
def test_a_post_is_found_by_two_characters_without_a_mouse(
    lived_in_blog: LivedIn, scripts: bool, size: dict[str, int], language: str
) -> None:
    context = lived_in_blog.context(signed_in=False, java_script_enabled=scripts, viewport=size, locale=language)
    page = context.new_page()
    page.goto(lived_in_blog.blog.url)
    if size is PHONE:
        tab_to(page, ".search-link")
        page.keyboard.press("Enter")
        page.wait_for_url("**/search")
        expect(page.locator("#q")).to_be_focused()
    elif scripts:
        page.keyboard.press("/")
        expect(page.locator(".search-box input")).to_be_focused()
    else:
        tab_to(page, ".search-box input")
    page.keyboard.type("落款")
    page.keyboard.press("Enter")
    result = page.locator(".result", has_text=TITLE)
    expect(result).to_be_visible()
    expect(result.locator("h3 mark")).to_have_text("落款")
    tab_to(page, ".result h3 a")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(TITLE)
    context.close()


def test_results_come_while_somebody_types(lived_in_blog: LivedIn) -> None:
    context = lived_in_blog.context(signed_in=False, viewport=PHONE, locale="en-US")
    page = context.new_page()
    page.goto(f"{lived_in_blog.blog.url}/search")
    page.locator("#q").press_sequentially("落款")
    expect(page.locator(".result", has_text=TITLE)).to_be_visible()
    # One character finds it, too: wait for the results of both.
    page.wait_for_function("() => new URLSearchParams(location.search).get('q') === '落款'")
    page.locator("#q").fill("nothing like it")
    expect(page.locator("#results .empty")).to_be_visible()
    page.locator(".search-form summary").click()
    page.locator("#order").select_option("newest")
    page.locator("#q").fill("blog")
    expect(page.locator(".result").first).to_be_visible()
    page.wait_for_function("() => location.search.includes('q=blog')")
    page.reload()
    expect(page.locator("#order")).to_have_value("newest")
    expect(page.locator(".result").first).to_be_visible()
    context.close()
