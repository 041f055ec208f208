"""Rich text copied from a page is pasted as Markdown; text and preview scroll together."""

import pytest
from composing import JS_DESK_EN, JS_PHONE_ZH, Look, Writers, fill, save, shown
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.slow

PAGE = """<!doctype html><meta charset=utf-8>
<style>body { font: 16px sans-serif } h2 { color: navy } .strong { font-weight: 700 } td { padding: 4px }</style>
<h2>清晨的菜市场</h2>
<p>Some <strong>bold</strong>, <em>italic</em>, <span class=strong>加粗</span> and <code>code()</code>,
  a <a href="https://example.com/a?b=1">link 链接</a>.</p>
<h3>Smaller</h3>
<ul><li>one<ul><li>inner 里面</li></ul></li><li>two</li></ul>
<ol><li>first</li><li>second</li></ol>
<pre><code>def f():
    return "你好"</code></pre>
<table><thead><tr><th>Name</th><th>数</th></tr></thead><tbody><tr><td>茶</td><td>3</td></tr></tbody></table>
<blockquote><p>Quoted 引用.</p></blockquote>"""
MARKDOWN = """## 清晨的菜市场

Some **bold**, *italic*, **加粗** and `code()`, a [link 链接](https://example.com/a?b=1).

### Smaller

- one
  - inner 里面
- two

1. first
2. second

```
def f():
    return "你好"
```

| Name | 数 |
| --- | --- |
| 茶 | 3 |

> Quoted 引用."""


def copy_from(page: Page, html: str) -> None:
    """Open a page in another tab, select all of it, copy it, and come back."""
    other = page.context.new_page()
    other.set_content(html)
    other.keyboard.press("Control+a")
    other.keyboard.press("Control+c")
    other.close()
    page.bring_to_front()


@pytest.mark.parametrize("look", [JS_DESK_EN, JS_PHONE_ZH], ids=str)
def test_what_is_copied_from_a_page_becomes_markdown(writers: Writers, look: Look) -> None:
    page = writers.window(look, "ann")
    page.goto(f"{writers.url}/posts/new")
    text = page.locator("#text")
    copy_from(page, PAGE)
    text.focus()
    page.keyboard.press("Control+v")
    expect(text).to_have_value(MARKDOWN)

    copy_from(page, "<p>https://example.com/page</p>")
    text.evaluate("field => field.setSelectionRange(field.value.indexOf('inner'), field.value.indexOf('inner') + 5)")
    page.keyboard.press("Control+v")
    expect(text).to_have_value(MARKDOWN.replace("inner", "[inner](https://example.com/page)"))
    page.keyboard.press("Control+z")
    expect(text).to_have_value(MARKDOWN)
    save(page, words="清晨的菜市场")
    expect(page.locator(".post .prose :is(h2, li li, pre, td, blockquote)")).to_have_count(6)


def test_why_a_paste_or_a_preview_is_refused_is_shown(writers: Writers) -> None:
    page = writers.window(JS_PHONE_ZH, "ann")
    page.clock.install()
    page.goto(f"{writers.url}/posts/new")
    answer = {"status": 429, "json": {"problem": "过于频繁"}}
    for path in ("pasted", "preview"):
        page.route(f"**/posts/{path}", lambda route: route.fulfill(**answer))  # type: ignore[arg-type]
    copy_from(page, "<p>Some <b>bold</b> words.</p>")
    page.locator("#text").focus()
    page.keyboard.press("Control+v")
    expect(page.locator(".pasting")).to_have_text("过于频繁")
    expect(page.locator("#text")).to_have_value("Some bold words.")
    page.clock.fast_forward(500)
    page.get_by_role("button", name=shown(JS_PHONE_ZH, "Preview"), exact=True).click()
    expect(page.locator(".preview [role=status]")).to_have_text("过于频繁")
    page.unroute("**/posts/preview")
    page.clock.fast_forward(10_000)  # it goes on by itself
    expect(page.locator(".preview .prose")).to_have_text("Some bold words.")
    expect(page.locator(".preview [role=status]")).to_be_empty()


TOGETHER = """([one, other, before]) => {
  const [here, there] = [one, other].map(each => each.scrollTop / (each.scrollHeight - each.clientHeight));
  return Math.abs(here - there) < .01 && there !== before && {there};
}"""


def test_text_and_preview_scroll_together(writers: Writers) -> None:
    page = writers.window(JS_DESK_EN, "ann")
    page.goto(f"{writers.url}/posts/new")
    fill(page, {"text": "\n\n".join(f"Paragraph {n} 段落。" for n in range(80))})
    sheet, preview = page.locator(".page"), page.locator(".preview")
    expect(preview.locator(".prose p").last).to_have_text("Paragraph 79 段落。")
    before = -1.0  # filling the field may have scrolled it to its end
    for one, other, way in (
        (sheet, preview, -9000),
        (sheet, preview, 900),
        (preview, sheet, 1200),
        (preview, sheet, -9),
    ):
        one.hover()
        page.mouse.wheel(0, way)
        both = [one.element_handle(), other.element_handle(), before]
        before = page.wait_for_function(TOGETHER, arg=both).json_value()["there"]
    assert page.evaluate("scrollY") == 0
