"""The editor in Chromium: each kind of post, keys, pasting, and no lost text after a failure."""

import os
import signal
from pathlib import Path
from typing import Any

import pytest
from chromium import ARGUMENTS, program
from composing import CHINESE, PHONE, Look, Writers, expect_saved, fill, in_looks, sign_in
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.slow

LABELS = {
    "en": {"article": "Article", "note": "Note", "photos": "Photos", "quote": "Quote", "link": "Link"},
    "zh": {"article": "长文", "note": "短文", "photos": "图集", "quote": "引用", "link": "链接"},
}
BUTTONS = {"en": {"publish": "Publish", "preview": "Preview"}, "zh": {"publish": "发布", "preview": "预览"}}
POSTS: dict[str, tuple[dict[str, str], str]] = {
    "article": ({"title": "An article 一篇", "text": "Some **bold** words."}, "Some bold words."),
    "note": ({"text": "短短的一句话。 Just a note."}, "短短的一句话。 Just a note."),
    "photos": ({"pictures": "https://example.com/tea.jpg Tea", "text": "Tea time."}, "Tea time."),
    "quote": ({"text": "人间有味是清欢。", "source": "苏轼"}, "苏轼"),
    "link": ({"link": "https://example.com/page", "title": "A link", "text": "Worth it."}, "Worth it."),
}


@pytest.fixture
def page(writers: Writers) -> Page:
    """A new post, opened by Ann."""
    page = writers.window(name="ann")
    page.goto(f"{writers.url}/posts/new")
    return page


@in_looks(CHINESE)
def test_each_kind_from_blank_to_published(writers: Writers, look: Look) -> None:
    page = writers.window(look, "ann")
    for kind, (fields, words) in POSTS.items():
        page.goto(f"{writers.url}/posts/new")
        fill(page, {"text": "kept"})
        page.get_by_text(LABELS[look.language][kind], exact=True).first.click()
        assert page.locator("[name=text]").input_value() == "kept"
        fill(page, fields)
        for name in ("title", "pictures", "source", "link"):
            if name not in fields and name != "title":
                expect(page.locator(f".page [name={name}]")).to_be_hidden()
        if not look.script or look.size == PHONE:
            page.get_by_role("button", name=BUTTONS[look.language]["preview"], exact=True).click()
        expect(page.locator(".preview")).to_contain_text(words)
        page.wait_for_load_state()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), kind
        page.get_by_role("button", name=BUTTONS[look.language]["publish"], exact=True).click()
        expect(page.locator(".post .prose")).to_contain_text(words)
        expect(page.locator("[name=kind]")).to_have_count(0)


# What the keys make of a text; the marks stand around what is selected.
KEYS = [
    ("⟦one⟧ two", "Control+b", "**⟦one⟧** two"),
    ("⟦one⟧ two", "Control+b Control+b", "⟦one⟧ two"),
    ("⟦one⟧ two", "Control+b Control+z", "⟦one⟧ two"),
    ("**⟦one⟧** two", "Control+i", "***⟦one⟧*** two"),
    ("⟦one⟧ two", "Control+e", "`⟦one⟧` two"),
    ("⟦one⟧ two", "Control+k", "[one](⟦https://⟧) two"),
    ("- one⟦⟧", "Enter", "- one\n- ⟦⟧"),
    ("- one⟦⟧", "Enter Control+z", "- one⟦⟧"),
    ("9. one⟦⟧", "Enter", "9. one\n10. ⟦⟧"),
    ("- [x] one⟦⟧", "Enter", "- [x] one\n- [ ] ⟦⟧"),
    ("- one\n- ⟦⟧", "Enter", "- one\n⟦⟧"),
    ("- one\n  - ⟦⟧", "Enter", "- one\n- ⟦⟧"),
    ("> - 一⟦⟧", "Enter", "> - 一\n> - ⟦⟧"),
    ("> - 一\n> - ⟦⟧", "Enter", "> - 一\n> ⟦⟧"),
    ("> one\n> ⟦⟧", "Enter", "> one\n⟦⟧"),
    ("```\n- one⟦⟧", "Enter", "```\n- one\n⟦⟧"),
    ("- one\n- two⟦⟧", "Tab", "- one\n  - two⟦⟧"),
    ("1. one\n2. two⟦⟧", "Tab", "1. one\n   1. two⟦⟧"),
    ("- one\n  - two⟦⟧", "Shift+Tab", "- one\n- two⟦⟧"),
    ("- a\n⟦- b\n- c⟧", "Tab", "- a\n  ⟦- b\n  - c⟧"),
    ("⟦one⟧ two", "@strike", "~~⟦one⟧~~ two"),
    ("one⟦⟧", "@heading", "## one⟦⟧"),
    ("⟦one\ntwo⟧", "@list", "- ⟦one\n- two⟧"),
    ("⟦one\n\ntwo⟧", "@quote", "> ⟦one\n> \n> two⟧"),
    ("⟦one\ntwo⟧", "@code", "```⟦⟧\none\ntwo\n```"),
    ("- one⟦⟧", "@tasks", "- [ ] one⟦⟧"),
    ("one⟦⟧", "@table", "one\n\n| ⟦Column⟧ | Column |\n|---|---|\n|  |  |\n"),
    ("one⟦⟧ two\n\n[^1]: a", "@footnote", "one[^2] two\n\n[^1]: a\n[^2]: ⟦⟧"),
]


def put(page: Page, marked: str) -> None:
    start, end = marked.index("⟦"), marked.index("⟧") - 1
    page.locator("#text").fill(marked.replace("⟦", "").replace("⟧", ""))
    page.locator("#text").evaluate("(field, [start, end]) => field.setSelectionRange(start, end)", [start, end])


def seen(page: Page) -> str:
    field: list[Any] = page.locator("#text").evaluate("each => [each.value, each.selectionStart, each.selectionEnd]")
    text, start, end = field
    return f"{text[:start]}⟦{text[start:end]}⟧{text[end:]}"


def expect_seen(page: Page, marked: str) -> None:
    """Wait until the text is so, and see what is selected in it."""
    expect(page.locator("#text")).to_have_value(marked.replace("⟦", "").replace("⟧", ""))
    assert seen(page) == marked


def test_keys_and_buttons_write_markdown(page: Page) -> None:
    for before, keys, after in KEYS:
        put(page, before)
        for key in keys.split():
            if key.startswith("@"):
                page.locator(f"[data-does={key[1:]}]").click()
            else:
                page.keyboard.press(key)
        assert seen(page) == after, (before, keys)


def test_tab_leaves_the_text_and_no_key_counts_while_chinese_is_composed(page: Page) -> None:
    in_text = "document.activeElement.id === 'text'"
    for text, keys in (("plain⟦⟧", ["Tab"]), ("- one⟦⟧", ["Escape", "Tab"])):
        put(page, text)
        for key in keys:
            page.keyboard.press(key)
        assert not page.evaluate(in_text), text
    put(page, "- 一⟦⟧")
    enter = "{key: 'Enter', isComposing: true, bubbles: true, cancelable: true}"
    assert page.locator("#text").evaluate(f"field => field.dispatchEvent(new KeyboardEvent('keydown', {enter}))")
    assert seen(page) == "- 一⟦⟧"
    page.locator("#title").focus()
    page.keyboard.press("Enter")  # does not send the form
    assert page.evaluate(in_text)


def paste(page: Page, text: str, html: str = "", keys: str = "Control+v") -> None:
    put_there = """([text, html]) => navigator.clipboard.write([new ClipboardItem(Object.assign(
      {"text/plain": new Blob([text], {type: "text/plain"})},
      html && {"text/html": new Blob([html], {type: "text/html"})}))])"""
    page.evaluate(put_there, [text, html])
    page.keyboard.press(keys)


RICH = "<h2>标题</h2><ul><li>one <b>bold</b></li><li><a href='https://example.com/'>two</a></li></ul>"


def test_pastes_become_links_and_markdown(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    put(page, "see ⟦this page⟧ here")
    paste(page, "https://example.com/a_(b)")
    expect_seen(page, "see [this page](https://example.com/a_%28b%29)⟦⟧ here")
    put(page, "see ⟦⟧")
    paste(page, "https://example.com/")
    expect_seen(page, "see https://example.com/⟦⟧")
    put(page, "before\n\n⟦⟧")
    paste(page, "标题\none bold\ntwo", RICH)
    expect(page.locator("#text")).to_have_value("before\n\n## 标题\n\n- one **bold**\n- [two](https://example.com/)")
    put(page, "⟦⟧")
    paste(page, "one bold", RICH, "Control+Shift+v")
    expect_seen(page, "one bold⟦⟧")
    page.route("**/posts/pasted", lambda route: route.abort())
    put(page, "⟦⟧")
    paste(page, "plain words", RICH)
    expect_seen(page, "plain words⟦⟧")


def test_tags_are_completed_by_keys(page: Page) -> None:
    page.route("**/posts/tags?*", lambda route: route.fulfill(json=["旅行", "旅馆"]))
    page.get_by_role("button", name="Settings").click()
    page.locator("#tags").press_sequentially("tea, 旅")
    expect(page.locator(".completions li")).to_have_text(["旅行", "旅馆"])
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#tags")).to_have_value("tea, 旅馆, ")
    expect(page.locator(".completions")).to_be_hidden()


def test_without_a_connection_the_text_stays_here_and_is_saved_later(page: Page) -> None:
    page.context.set_offline(True)
    fill(page, {"text": "Written in a tunnel."})
    page.keyboard.press("Control+s")
    expect(page.locator(".saving")).to_have_text("Not saved: no connection. Your text is kept in this browser.")
    page.keyboard.press("Control+Enter")  # stays on the page
    page.context.set_offline(False)
    expect_saved(page)
    page.wait_for_function("!Object.keys(localStorage).some(key => key.startsWith('qingbo:draft:'))")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".post .prose")).to_have_text("Written in a tunnel.")


def test_an_expired_session_costs_no_word(writers: Writers, page: Page) -> None:
    fill(page, {"title": "Patience", "text": "A long evening's work."})
    expect_saved(page)
    page.context.clear_cookies()
    fill(page, {"text": "A long evening's work, and more."})
    page.keyboard.press("Control+s")
    expect(page.locator(".saving")).to_contain_text("You are signed out.")
    page.get_by_role("button", name="Publish").click()  # stays on the page
    sign_in(page.context.new_page(), writers.url)
    page.locator("#text").press("Control+s")
    expect_saved(page)
    page.get_by_role("button", name="Publish").click()
    expect(page.locator(".post .prose")).to_have_text("A long evening's work, and more.")


def test_a_post_shows_who_else_has_it_open_and_its_changes_wait_for_update(writers: Writers, page: Page) -> None:
    fill(page, {"title": "For two", "text": "First."})
    page.get_by_role("button", name="Publish").click()
    page.wait_for_url("**/posts/for-two")
    other = writers.window(name="ben")
    for each, text in ((page, "First, by Ann."), (other, "First, by Ben.")):
        each.goto(f"{writers.url}/posts/for-two/edit")
        fill(each, {"text": text})
        each.keyboard.press("Control+s")
        expect_saved(each)
    expect(other.locator(".others")).to_have_text("Also editing: ann")
    page.goto(f"{writers.url}/posts/for-two")
    expect(page.locator(".post .prose")).to_have_text("First.")
    page.goto(f"{writers.url}/posts/for-two/edit")
    expect(page.locator("#text")).to_have_value("First, by Ann.")
    page.get_by_role("button", name="Update").click()
    expect(page.locator(".post .prose")).to_have_text("First, by Ann.")


def test_after_the_browser_was_killed_the_text_is_offered(writers: Writers, tmp_path: Path) -> None:
    def opened() -> Page:
        options: dict[str, Any] = {"executable_path": program(), "args": ARGUMENTS, "locale": "en-US"}
        return writers.browser.browser_type.launch_persistent_context(tmp_path, **options).pages[0]

    page = opened()
    sign_in(page, writers.url)
    page.goto(f"{writers.url}/posts/new")
    fill(page, {"title": "Kept by the server", "text": "Acknowledged."})
    page.keyboard.press("Control+s")
    expect_saved(page)
    page.goto(f"{writers.url}/posts/new")
    page.route("**/posts/autosave", lambda route: route.abort())
    fill(page, {"title": "Kept by the browser", "text": "Never sent, 从未送出。"})
    until_written(page, tmp_path, "Never sent")
    kill(tmp_path)

    page = opened()
    sign_in(page, writers.url)
    page.goto(f"{writers.url}/posts/new")
    expect(page.get_by_role("link", name="Kept by the server")).to_be_visible()
    expect(page.locator(".found")).to_contain_text("Kept by the browser")
    page.get_by_role("button", name="Restore").click()
    expect(page.locator("#text")).to_have_value("Never sent, 从未送出。")
    expect_saved(page)
    page.context.close()


def until_written(page: Page, folder: Path, words: str) -> None:
    """Wait until the browser has its storage on the disk: it takes some seconds."""
    forms = (words.encode(), words.encode("utf-16-le"))
    for _ in range(200):
        if any(form in path.read_bytes() for path in folder.rglob("Local Storage/leveldb/*.log") for form in forms):
            return
        page.wait_for_timeout(100)
    raise AssertionError("the browser wrote nothing")


def kill(folder: Path) -> None:
    """Kill the browser of a folder, as a crash does."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and f"--user-data-dir={folder}".encode() in _command(entry):
            os.kill(int(entry.name), signal.SIGKILL)


def _command(entry: Path) -> bytes:
    try:
        return (entry / "cmdline").read_bytes()
    except OSError:  # it has ended since
        return b""
