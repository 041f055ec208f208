"""The administrator's text at the end of every page."""

import re
from typing import Any

import pytest
from qingbo.rendering.markdown import render_line

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])

ICP = "[京ICP备12345678号-1](https://beian.miit.gov.cn/) · **© 2026**"
SHOWN = '<p><a href="https://beian.miit.gov.cn/" rel="noopener">京ICP备12345678号-1</a> · <strong>© 2026</strong></p>'


def test_every_page_ends_with_it_and_asks_the_database_no_more_often(blog: Any, count_queries: Any) -> None:
    slug = blog.post().slug
    paths = ("/", f"/posts/{slug}", "/login", "/archive", "/no")
    blog.visitor().get(f"/posts/{slug}")  # keeps its HTML
    before = [len(count_queries(lambda path=path: blog.visitor().get(path))) for path in paths]
    assert "footer-text" not in blog.visitor().read("/")
    blog.change_settings(footer_text=ICP)
    for path in paths:
        assert SHOWN in blog.visitor().get(path).text.partition("<footer")[2]
    assert [len(count_queries(lambda path=path: blog.visitor().get(path))) for path in paths] == before
    blog.change_settings(footer_text=" \n ")
    assert "footer-text" not in blog.visitor().read("/")


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("one\ntwo", "<p>one<br>\ntwo</p>"),
        ("one\n\ntwo", "<p>one</p>\n<p>two</p>"),
        ("`code` *em* ~~no~~", "<p><code>code</code> <em>em</em> <s>no</s></p>"),
        ("mail me@example.com", '<p>mail <a href="mailto:me@example.com" rel="noopener">me@example.com</a></p>'),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        ("<img src=x onerror=alert(1)>", "<p>&lt;img src=x onerror=alert(1)&gt;</p>"),
    ],
)
def test_it_has_emphasis_links_and_code(engine_name: str, text: str, html: str) -> None:
    assert render_line(text) == html


@pytest.mark.parametrize(
    "text",
    [
        "# h",
        "- a\n- b",
        "1. a",
        "> q",
        "    code",
        "```\nx\n```",
        "![a](/x.png)",
        "| a |\n|--|\n| b |",
        "---",
        "[x](javascript:alert(1))",
    ],
)
def test_nothing_else_comes_in(engine_name: str, text: str) -> None:
    tags = set(re.findall(r"<(\w+)", render_line(text)))
    assert tags <= {"p", "code", "br", "a"}
    assert "javascript" not in "".join(re.findall(r'href="[^"]*"', render_line(text)))
