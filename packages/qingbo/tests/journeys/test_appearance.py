"""Changing the blog's look in Chromium: preview, go on, save. Guests see it only after saving."""

import pytest
import sample_media as samples
from composing import JS_DESK_EN, PLAIN_PHONE_EN, Look, Writers, shown
from every_page import sample_file
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.slow

ACCENT, IN_RGB = "#b3261e", "rgb(179, 38, 30)"


def press(page: Page, look: Look, text: str) -> None:
    page.get_by_role("button", name=shown(look, text), exact=True).click()


def colour(page: Page) -> str:
    """Return the accent of a page in light, as the browser understood it."""
    page.wait_for_load_state()  # its text is there before its style sheet
    return str(
        page.evaluate(
            """() => {
                const link = document.createElement("a");
                link.href = "#";
                document.body.append(link);
                const found = getComputedStyle(link).color;
                link.remove();
                return found;
            }"""
        )
    )


def family(page: Page) -> str:
    page.wait_for_load_state()
    return str(page.evaluate("getComputedStyle(document.body).fontFamily"))


def as_it_was(writers: Writers) -> None:
    """Save the look that the blog began with."""
    page = writers.window(JS_DESK_EN, "ann")
    page.goto(f"{writers.url}/studio/appearance")
    page.locator("[name=theme][value=default]").check()
    for name in ("accent", "footer_text", "custom_css", "logo"):
        page.locator(f"[name={name}]").fill("")
    press(page, JS_DESK_EN, "Save")
    expect(page.get_by_role("status")).to_be_visible()


@pytest.mark.parametrize("look", [JS_DESK_EN, PLAIN_PHONE_EN], ids=str)
def test_an_administrator_tries_a_look_out_and_saves_it(writers: Writers, look: Look) -> None:
    as_it_was(writers)
    page = writers.window(look, "ann")
    guest = writers.window(JS_DESK_EN)
    guest.goto(writers.url)
    before = colour(guest), family(guest)

    page.goto(f"{writers.url}/studio/appearance")
    page.locator("[name=theme][value=serif]").check()
    page.locator("[name=accent_picked]").fill(ACCENT)
    assert page.locator("[name=accent]").input_value() == (ACCENT if look.script else "")
    page.locator("[name=logo_file]").set_input_files(sample_file("logo.png", samples.png(90, 30)))
    page.locator("[name=custom_css]").fill("@import 'x';")
    press(page, look, "Preview")
    expect(page.locator("main")).to_contain_text("Line 1: @import isn’t allowed.")
    expect(page.locator("[name=accent]")).to_have_value(ACCENT)
    expect(page.locator(".site-picture img")).to_have_attribute("width", "90")

    page.locator("[name=custom_css]").fill("body { border-top: 3px solid var(--accent) }")
    press(page, look, "Preview")
    bar = page.locator(".preview-bar")
    expect(bar).to_contain_text(shown(look, "Only you can see these changes."))
    assert (colour(page), family(page)) != before
    assert (colour(page), "serif" in family(page)) == (IN_RGB, True)
    logo = page.locator("header img").first
    expect(logo).to_have_attribute("width", "90")
    assert logo.evaluate("image => image.naturalWidth") == 90
    guest.reload()
    assert (colour(guest), family(guest)) == before
    expect(guest.locator(".preview-bar")).to_have_count(0)

    page.goto(f"{writers.url}/archive")
    bar.get_by_role("link", name=shown(look, "Keep editing")).click()
    page.locator("[name=footer_text]").fill("[ICP 1](https://beian.miit.gov.cn/)")
    press(page, look, "Preview")
    expect(page.locator("footer")).to_contain_text("ICP 1")
    bar.get_by_role("button", name=shown(look, "Save")).click()
    expect(page.get_by_role("status")).to_contain_text(shown(look, "Saved. Everyone now sees the new appearance."))
    expect(bar).to_have_count(0)

    guest.reload()
    assert (colour(guest), "serif" in family(guest)) == (IN_RGB, True)
    assert guest.evaluate("getComputedStyle(document.body).borderTopWidth") == "3px"
    assert guest.locator("header img").first.evaluate("image => image.naturalWidth") == 90
    expect(guest.locator("footer").get_by_role("link", name="ICP 1")).to_be_visible()
    as_it_was(writers)
    guest.reload()
    assert (colour(guest), family(guest)) == before
