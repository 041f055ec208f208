"""Reading without a mouse, with and without JavaScript, on narrow and wide screens; and what scripts add."""

import re
from typing import Any

import pytest
from comment_passes import use_old_pass
from every_page import PASSWORD, POST, LivedIn
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.slow

DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
FOCUSED = """() => {
  const each = document.activeElement;
  return (each.innerText || each.labels?.[0]?.innerText || each.getAttribute("aria-label") || "").trim();
}"""


def tab_to(page: Page, words: str) -> None:
    """Press Tab until something of these words has the focus, and see that it shows."""
    for _ in range(150):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED) == words:
            assert page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle") != "none"
            return
    raise AssertionError(f"Tab never comes to {words!r}.")


def go_to(page: Page, words: str) -> None:
    tab_to(page, words)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def open_menu(page: Page) -> None:
    if page.locator(".menu-button").is_visible():
        tab_to(page, "Menu")
        page.keyboard.press("Enter")
        expect(page.locator("#site-menu")).to_be_visible()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scripts", [True, False], ids=["javascript", "no-javascript"])
def test_an_old_post_is_found_read_and_answered_with_the_keyboard(
    lived_in_blog: LivedIn, scripts: bool, size: Any
) -> None:
    context = lived_in_blog.context(signed_in=False, java_script_enabled=scripts, viewport=size, locale="en-US")
    page = context.new_page()
    page.goto(lived_in_blog.blog.url)
    open_menu(page)
    go_to(page, "Archive")
    expect(page.locator("h1")).to_have_text("Archive")
    year = page.locator(".index a").first.inner_text().strip()
    go_to(page, year)
    go_to(page, "Three small rules for writing online")
    expect(page.locator("h1")).to_have_text("Three small rules for writing online")
    for label, words in (("Your name", f"Reader {scripts} {size['width']}"), ("Comment", "Written without a mouse.")):
        tab_to(page, label)
        page.keyboard.type(words)
    if not scripts:  # a page shows the comment once more
        go_to(page, "Post comment")
    use_old_pass(page, lived_in_blog.blog.home)
    go_to(page, "Post comment")
    expect(page.locator(".comment", has_text=f"Reader {scripts} {size['width']}")).to_be_visible()
    context.close()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scripts", [True, False], ids=["javascript", "no-javascript"])
def test_one_signs_in_with_the_keyboard(lived_in_blog: LivedIn, scripts: bool, size: Any) -> None:
    context = lived_in_blog.context(signed_in=False, java_script_enabled=scripts, viewport=size, locale="en-US")
    page = context.new_page()
    page.goto(lived_in_blog.blog.url)
    open_menu(page)
    go_to(page, "Sign in")
    page.locator("[name=name]").focus()
    page.keyboard.type("reader")
    tab_to(page, "Password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{lived_in_blog.blog.url}/")
    open_menu(page)
    go_to(page, "Sign out")
    expect(page.locator("main")).to_contain_text("Sign out")
    context.close()


def opened(lived_in_blog: LivedIn, path: str, **options: Any) -> Page:
    return_to = lived_in_blog.context(signed_in=False, locale="en-US", **options).new_page()
    return_to.goto(lived_in_blog.blog.url + path)
    return return_to


def test_code_is_copied_by_a_button(lived_in_blog: LivedIn) -> None:
    page = opened(lived_in_blog, "/posts/long", permissions=["clipboard-read", "clipboard-write"])
    button: Locator = page.locator(".copy")
    button.focus()
    button.press("Enter")
    expect(button).to_have_text("Copied")
    assert page.evaluate("() => navigator.clipboard.readText()").startswith("def characters_in_a_line")
    page.context.close()


def test_a_picture_opens_large_and_escape_closes_it(lived_in_blog: LivedIn) -> None:
    page = opened(lived_in_blog, "/posts/pictures")
    link = page.locator(".enlarge").first
    link.focus()
    link.press("Enter")
    expect(page.locator("dialog.large img")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    assert page.url.endswith("/posts/pictures")
    page.context.close()


def test_without_a_script_a_picture_is_a_page_of_its_own(lived_in_blog: LivedIn) -> None:
    page = opened(lived_in_blog, "/posts/pictures", java_script_enabled=False)
    page.locator(".enlarge").first.click()
    page.wait_for_url("**/media/**")
    page.context.close()


def test_contents_and_footnotes_stand_beside_the_text_on_a_desk_alone(lived_in_blog: LivedIn) -> None:
    page = opened(lived_in_blog, "/posts/long", viewport=DESK)
    right = page.locator(".prose").bounding_box()
    assert right
    for each in (page.locator(".toc a").first, page.locator(".sidenote").first):
        box = each.bounding_box()
        assert box
        assert box["x"] > right["x"] + right["width"]
    expect(page.locator(".footnotes")).to_be_hidden()
    page.set_viewport_size(PHONE)
    expect(page.locator(".toc a").first).to_be_hidden()
    page.locator(".toc summary").click()
    expect(page.locator(".toc a").first).to_be_visible()
    expect(page.locator(".sidenote").first).to_be_hidden()
    expect(page.locator(".footnotes")).to_be_visible()
    page.context.close()


def test_a_guest_is_remembered_in_the_browser(lived_in_blog: LivedIn) -> None:
    page = opened(lived_in_blog, POST)
    page.locator("[name=name]").fill("过客")
    page.locator("[name=email]").fill("guest@example.com")
    page.locator(".comment-form [name=text]").fill("Hello.")
    use_old_pass(page, lived_in_blog.blog.home)
    page.locator(".comment-form button[type=submit]").click()
    page.wait_for_url(re.compile(r"#comment-\d+$"))
    page.goto(f"{lived_in_blog.blog.url}/posts/long")
    expect(page.locator("[name=name]")).to_have_value("过客")
    expect(page.locator("[name=email]")).to_have_value("guest@example.com")
    page.context.close()


@pytest.mark.parametrize("language", ["en-US", "zh-CN"])
def test_chinese_marks_come_from_the_chinese_font_and_others_from_the_latin_one(
    lived_in_blog: LivedIn, language: str
) -> None:
    page = lived_in_blog.context(signed_in=False, locale=language).new_page()
    page.goto(lived_in_blog.blog.url)
    page.evaluate(
        """() => { document.querySelector("main").innerHTML =
        '<p id="han" lang="zh-Hans">“”——……</p><p id="latin" lang="en">“”——……</p>'; }"""
    )
    session = page.context.new_cdp_session(page)
    session.send("DOM.enable")
    session.send("CSS.enable")
    root = session.send("DOM.getDocument")["root"]["nodeId"]

    def fonts(selector: str) -> set[str]:
        node = session.send("DOM.querySelector", {"nodeId": root, "selector": selector})["nodeId"]
        return {font["familyName"] for font in session.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]}

    assert all("CJK" in name for name in fonts("#han")), fonts("#han")
    assert not any("CJK" in name for name in fonts("#latin")), fonts("#latin")
    page.context.close()
