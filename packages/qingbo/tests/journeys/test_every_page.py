"""Every page: no findings by axe, small, no layout shifts, fits its window, and begins at the left edge."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from combinations import has_all
from every_page import SIGHTS, LivedIn, Sight
from page_costs import MOST_BYTES, SHIFTS, findings, weights
from playwright.sync_api import Page, Response

pytestmark = [pytest.mark.slow, pytest.mark.long, pytest.mark.timeout(900)]

MOST_BYTES_TO_WRITE = 112_000
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

EDGES = """() => {
  const left = (each) => each.getBoundingClientRect().left;
  const main = document.querySelector("main");
  const first = [...main.children].find(each => each.clientWidth > 1);
  return [document.querySelector(".brand"), main, first, document.querySelector(".site-footer .frame > *")].map(left);
}"""
"""Where the mark, the content, the first part of it, and the footer begin."""
WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize("look", LOOKS, ids=["desk-light-en", "phone-dark-zh"])
@pytest.mark.parametrize("signed_in", [False, True], ids=["guest", "administrator"])
def test_every_page(lived_in_blog: LivedIn, look: dict[str, Any], signed_in: bool) -> None:
    context = lived_in_blog.context(signed_in=signed_in, **look)
    problems: list[str] = []
    edges: dict[int, dict[str, list[float]]] = {1280: {}, 390: {}}
    for sight in sights(look, signed_in=signed_in):
        page = context.new_page()
        problems += [f"{sight.name}: {each}" for each in problems_of(page, sight, lived_in_blog.blog.url)]
        problems += [f"{sight.name}: {each}" for each in measured(page, sight.name, edges)]
        page.close()
    context.close()
    assert problems == []
    for found in edges.values():
        left = found["home-signed-in" if signed_in else "home"][0]
        assert {name: each for name, each in found.items() if set(each) != {left}} == {}


def sights(look: dict[str, Any], *, signed_in: bool) -> Iterator[Sight]:
    """Yield what is to be looked at in a look: home, and every second one, the others in the other look.

    With ``ALL_COMBINATIONS``, as in `make prove`, all of them.
    """
    found = [sight for sight in SIGHTS if sight.signed_in == signed_in]
    for at, sight in enumerate(found):
        if has_all() or LOOKS[at % 2] is look or sight.name.startswith("home"):
            yield sight


def problems_of(page: Page, sight: Sight, url: str) -> Iterator[str]:
    """Yield what is wrong with a page, which is shown for that."""
    received: list[Response] = []
    complaints: list[str] = []
    page.on("response", lambda response: received.append(response))
    page.on("console", partial(complain, complaints))
    sight.show(page, url)
    page.wait_for_load_state("load")
    yield from (f"{each.status} of {each.url}" for each in received if each.status >= 500)
    if shift := page.evaluate(SHIFTS):
        yield f"shifts by {shift}"
    yield from (f"holds back painting: {each}" for each in page.evaluate(BLOCKING))
    sheets = page.locator("link[rel=stylesheet]").count()
    if sheets > 2 + (sight.name == "other-look"):
        yield f"{sheets} stylesheets"
    yield from (f"hangs over the edge: {each}" for each in page.evaluate(OUTSIDE))
    if not sight.way and (weight := sum(weights(received))) > most_bytes(sight.path):
        yield f"{weight} bytes"
    yield from findings(page, sight.name)
    yield from complaints


def most_bytes(path: str) -> int:
    """Return how many bytes the page of a path may have."""
    if path.endswith(("/posts/new", "/edit")):
        return MOST_BYTES_TO_WRITE
    return MOST_BYTES_IN_STUDIO if path.startswith("/studio") else MOST_BYTES


def measured(page: Page, name: str, edges: dict[int, dict[str, list[float]]]) -> Iterator[str]:
    """Measure where a page begins at each width, and yield how far it scrolls sideways at 320 pixels."""
    for width, found in edges.items():
        page.set_viewport_size({"width": width, "height": 900})
        found[name] = page.evaluate(EDGES)
    page.set_viewport_size({"width": 320, "height": 900})
    if (pixels := page.evaluate(WIDER)) > 0:
        yield f"scrolls sideways by {pixels} pixels"


def test_nothing_moves_while_a_page_arrives_on_a_slow_line(lived_in_blog: LivedIn) -> None:
    context = lived_in_blog.context(signed_in=False, **LOOKS[0])
    page = context.new_page()
    page.goto(lived_in_blog.blog.url)  # its style sheets are at hand from here on
    line = {"offline": False, "latency": 0, "downloadThroughput": 20_000, "uploadThroughput": -1}
    context.new_cdp_session(page).send("Network.emulateNetworkConditions", line)
    shifts = {}
    for sight in SIGHTS:
        if sight.name in ("home", "post", "person-page", "archive-year"):
            sight.show(page, lived_in_blog.blog.url)
            page.wait_for_load_state("load")
            shifts[sight.name] = page.evaluate(SHIFTS)
    context.close()
    assert shifts == dict.fromkeys(("home", "post", "person-page", "archive-year"), 0)


def complain(complaints: list[str], message: Any) -> None:
    if "Content Security Policy" in message.text:
        complaints.append(message.text)
