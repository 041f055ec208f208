"""No text is lost after failures and conflicts while writing: in Chromium, with and without JavaScript."""

from pathlib import Path

import pytest
from composing import (
    JS_DESK_EN,
    JS_PHONE_ZH,
    PLAIN_DESK_ZH,
    PLAIN_PHONE_EN,
    Look,
    Writers,
    add_accounts,
    choose,
    expect_saved,
    fill,
    fill_in_sign_in,
    press,
    publish,
    shown,
)
from playwright.sync_api import Browser, Page, expect
from served_blog import kill, serve

pytestmark = pytest.mark.slow

OFFLINE = "Not saved: no connection. Your text is kept in this browser."
THREE = "第一段。\n\nThe second paragraph.\n\n第三段。"


def edit(page: Page, address: str, **fields: str) -> None:
    page.goto(f"{address}/edit")
    fill(page, fields)


def test_a_server_that_is_killed_and_started_again_costs_no_word(tmp_path: Path, browser: Browser) -> None:
    with serve(tmp_path / "blog") as blog:
        add_accounts(blog.home)
        writers = Writers(blog, browser)
        page, plain = writers.window(JS_PHONE_ZH, "ann"), writers.window(PLAIN_DESK_ZH, "ann")
        page.clock.install()
        for each in (page, plain):
            each.goto(f"{blog.url}/posts/new")
            fill(each, {"text": "Before 之前。"})
        page.keyboard.press("Control+s")
        expect(page.locator(".saving")).to_contain_text(shown(JS_PHONE_ZH, "Saved"))
        kill(blog)
        fill(page, {"title": "停电", "text": "Before 之前。 And meanwhile 其间。"})
        page.clock.fast_forward(5_000)
        expect(page.locator(".saving")).to_have_text(shown(JS_PHONE_ZH, OFFLINE))
        press(page, "publish")  # stays on the page
        expect(page.locator("#text")).to_have_value("Before 之前。 And meanwhile 其间。")
    port = int(blog.url.rpartition(":")[2])
    with serve(blog.home, port=port):
        page.clock.fast_forward(30_000)  # the longest pause between two tries
        expect(page.locator(".saving")).to_contain_text(shown(JS_PHONE_ZH, "Saved"))
        page.goto(f"{blog.url}/posts/new")
        page.get_by_role("link", name="停电").click()
        expect(page.locator("#text")).to_have_value("Before 之前。 And meanwhile 其间。")
        press(page, "publish")
        expect(page.locator(".post .prose")).to_have_text("Before 之前。 And meanwhile 其间。")
        expect(plain.locator("#text")).to_have_value("Before 之前。")
        press(plain, "publish")
        expect(plain.locator(".post .prose")).to_have_text("Before 之前。")
        writers.close()


def test_who_signs_in_again_in_the_same_window_finds_the_text(writers: Writers) -> None:
    page = writers.window(JS_PHONE_ZH, "ann")
    page.goto(f"{writers.url}/posts/new")
    page.context.clear_cookies()
    choose(page, "photos")
    fill(page, {"pictures": "https://example.com/tea.jpg 茶", "text": "写了一晚上。"})
    page.keyboard.press("Control+s")
    expect(page.locator(".saving")).to_contain_text(
        shown(JS_PHONE_ZH, "You are signed out. Open a new tab and sign in to save your text.")
    )
    page.goto(f"{writers.url}/login")
    fill_in_sign_in(page, "ann")
    page.wait_for_url(f"{writers.url}/")
    page.goto(f"{writers.url}/posts/new")
    expect(page.locator(".found")).to_contain_text("写了一晚上。")
    page.locator(".found [data-use]").click()
    expect(page.locator("[name=pictures]")).to_have_value("https://example.com/tea.jpg 茶")
    press(page, "publish")
    expect(page.locator(".post .prose")).to_have_text("写了一晚上。")


FIELDS = {
    "photos": {"pictures": "https://example.com/tea.jpg Tea", "text": "A caption."},
    "quote": {"text": "Quoted.", "source": "Somebody, somewhere"},
    "link": {"link": "https://example.com/page", "text": "Described."},
}


def test_a_form_that_is_sent_after_the_session_ended_is_shown_to_copy(writers: Writers) -> None:
    page = writers.window(PLAIN_PHONE_EN, "ann")
    for kind, fields in FIELDS.items():
        page.goto(f"{writers.url}/posts/new")
        cookies = page.context.cookies()
        page.context.clear_cookies()
        choose(page, kind)
        fill(page, fields)
        press(page, "publish")
        for words in fields.values():
            expect(page.locator("#kept")).to_contain_text(words)
        page.context.add_cookies(cookies)  # type: ignore[arg-type]


@pytest.mark.parametrize("look", [JS_DESK_EN, PLAIN_PHONE_EN], ids=str)
def test_changes_in_two_tabs_that_do_not_touch_are_merged(writers: Writers, look: Look) -> None:
    page = writers.window(look, "ann")
    address = publish(page, writers.url, title=f"Merged {look}", text=THREE)
    other = page.context.new_page()
    edit(page, address)
    edit(other, address, text=THREE.replace("第一段", "新的第一段"))
    press(other, "publish")
    expect(other.locator(".post .prose")).to_contain_text("新的第一段。")
    fill(page, {"text": THREE.replace("第三段", "The third")})
    if look.script:
        page.keyboard.press("Control+s")
        expect(page.locator(".newer")).to_contain_text("Nothing is lost")
    press(page, "publish")
    expect(page.locator(".notice.done")).to_contain_text("both were merged below")
    expect(page.locator("#text")).to_have_value("新的第一段。\n\nThe second paragraph.\n\nThe third。")
    expect(page.locator(".saved-version")).to_have_count(0)
    press(page, "publish")
    expect(page.locator(".post .prose p")).to_have_text(["新的第一段。", "The second paragraph.", "The third。"])


@pytest.mark.parametrize("look", [JS_PHONE_ZH, PLAIN_DESK_ZH], ids=str)
def test_changes_of_two_people_that_touch_stand_side_by_side(writers: Writers, look: Look) -> None:
    page, other = writers.window(look, "ann"), writers.window(name="ben")
    address = publish(page, writers.url, title=f"Touching {look}", text=THREE)
    edit(page, address, text=THREE.replace("第一段", "Ann 的第一段"))
    edit(other, address, text=THREE.replace("第一段", "Ben 的第一段"))
    other.keyboard.press("Control+s")
    expect_saved(other)
    if look.script:
        page.keyboard.press("Control+s")
        expect(page.locator(".others")).to_have_text(shown(look, "Also editing: {names}").format(names="ben"))
    press(other, "publish")
    expect(other.locator(".post .prose")).to_contain_text("Ben 的第一段")
    press(page, "publish")
    expect(page.locator(".notice.error")).to_be_visible()
    expect(page.locator("#text")).to_have_value(THREE.replace("第一段", "Ann 的第一段"))
    expect(page.locator("#saved-text")).to_have_value(THREE.replace("第一段", "Ben 的第一段"))
    fill(page, {"text": THREE.replace("第一段", "两个人的第一段")})
    page.get_by_role("button", name=shown(look, "Overwrite the saved version")).click()
    expect(page.locator(".post .prose")).to_contain_text("两个人的第一段")
    page.get_by_role("link", name=shown(look, "Version history")).click()
    expect(page.locator(".rows > li").filter(has_text="ben").first).to_be_visible()


def test_who_discards_their_version_edits_the_saved_one(writers: Writers) -> None:
    page, other = writers.window(name="ann"), writers.window(name="ben")
    address = publish(page, writers.url, title="Discarded", text="First.")
    edit(page, address, text="Ann's.")
    edit(other, address, text="Ben's.")
    press(other, "publish")
    expect(other.locator(".post .prose")).to_have_text("Ben's.")
    press(page, "publish")
    expect(page.locator("#saved-text")).to_have_value("Ben's.")
    press(page, "discard")
    expect(page.locator(".notice.done")).to_be_visible()
    expect(page.locator("#text")).to_have_value("Ben's.")


@pytest.mark.parametrize("look", [JS_PHONE_ZH, PLAIN_PHONE_EN], ids=str)
def test_the_text_for_a_post_that_was_deleted_becomes_a_new_post(writers: Writers, look: Look) -> None:
    page, other = writers.window(look, "ann"), writers.window(name="ben")
    address = publish(page, writers.url, title=f"Deleted {look}", text="Old.")
    edit(page, address, text="Still being written 还在写。")
    other.goto(f"{address}/delete")
    other.locator("main button.danger").click()
    expect(other.locator(".notice.done")).to_be_visible()
    if look.script:
        page.keyboard.press("Control+s")
        gone = "This post was deleted. Publish to save your text as a new post."
        expect(page.locator(".saving")).to_have_text(shown(look, gone))
    press(page, "publish")
    expect(page.locator(".notice.error")).to_be_visible()
    expect(page.locator("#text")).to_have_value("Still being written 还在写。")
    press(page, "publish")
    expect(page.locator(".post .prose")).to_have_text("Still being written 还在写。")
    other.get_by_role("button", name="Undo").click()
    expect(other.locator(".post .prose")).to_have_text("Old.")
