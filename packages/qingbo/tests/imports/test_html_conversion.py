"""HTML of other systems becomes Markdown where a reader sees the same, and otherwise stays HTML."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qingbo.imports.html.cleaning import blocks_of, cleaned, with_links
from qingbo.imports.html.conversion import converted
from qingbo.imports.html.reading import reading_of
from qingbo.rendering.markdown import render_post
from work_counting import cpu_seconds

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<h2>A <em>b</em></h2><p>c <strong>d</strong></p>", "## A *b*\n\nc **d**"),
        ('<p><a href="https://a.example/?a=1&amp;b=2">x</a><br>y</p>', "[x](https://a.example/?a=1&b=2)\\\ny"),
        ("<ul><li>a<ol><li>b</li></ol></li></ul>", "- a\n  1. b"),
        ('<pre><code class="language-py">a = 1\n\nb &lt; 2</code></pre>', "```py\na = 1\n\nb < 2\n```"),
        ('<figure><img src="https://a.example/a.png" alt="a"></figure>', "![a](https://a.example/a.png)"),
        ("<figure><table><tr><th>a</th></tr><tr><td>b</td></tr></table></figure>", "| a |\n| --- |\n| b |"),
        ("<p>a</p><!--more--><p>b</p>", "a\n\n<!--more-->\n\nb"),
        ("<div><div>a</div><div>b</div></div>", "a\n\nb"),
        ("<center>a</center><center>b</center>", "a\n\nb"),
        ('<iframe src="//player.example/1"></iframe>', "https://player.example/1"),
        ("<p>vector&lt;int&gt; 后文</p>", "vector<int> 后文"),
        ("<p>a * b_c_d 1. [x] # `y` $z$</p>", "a \\* b\\_c\\_d 1. \\[x\\] # \\`y\\` \\$z\\$"),
        # Markdown cannot say these, so only their block stays HTML.
        ("<p>a</p><p>b <u>c</u></p>", "a\n\n<p>b <u>c</u></p>"),
        (
            '<p>a</p><figure><img src="https://a.example/a.png" alt=""><figcaption>b</figcaption></figure>',
            'a\n\n<figure><img src="https://a.example/a.png" alt=""><figcaption>b</figcaption></figure>',
        ),
        ("<p><u>a</u> *b*\n\nc</p>", "<p><u>a</u> *b*\nc</p>"),
        ('<p><a href="#x">a</a></p><p id="x">b</p>', '<p><a href="#x">a</a></p>\n\n<p id="x">b</p>'),
        ("", ""),
    ],
)
def test_html_becomes_the_text_of_a_post(html: str, text: str) -> None:
    found = converted(html)
    assert (found.doubts, reading_of(render_post(found.text))) == ([], reading_of(with_links(cleaned(html))))
    if "\\" not in text or "\n" in text:
        assert found.text == text


def test_blank_lines_in_code_that_stays_html_are_kept() -> None:
    found = converted("<details><summary>s</summary><pre>a\n\n\nb</pre></details>")
    assert "\n\n" not in found.text
    assert reading_of(render_post(found.text))[-2][1] == "a\n\n\nb"


@pytest.mark.parametrize("element", ["form", "input", "object", "script", "svg"])
def test_elements_that_posts_cannot_have_are_reported(element: str) -> None:
    found = converted(f"<p>a</p><{element}>b</{element}>")
    assert element == "form" or f"<{element}> cannot be in a post" in found.doubts[0]


def test_what_may_look_different_is_reported() -> None:
    assert "may look different" in converted('<p><a href="ftp://a.example/b">c</a></p>').doubts[0]


def test_long_and_hostile_texts_take_seconds() -> None:
    for html in ("<b>" * 9_000, "<div>" * 9_000, "<p>a" * 9_000, "<table><tr>" * 5_000, "<" * 50_000):
        assert cpu_seconds(lambda html=html: converted(html)) < 10, html[:20]


_INLINE = st.sampled_from(["a", "b*", "_c_", "1.", "#", "<u>u</u>", "<b>b</b>", "<i>i</i>", "<code>`</code>", " ",
                           "[x]", "|", "~~", "&lt;p&gt;", "中文", "“", "<br>", "https://a.example", "$x$"])  # fmt: skip
_TEXT = st.lists(_INLINE, min_size=1, max_size=8).map("".join)
_BLOCK = st.one_of(
    _TEXT.map(lambda text: f"<p>{text}</p>"),
    _TEXT.map(lambda text: f"<h3>{text}</h3>"),
    st.lists(_TEXT, min_size=1, max_size=3).map(
        lambda items: "<ul>" + "".join(f"<li>{x}</li>" for x in items) + "</ul>"
    ),
    _TEXT.map(lambda text: f"<blockquote><p>{text}</p></blockquote>"),
    _TEXT,
)


@settings(max_examples=60)
@given(st.lists(_BLOCK, min_size=1, max_size=5).map("".join))
def test_no_text_is_lost(html: str) -> None:
    found = converted(html)
    wanted = reading_of(cleaned(html))
    assert reading_of(render_post(found.text)) == wanted or found.doubts


@given(st.lists(_BLOCK, max_size=5).map("".join))
@settings(max_examples=60)
def test_the_blocks_of_a_text_hold_all_of_it(html: str) -> None:
    clean = cleaned(html)
    assert reading_of("".join(blocks_of(clean))) == reading_of(clean)
