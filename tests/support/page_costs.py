"""What a page costs who opens it: its weight without pictures, and how far its content moves while it arrives."""

from collections.abc import Iterable, Iterator

from playwright.sync_api import Response

MOST_BYTES = 50_000
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
    """Yield the bytes of each answer that is no picture."""
    for response in received:
        if not response.headers.get("content-type", "").startswith("image/") and response.status < 300:
            yield len(response.body())
