"""An about page in the menu, and a series in its order: writing, ordering and reading them in Chromium."""

import re
from uuid import uuid4

import pytest
from composing import JS_DESK_EN, PLAIN_PHONE_EN, Look, Writers, open_settings, press, shown
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.slow

LOOKS = pytest.mark.parametrize("look", [JS_DESK_EN, PLAIN_PHONE_EN], ids=str)


def write(page: Page, url: str, title: str, *, kind: str = "article", series: str = "") -> str:
    """Publish a post or a page and return its address."""
    page.goto(f"{url}/posts/new")
    page.locator(f"[name=kind][value={kind}] + label").click()
    page.locator("[name=title]").fill(title)
    page.locator("[name=text]").fill(f"Words of {title}.")
    if series:
        open_settings(page)
        page.locator("[name=series]").fill(series)
    press(page, "publish")
    page.wait_for_url(re.compile(r"/[^/]*(?<!/new)$"))
    return page.url.removeprefix(url)


def menu_of(page: Page) -> list[str]:
    return page.locator("header nav li a").evaluate_all("links => links.map(each => each.getAttribute('href'))")


@LOOKS
def test_an_about_page_is_written_and_put_into_the_menu(writers: Writers, look: Look) -> None:
    page, guest = writers.window(look, "ann"), writers.window(look)
    title = f"About {uuid4().hex[:6]}"
    address = write(page, writers.url, title, kind="page")
    assert address == f"/{title.lower().replace(' ', '-')}"
    page.goto(f"{writers.url}/studio/menu")
    page.locator("[name=target]").select_option(label=title)
    page.locator("button[value=page]").click()
    expect(page.get_by_role("status")).to_be_visible()
    page.locator(f"button[name=up][value='{address}']").click()
    expect(page.get_by_role("status")).to_be_visible()
    guest.goto(writers.url)
    menu = menu_of(guest)
    assert address in menu
    assert menu.index(address) < len(menu) - 1
    guest.goto(f"{writers.url}{address}")
    expect(guest.locator("h1")).to_have_text(title)
    expect(guest.locator("header [aria-current=page]").first).to_have_attribute("href", address)
    page.goto(f"{writers.url}/posts{address}/edit")
    press(page, "draft")
    page.wait_for_url(f"**{address}")
    guest.goto(writers.url)
    assert address not in menu_of(guest)
    page.goto(f"{writers.url}/studio/menu")
    page.locator(f"button[name=remove][value='{address}']").click()
    expect(page.locator(f"button[name=remove][value='{address}']")).to_have_count(0)


@LOOKS
def test_a_series_is_ordered_and_read(writers: Writers, look: Look) -> None:
    page, guest = writers.window(look, "ann"), writers.window(look)
    series = f"Series {uuid4().hex[:6]}"
    titles = [f"{name} of {series}" for name in ("One", "Two", "Three")]
    for title in titles:
        write(page, writers.url, title, series=series)
    page.goto(f"{writers.url}/studio/series")
    page.get_by_role("link", name=series).click()
    page.get_by_role("button", name=f"{shown(look, 'Move up')} {titles[2]}").click()
    expect(page.get_by_role("status")).to_be_visible()
    page.get_by_label(shown(look, "Position of “%(title)s”") % {"title": titles[0]}).fill("3")
    page.keyboard.press("Enter")
    expect(page.locator("main ol a").last).to_have_text(titles[0])
    guest.goto(f"{writers.url}/series")
    guest.get_by_role("link", name=series).click()
    expect(guest.locator("main ol a")).to_have_text([titles[2], titles[1], titles[0]])
    guest.get_by_role("link", name=titles[2]).click()
    box = guest.locator(".series-box")
    for number in (1, 2, 3):
        expect(box).to_contain_text(f"Part {number} of 3")
        if number < 3:
            box.get_by_role("link", name="Next in this series").click()
    box.locator("summary").click()
    expect(box.locator("li")).to_have_count(3)
