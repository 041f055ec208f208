"""The rules of docs/design.md, measured in a real browser; rules for every page are in `test_every_page`."""

import pytest
from every_page import LivedIn

pytestmark = pytest.mark.slow

HEADER = "() => document.querySelector('.site-header').getBoundingClientRect().height"
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


@pytest.mark.parametrize("language", ["en-US", "zh-CN"])
def test_the_header_is_one_line_on_a_phone(lived_in_blog: LivedIn, language: str) -> None:
    for signed_in, path in ((False, "/"), (True, "/studio/posts")):
        context = lived_in_blog.context(signed_in=signed_in, viewport={"width": 390, "height": 844}, locale=language)
        page = context.new_page()
        page.goto(lived_in_blog.blog.url + path)
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
def test_lines_are_as_long_as_they_read_well(lived_in_blog: LivedIn, slug: str, fewest: int, most: int) -> None:
    context = lived_in_blog.context(signed_in=False, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(f"{lived_in_blog.blog.url}/posts/{slug}")
    lines: list[int] = page.evaluate(LINES)
    context.close()
    assert lines
    assert fewest <= sum(lines) / len(lines) <= most, lines
