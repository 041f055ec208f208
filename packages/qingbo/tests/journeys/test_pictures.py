"""Uploads in Chromium: by button, paste and drag, as photos and as cover, with and without JavaScript."""

import base64
import os
import re
from pathlib import Path
from typing import Any

import pytest
import sample_media as samples
from composing import (
    CHINESE,
    ENGLISH,
    JS_DESK_EN,
    JS_PHONE_ZH,
    PLAIN_DESK_ZH,
    PLAIN_PHONE_EN,
    Look,
    Writers,
    add_accounts,
    choose,
    fill,
    fill_in_sign_in,
    in_looks,
    open_settings,
    press,
    save,
    shown,
)
from every_page import sample_file
from page_costs import MOST_BYTES, SHIFTS, findings, weights
from playwright.sync_api import Browser, Page, Response, Route, expect
from served_blog import serve

pytestmark = pytest.mark.slow

SCRIPTED = [JS_DESK_EN, JS_PHONE_ZH]
ALL = [*ENGLISH, *CHINESE]
MARKDOWN = r"!\[\]\(/media/[0-9a-f]{12,}/%s\)"


def new_post(writers: Writers, look: Look) -> Page:
    page = writers.window(look, "ann")
    page.goto(f"{writers.url}/posts/new")
    return page


def jpeg(name: str, width: int, height: int = 300) -> Any:
    """Return a picture for a field; each width is a picture of its own."""
    return sample_file(name, samples.jpeg(width, height))


def bring(page: Page, look: Look, files: list[Any], name: str = "files") -> None:
    """Choose files; without scripts they are sent by a button of their own."""
    if look.script and name == "files":
        with page.expect_file_chooser() as chooser:
            picks = page.locator("[data-does=picture], .picks")
            picks.locator("visible=true").last.click()
        chooser.value.set_files(files)
        return
    page.locator(f".composer [name={name}]").set_input_files(files)
    if not look.script:
        press(page, "upload")


def caret_behind(page: Page, words: str) -> None:
    page.locator("#text").evaluate(
        "(field, words) => { const at = field.value.indexOf(words) + words.length; field.setSelectionRange(at, at); }",
        words,
    )


def are_loaded(page: Page, pictures: str = ".post .prose img:not(.placeholder)") -> None:
    """Every picture is really there, once it is in view."""
    for picture in page.locator(pictures).all():
        picture.scroll_into_view_if_needed()
        page.wait_for_function("picture => picture.complete && picture.naturalWidth", arg=picture.element_handle())


def put_text(page: Page, words: str) -> None:
    fill(page, {"text": words})
    page.locator("#text").focus()


@pytest.mark.parametrize("look", SCRIPTED, ids=str)
def test_pictures_by_button_come_in_where_the_caret_is_and_one_can_be_stopped(writers: Writers, look: Look) -> None:
    page = new_post(writers, look)
    held: list[Route] = []
    page.route("**/studio/media", lambda route: held.append(route))
    put_text(page, "Before 之前。\n\nAfter 之后。")
    caret_behind(page, "之前。")
    bring(page, look, [jpeg(f"{name}.jpg", 400 + at) for at, name in enumerate(["one", "two", "three", "four"])])
    lines = page.locator(".uploads li")
    expect(lines).to_have_text([re.compile(rf"^{name}\.jpg") for name in ("one", "two", "three", "four")])
    expect(page.get_by_role("progressbar", name="two.jpg")).to_be_visible()
    assert findings(page, "uploads under way") == []
    stop = lines.filter(has_text="two.jpg").get_by_role("button", name=shown(look, "Stop"))
    stop.focus()
    page.keyboard.press("Enter")
    expect(lines).to_have_count(3)
    lines.filter(has_text="four.jpg").get_by_role("button").click()  # before its turn
    expect(lines).to_have_count(2)
    for route in held:
        if b'"two.jpg"' not in (route.request.post_data_buffer or b""):
            route.continue_()
    one, three = (MARKDOWN % f"{name}.jpg" for name in ("one", "three"))
    pattern = f"Before 之前。\n\n{one}\n\n{three}\n\nAfter 之后。"
    expect(page.locator("#text")).to_have_value(re.compile(f"^{pattern}$"))
    expect(lines).to_have_count(0)
    expect(page.locator(".undescribed")).to_be_visible()
    page.keyboard.type("A red bridge 红桥")  # the caret stands between the brackets of the last one
    expect(page.locator("#text")).to_have_value(re.compile(r"!\[A red bridge 红桥\]\(/media/\w+/three"))
    if not page.locator(".preview").is_visible():
        press(page, "preview")
    are_loaded(page, ".preview .prose img")
    save(page, words="After 之后。")
    are_loaded(page)
    expect(page.get_by_role("img", name="A red bridge 红桥")).to_be_visible()


PASTED = """async bytes => {
  const picture = new Blob([Uint8Array.from(atob(bytes), each => each.charCodeAt(0))], {type: "image/png"});
  await navigator.clipboard.write([new ClipboardItem({"image/png": picture})]);
}"""
DRAGGED = """files => {
  const data = new DataTransfer();
  for (const [name, bytes] of files) {
    data.items.add(new File([Uint8Array.from(atob(bytes), each => each.charCodeAt(0))], name));
  }
  return data;
}"""


@pytest.mark.parametrize("look", SCRIPTED, ids=str)
def test_pictures_by_paste_and_by_drag(writers: Writers, look: Look) -> None:
    page = new_post(writers, look)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    put_text(page, "Pasted 贴图。")
    page.evaluate(PASTED, base64.b64encode(samples.png(411, 200)).decode())
    page.keyboard.press("Control+v")
    expect(page.locator("#text")).to_have_value(re.compile(rf"^Pasted 贴图。\n\n{MARKDOWN % 'image.png'}\s*$"))
    files = [("茶 一.jpg", samples.jpeg(412, 200)), ("film.mp4", samples.MP4)]
    dragged = page.evaluate_handle(DRAGGED, [[name, base64.b64encode(each).decode()] for name, each in files])
    page.dispatch_event("#text", "dragover", {"dataTransfer": dragged})
    expect(page.locator(".composer")).to_have_class(re.compile("receives"))
    page.dispatch_event("#text", "drop", {"dataTransfer": dragged})
    expect(page.locator(".composer")).not_to_have_class(re.compile("receives"))
    tea, film = MARKDOWN % "%E8%8C%B6-%E4%B8%80.jpg", MARKDOWN % "film.mp4"
    expect(page.locator("#text")).to_have_value(re.compile(rf"{tea}\n\n{film}\s*$"))
    save(page, words="Pasted 贴图。")
    are_loaded(page)
    expect(page.locator(".post .prose video")).to_have_count(1)


def test_a_file_that_is_dropped_beside_the_form_is_taken_too(writers: Writers) -> None:
    page = new_post(writers, JS_DESK_EN)
    dragged = page.evaluate_handle(DRAGGED, [["tea.jpg", base64.b64encode(samples.jpeg(413, 200)).decode()]])
    page.dispatch_event(".site-header", "drop", {"dataTransfer": dragged})
    expect(page.locator("#text")).to_have_value(re.compile(MARKDOWN % "tea.jpg"))


@in_looks(ENGLISH)
def test_ten_photos_keep_their_order_in_a_light_page_that_does_not_move(writers: Writers, look: Look) -> None:
    page = new_post(writers, look)
    choose(page, "photos")
    fill(page, {"title": f"Ten {look}", "text": "Ten of them 十张。"})
    names = [f"{number}-{look}.jpg" for number in range(10)]
    sizes = [(700 + 10 * at + ALL.index(look), (500, 900)[at % 2]) for at in range(10)]
    bring(page, look, [jpeg(name, *size) for name, size in zip(names, sizes, strict=True)])
    addresses = re.compile("^" + r"\s+".join(rf"/media/\w+/{name}" for name in names) + r"\s*$")
    expect(page.locator("[name=pictures]")).to_have_value(addresses)
    address = save(page, words="Ten of them")
    guest = writers.window(look)
    received: list[Response] = []
    guest.on("response", lambda response: received.append(response))
    guest.goto(address)
    pictures = guest.locator(".post .photos img:not(.placeholder)")
    expect(pictures).to_have_count(10)
    assert [each.get_attribute("src").rpartition("/")[2] for each in pictures.all()] == names  # type: ignore[union-attr]
    assert [each.get_attribute("loading") for each in pictures.all()] == ["eager", *["lazy"] * 9]
    boxes = [each.bounding_box() or {} for each in guest.locator(".photos :is(.framed, p > img)").all()]
    assert len({round(box["y"]) for box in boxes}) == 4, "three in a row"
    assert len({(round(box["width"]), round(box["height"])) for box in boxes}) == 1, "all alike"
    are_loaded(guest, ".post .photos img:not(.placeholder)")
    assert sum(weights(received)) <= MOST_BYTES
    if look.script:
        assert guest.evaluate(SHIFTS) == 0


@in_looks(CHINESE)
def test_a_cover_stands_above_the_text(writers: Writers, look: Look) -> None:
    page = new_post(writers, look)
    fill(page, {"title": f"Covered {look}", "text": "Below it 下面。"})
    open_settings(page)
    fill(page, {"cover_alt": "Tea by the window 窗边的茶"})
    bring(page, look, [jpeg(f"cover-{look}.jpg", 900 + ALL.index(look), 500)], "cover_file")
    expect(page.locator("#cover")).to_have_value(re.compile(rf"^/media/\w+/cover-{look}.jpg$"))
    expect(page.locator("#text")).to_have_value("Below it 下面。")
    save(page, words="Below it 下面。")
    cover, text = page.get_by_role("img", name="Tea by the window 窗边的茶"), page.locator(".post .prose")
    are_loaded(page, ".cover img:not(.placeholder)")
    assert (cover.bounding_box() or {})["y"] < (text.bounding_box() or {})["y"]
    page.goto(f"{page.url}/edit")
    open_settings(page)
    fill(page, {"cover": ""})
    save(page)
    expect(page.locator(".cover")).to_have_count(0)


@in_looks(ENGLISH)
def test_a_file_that_is_refused_keeps_no_other_out_and_loses_nothing(writers: Writers, look: Look) -> None:
    page = new_post(writers, look)
    fill(page, {"title": f"Refused {look}", "text": "Words 文字。"})
    page.locator("#text").focus()
    caret_behind(page, "文字。")
    files = [sample_file("drawing.svg", samples.SVG), jpeg("good.jpg", 500), sample_file("nothing.png", b"")]
    if look.script:
        bring(page, look, files)
        complaints = page.locator(".uploads .error")
        expect(complaints).to_have_count(2)
    else:
        page.locator(".composer [name=files]").set_input_files(files)
        press(page, "publish")  # who brings files along looks first where they stand
        complaints = page.locator(".notice.error, .errors").first
    for name in ("drawing.svg", "nothing.png"):
        expect(complaints.filter(has_text=f"“{name}”" if look.language == "en" else name).first).to_be_visible()
    expect(page.locator("#text")).to_have_value(re.compile(rf"^Words 文字。\s+{MARKDOWN % 'good.jpg'}\s*$"))
    expect(page.locator("#title")).to_have_value(f"Refused {look}")
    if look.script:
        assert findings(page, "uploads refused") == []
        dismissal = complaints.first.get_by_role("button")
        dismissal.focus()
        page.keyboard.press("Enter")
        expect(complaints).to_have_count(1)
    save(page, words="Words 文字。")
    are_loaded(page)


LARGE_FILM = """bytes => {
  const head = Uint8Array.from(atob(bytes), each => each.charCodeAt(0));
  const data = new DataTransfer();
  data.items.add(new File([head, new Uint8Array(7.5 * 2 ** 20)], "film.mp4"));
  return data;
}"""


def test_who_is_signed_out_is_told_so_and_uploads_after_signing_in_elsewhere(writers: Writers) -> None:
    page = new_post(writers, JS_DESK_EN)
    put_text(page, "Kept.")
    complaint = page.locator(".uploads .error")
    film = page.evaluate_handle(LARGE_FILM, base64.b64encode(samples.MP4).decode())
    tea = page.evaluate_handle(DRAGGED, [["tea.jpg", base64.b64encode(samples.jpeg(640)).decode()]])
    for name, dragged in (("film.mp4", film), ("tea.jpg", tea)):  # more, and less, than a guest may send
        page.context.clear_cookies()
        page.dispatch_event("#text", "drop", {"dataTransfer": dragged})
        expect(complaint).to_contain_text("You are signed out. Sign in using another tab")
        complaint.get_by_role("button").click()
        other = page.context.new_page()
        other.goto(f"{writers.url}/login")
        fill_in_sign_in(other, "ann")
        other.wait_for_url(f"{writers.url}/")
        other.close()
        page.dispatch_event("#text", "drop", {"dataTransfer": dragged})
        expect(page.locator("#text")).to_have_value(re.compile(rf"^Kept\.[\s\S]*{MARKDOWN % name}"))
        expect(page.locator(".uploads li")).to_have_count(0)


def test_what_is_on_its_way_holds_the_form_back_and_leaves_the_typing_alone(writers: Writers) -> None:
    page = new_post(writers, JS_DESK_EN)
    held: list[Route] = []
    page.route("**/studio/media", lambda route: held.append(route))
    put_text(page, "First line.\n\nLast line.")
    caret_behind(page, "First line.")
    bring(page, JS_DESK_EN, [jpeg("slow.jpg", 710)])
    expect(page.locator(".uploads li")).to_have_count(1)
    press(page, "publish")
    expect(page.locator(".uploads .error")).to_contain_text("still uploading")
    page.locator(".uploads .error button").click()
    page.locator("#title").focus()
    page.keyboard.type("A tit")
    held[0].continue_()
    expect(page.locator("#text")).to_have_value(re.compile(f"^First line.\n\n{MARKDOWN % 'slow.jpg'}\n\nLast line.$"))
    page.keyboard.type("le")
    expect(page.locator("#title")).to_have_value("A title")
    save(page, words="Last line.")
    are_loaded(page)


def test_100_megabytes_are_refused_on_a_page_not_by_a_broken_connection(tmp_path: Path, browser: Browser) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes(samples.MP4)
    os.truncate(film, 100 * 1024 * 1024)
    with serve(tmp_path / "blog", environment={"QINGBO_UPLOAD_MEGABYTES": "1"}) as blog:
        add_accounts(blog.home)
        writers = Writers(blog, browser)
        page, plain = (new_post(writers, look) for look in (JS_DESK_EN, PLAIN_PHONE_EN))
        for each in (page, plain):
            fill(each, {"text": "Kept words."})
        page.locator("[name=files]").set_input_files(film)
        expect(page.locator(".uploads .error")).to_contain_text("“film.mp4” is larger than 1 MB.")
        expect(page.locator("#text")).to_have_value("Kept words.")
        plain.locator("[name=files]").set_input_files(film)
        press(plain, "publish")
        expect(plain.get_by_role("heading", level=1)).to_have_text("Too large")
        plain.goto(f"{blog.url}/posts/new")
        fill(plain, {"text": "Kept words."})
        film.write_bytes(samples.MP4 + bytes(2 * 1024 * 1024))  # one that the form has room for
        plain.locator("[name=files]").set_input_files(film)
        press(plain, "publish")
        expect(plain.locator(".notice.error")).to_contain_text("“film.mp4” is 2 MB. The limit is 1 MB.")
        expect(plain.locator("#text")).to_have_value("Kept words.")
        writers.close()


WRITTEN = """[TOC]

## Proof 证明

$$\\int_0^1 x^2\\,dx = \\frac{1}{3}$$

## 结论 Conclusion

Inline $a^2+b^2=c^2$ too."""


@pytest.mark.parametrize("look", [JS_DESK_EN, PLAIN_DESK_ZH], ids=str)
def test_a_formula_and_a_table_of_contents(writers: Writers, look: Look) -> None:
    page = new_post(writers, look)
    fill(page, {"title": f"Formula {look}", "text": WRITTEN})
    if not page.locator(".preview").is_visible():
        press(page, "preview")
    expect(page.locator(".preview math")).to_have_count(2)
    save(page, words="Conclusion")
    prose = page.locator(".post .prose")
    expect(prose.locator("math")).to_have_count(2)
    expect(prose.locator("mfrac")).to_be_visible()
    expect(prose).not_to_contain_text("$")
    entry = prose.get_by_role("link", name="结论 Conclusion", exact=True).first
    entry.click()
    page.wait_for_function("location.hash.length > 1")
    target = page.evaluate("document.querySelector(':target').innerText")
    assert "结论 Conclusion" in target


@pytest.mark.parametrize("look", [JS_PHONE_ZH, PLAIN_PHONE_EN], ids=str)
def test_the_page_of_media_from_upload_to_deletion(writers: Writers, look: Look) -> None:
    page = writers.window(look, "ann")
    page.goto(f"{writers.url}/studio/media")
    names = [f"{word}-{look}.jpg" for word in ("used", "unused")]
    files = [jpeg(name, 1000 + 10 * at + ALL.index(look), 700) for at, name in enumerate(names)]
    page.locator("#files").set_input_files(files)
    if not look.script:
        page.locator(".uploading button[type=submit]").click()
    rows = page.locator(".media > li")
    for name in names:
        expect(rows.filter(has=page.get_by_role("link", name=name, exact=True))).to_have_count(1)
    used, unused = (rows.filter(has=page.get_by_role("link", name=name, exact=True)) for name in names)
    address = used.locator(".file a").first.get_attribute("href")
    page.goto(f"{writers.url}/posts/new")
    fill(page, {"title": f"Uses {look}", "text": f"![]({address})"})
    save(page)

    page.goto(f"{writers.url}/studio/media")
    used.locator("[name=alt]").fill("Tea on a sill 窗台的茶")
    used.get_by_role("button").click()
    expect(used.locator("[name=alt]")).to_have_value("Tea on a sill 窗台的茶")
    page.locator("#search").fill("窗台")
    page.locator(".filters button").click()
    expect(unused).to_have_count(0)
    page.locator("#search").fill(str(look))
    page.locator(".filters button").click()
    expect(used.get_by_role("link", name=f"Uses {look}")).to_be_visible()
    expect(unused).to_contain_text(shown(look, "Unused"))

    for row in (used, unused):
        row.locator("[name=media]").check()
    page.locator("#deletion button").click()
    expect(page.locator(".notice.error")).to_contain_text(names[0])
    expect(used).to_have_count(1)
    expect(unused).to_have_count(0)
    assert page.request.get(f"{writers.url}{address}").status == 200
    page.get_by_role("link", name=f"Uses {look}").click()
    expect(page.get_by_role("img", name="Tea on a sill 窗台的茶")).to_be_visible()
