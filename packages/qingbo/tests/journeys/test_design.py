"""The design of docs/design.md, measured on every page in a real browser."""

from collections.abc import Iterator

import pytest
from every_page import SIGHTS, LivedIn, lived_in
from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = pytest.mark.slow

EDGES = """() => {
  const left = (each) => each.getBoundingClientRect().left;
  const main = document.querySelector("main");
  const first = [...main.children].find(each => each.clientWidth > 1);
  return [document.querySelector(".brand"), main, first, document.querySelector(".site-footer .frame > *")].map(left);
}"""
HEADER = "() => document.querySelector('.site-header').getBoundingClientRect().height"
WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
LINES = """() => {
  const texts = [...document.querySelectorAll(".body p")].map(each => each.firstChild);
  const text = texts.find(each => each?.nodeType === 3 && each.length > 60);
  const range = document.createRange();
  const counts = new Map();
  for (let at = 0; at < text.length; at += 1) {
    range.setStart(text, at);
    range.setEnd(text, at + 1);
    const [box] = range.getClientRects();
    if (box) counts.set(box.top, (counts.get(box.top) ?? 0) + 1);
  }
  return [...counts.values()].slice(0, -1);
}"""
"""How many characters stand in each line but the last of a long paragraph."""


@pytest.fixture(scope="module")
def blog(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[LivedIn]:
    with lived_in(tmp_path_factory.mktemp("design") / "blog", browser) as blog:
        yield blog


def each_page(context: BrowserContext, blog: LivedIn, *, signed_in: bool) -> Iterator[tuple[str, Page]]:
    for sight in SIGHTS:
        if sight.signed_in == signed_in:
            page = context.new_page()
            sight.show(page, blog.blog.url)
            page.wait_for_load_state("load")
            yield sight.name, page
            page.close()


@pytest.mark.parametrize("signed_in", [False, True], ids=["guest", "administrator"])
def test_all_pages_have_one_left_edge_and_none_scrolls_sideways(blog: LivedIn, signed_in: bool) -> None:
    context = blog.context(signed_in=signed_in, locale="en-US")
    edges: dict[int, dict[str, list[float]]] = {1280: {}, 390: {}}
    wider = {}
    for name, page in each_page(context, blog, signed_in=signed_in):
        for width, found in edges.items():
            page.set_viewport_size({"width": width, "height": 900})
            found[name] = page.evaluate(EDGES)
        page.set_viewport_size({"width": 320, "height": 900})
        wider[name] = page.evaluate(WIDER)
    context.close()
    assert {name: pixels for name, pixels in wider.items() if pixels > 0} == {}
    for found in edges.values():
        left = found["home-signed-in" if signed_in else "home"][0]
        assert {name: each for name, each in found.items() if set(each) != {left}} == {}


@pytest.mark.parametrize("language", ["en-US", "zh-CN"])
def test_the_header_is_one_line_on_a_phone(blog: LivedIn, language: str) -> None:
    for signed_in, path in ((False, "/"), (True, "/studio/posts")):
        context = blog.context(signed_in=signed_in, viewport={"width": 390, "height": 844}, locale=language)
        page = context.new_page()
        page.goto(blog.blog.url + path)
        assert page.evaluate(HEADER) < 60
        if signed_in:
            tabs = page.locator(".tabs ul").bounding_box()
            assert tabs
            assert tabs["height"] < 60
        context.close()


@pytest.mark.parametrize(
    ("slug", "fewest", "most"),
    [("hao-de-luo-kuan-yao-yong-shou-xie", 34, 38), ("a-blog-that-fits-in-a-folder", 60, 72)],
)
def test_lines_are_as_long_as_they_read_well(blog: LivedIn, slug: str, fewest: int, most: int) -> None:
    context = blog.context(signed_in=False, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(f"{blog.blog.url}/posts/{slug}")
    lines: list[int] = page.evaluate(LINES)
    context.close()
    assert lines
    assert fewest <= sum(lines) / len(lines) <= most, lines
