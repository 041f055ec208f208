"""Costs of a page for its reader: its weight, its layout shifts, and the findings of axe."""

from collections.abc import Iterable, Iterator

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Response

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
MOST_BYTES = 54_000
"""Not compressed, with all scripts and stylesheets, of a long post; others are lighter."""
SHIFTS = """() => new Promise(done => {
  let sum = 0;
  new PerformanceObserver(list => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) sum += entry.value;
  })
    .observe({type: "layout-shift", buffered: true});
  setTimeout(() => done(sum), 150);
})"""
"""How far content moved, as Chromium counts it: a script for `Page.evaluate`."""


def weights(received: Iterable[Response]) -> Iterator[int]:
    """Yield the bytes of each answer that has some and is no picture and no film."""
    for response in received:
        kind = response.headers.get("content-type", "").partition("/")[0]
        if kind not in {"image", "video"} and response.status < 300 and response.status != 204:
            yield len(response.body())


def findings(page: Page, name: str) -> list[str]:
    """Return what axe finds wrong with a page."""
    options = {
        "runOnly": {"type": "tag", "values": TAGS},
        "resultTypes": ["violations"],
    }  # others take long
    found = Axe().run(page, options=options).response["violations"]
    return [f"{name}: {each['id']}: {node['html'][:160]} {node['any'][:1]}" for each in found for node in each["nodes"]]
