"""Every page: axe finds nothing, it is light, nothing in it moves, it fits its window."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from every_page import SIGHTS, LivedIn, lived_in
from page_costs import MOST_BYTES, SHIFTS, findings, weights
from playwright.sync_api import Browser, Response

pytestmark = pytest.mark.slow

MOST_BYTES_TO_WRITE = 110_000
"""With the scripts of the composer and of uploads, which only writers fetch."""
MOST_BYTES_IN_STUDIO = 70_000
"""Lists of fifty rows with their forms."""
LOOKS: tuple[dict[str, Any], ...] = (
    {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light", "locale": "en-US"},
    {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark", "locale": "zh-CN"},
)
SCROLLING = ".tabs, .chips, .kinds, pre, .table, .trap, .skip, .visually-hidden, table, .toolbar, .resumed, .formula"
OUTSIDE = """() => [...document.querySelectorAll("main *, header *, footer *")].filter(each => {
  const box = each.getBoundingClientRect();
  return box.width && box.right > innerWidth + 1 && !each.closest("SCROLLING");
}).map(each => each.outerHTML.slice(0, 120))""".replace("SCROLLING", SCROLLING)

BLOCKING = """() => performance.getEntriesByType("resource")
  .filter(each => each.initiatorType === "script" && each.renderBlockingStatus === "blocking").map(each => each.name)"""


@pytest.fixture(scope="module")
def blog(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[LivedIn]:
    with lived_in(tmp_path_factory.mktemp("every-page") / "blog", browser) as blog:
        yield blog


@pytest.mark.parametrize("look", LOOKS, ids=["desk-light-en", "phone-dark-zh"])
@pytest.mark.parametrize("signed_in", [False, True], ids=["guest", "administrator"])
def test_every_page(blog: LivedIn, look: dict[str, Any], signed_in: bool) -> None:
    context = blog.context(signed_in=signed_in, **look)
    problems: list[str] = []
    for sight in SIGHTS:
        if sight.signed_in != signed_in:
            continue
        page = context.new_page()
        received: list[Response] = []
        page.on("response", lambda response, received=received: received.append(response))
        page.on("console", partial(complain, problems, sight.name))
        sight.show(page, blog.blog.url)
        page.wait_for_load_state("load")
        problems += [f"{sight.name}: {each.status} of {each.url}" for each in received if each.status >= 500]
        if shift := page.evaluate(SHIFTS):
            problems.append(f"{sight.name}: shifts by {shift}")
        problems += [f"{sight.name}: holds back painting: {each}" for each in page.evaluate(BLOCKING)]
        sheets = page.locator("link[rel=stylesheet]").count()
        problems += [f"{sight.name}: {sheets} stylesheets"] if sheets > 2 + (sight.name == "other-look") else []
        problems += [f"{sight.name}: hangs over the edge: {each}" for each in page.evaluate(OUTSIDE)]
        most = MOST_BYTES_IN_STUDIO if sight.path.startswith("/studio") else MOST_BYTES
        most = MOST_BYTES_TO_WRITE if sight.path.endswith(("/posts/new", "/edit")) else most
        if not sight.way and (weight := sum(weights(received))) > most:
            problems.append(f"{sight.name}: {weight} bytes")
        problems += findings(page, sight.name)
        page.close()
    context.close()
    assert problems == []


def test_nothing_moves_while_a_page_arrives_on_a_slow_line(blog: LivedIn) -> None:
    context = blog.context(signed_in=False, **LOOKS[0])
    page = context.new_page()
    page.goto(blog.blog.url)  # its style sheets are at hand from here on
    line = {"offline": False, "latency": 0, "downloadThroughput": 20_000, "uploadThroughput": -1}
    context.new_cdp_session(page).send("Network.emulateNetworkConditions", line)
    shifts = {}
    for sight in SIGHTS:
        if sight.name in ("home", "post", "person-page", "archive-year"):
            sight.show(page, blog.blog.url)
            page.wait_for_load_state("load")
            shifts[sight.name] = page.evaluate(SHIFTS)
    context.close()
    assert shifts == dict.fromkeys(("home", "post", "person-page", "archive-year"), 0)


def complain(problems: list[str], name: str, message: Any) -> None:
    if "Content Security Policy" in message.text:
        problems.append(f"{name}: {message.text}")
