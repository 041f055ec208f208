"""Emphasis in Chinese, keyboard access, and labels of checkboxes."""

import re

import pytest
from qingbo.rendering.markdown import render_comment, render_post


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("*强调*", '<em class="han">强调</em>'),
        ("*用 Flask 写*", '<em class="han">用 <span class="latin">Flask</span> 写</em>'),
        ("*用 two words 写。*", '<em class="han">用 <span class="latin">two words</span> 写。</em>'),
        (
            "*中文 R&D 和 `code`*",
            '<em class="han">中文 <span class="latin">R</span>&amp;<span class="latin">D</span> 和 ',
        ),
        ("*かな*", '<em class="han">かな</em>'),
        ("*latin*", "<em>latin</em>"),
        ("***粗*斜**", "<strong>"),
    ],
)
def test_han_is_emphasised_by_dots_and_no_letter_gets_one(text: str, html: str) -> None:
    for render in (render_post, render_comment):
        made = render(text)
        assert html in made
        assert made.count("<span") == made.count("</span")


def test_the_box_of_a_task_is_named_by_its_words() -> None:
    html = render_post("- [ ] buy *tea*\n- [x] drink it\n  - [ ] slowly\n\n1. [ ] two\n   lines\n\n   and a paragraph")
    assert '<label><input class="task-list-item-checkbox" disabled="" type="checkbox"> buy <em>tea</em></label>' in html
    assert html.count("<label>") == html.count("</label>") == 4
    assert "drink it</label>\n<ul" in html
    assert re.search("<p><label><input [^>]*> two\nlines</label></p>", html)


def test_what_may_be_wider_than_the_page_can_be_reached_with_the_keyboard() -> None:
    assert '<pre tabindex="0"><code>' in render_post("    code")
    assert '<table tabindex="0">' in render_post("| a |\n|---|\n| b |")
