"""Texts of WordPress: the classic editor's paragraphs, shortcodes, the block editor, and post formats."""

from typing import Any

import pytest
from qingbo.imports.html.conversion import converted
from qingbo.imports.html.paragraphs import with_paragraphs
from qingbo.imports.systems.items import Body
from qingbo.imports.wordpress.editor_blocks import html_of_blocks, with_reused
from qingbo.imports.wordpress.formats import as_kind
from qingbo.imports.wordpress.shortcodes import Gallery, Picture, without_shortcodes
from work_counting import cpu_seconds


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a\nb\n\nc", "<p>a<br>\nb</p>\n<p>c</p>\n"),
        ("a\r\n\r\nb", "<p>a</p>\n<p>b</p>\n"),
        ("a<br />\nb", "<p>a<br>\nb</p>\n"),
        ("<h2>a</h2>\nb", "<h2>a</h2><p>b</p>\n"),
        ("<pre>a\n\nb</pre>\nc", "<pre>a\n\nb</pre><p>c</p>\n"),
        ("<ul>\n<li>a\nb</li>\n</ul>", "<ul>\n<li>a<br>\nb</li>\n</ul>"),
        ("<blockquote>a\n\nb</blockquote>", "<blockquote><p>a</p>\n<p>b</p>\n</blockquote>"),
        ("<p>a\nb</p>", "<p>a<br>\nb</p>"),
        ("a <strong>b</strong>\n<hr />\nc", "<p>a <strong>b</strong></p>\n<hr /><p>c</p>\n"),
    ],
)
def test_line_breaks_of_the_classic_editor_become_paragraphs(text: str, html: str) -> None:
    assert with_paragraphs(text) == html


@pytest.mark.parametrize(
    ("text", "html", "unknown"),
    [
        ('[caption id="x" width="3"]<img src="a"> words[/caption]',
         '<figure><img src="a"><figcaption>words</figcaption></figure>', []),
        ('[caption caption="words"]<a href="b"><img src="a"></a>[/caption]',
         '<figure><a href="b"><img src="a"></a><figcaption>words</figcaption></figure>', []),
        ("[embed width=1]https://a.example/1[/embed]",
         '<p><a href="https://a.example/1">https://a.example/1</a></p>', []),
        ('[gallery ids="1,2,9"]', ('<p><img src="https://a.example/1.png" alt="One"></p>\n'
         '<p><img src="https://a.example/2.png" alt=""></p>'), []),
        ("[gallery]", '<p><img src="https://a.example/3.png" alt=""></p>', []),
        ('[code language="php"]a &lt; b [gallery][/code]',
         '<pre><code class="language-php">a &lt; b [gallery]</code></pre>', []),
        ("[python]\nx < 1\n[/python]", '<pre><code class="language-python">x &lt; 1</code></pre>', []),
        ('[audio mp3="https://a.example/a.mp3"][/audio]',
         '<p><a href="https://a.example/a.mp3">https://a.example/a.mp3</a></p>', []),
        ("[youtube dQw4w9WgXcQ]", ('<p><a href="https://www.youtube.com/watch?v=dQw4w9WgXcQ">'
         "https://www.youtube.com/watch?v=dQw4w9WgXcQ</a></p>"), []),
        ('[contact-form to="x"] [box]a[/box] [1] [sic]', '[contact-form to="x"] [box]a[/box] [1] [sic]',
         ["contact-form", "box"]),
        ("[[gallery]]", "[gallery]", []),
        ('<code>[foo a="b"]</code>', '<code>[foo a="b"]</code>', []),
    ],
)  # fmt: skip
def test_shortcodes_become_html_or_are_listed(text: str, html: str, unknown: list[str]) -> None:
    pictures = {"1": Picture("https://a.example/1.png", "One"), "2": Picture("https://a.example/2.png")}
    gallery = Gallery(pictures.get, [Picture("https://a.example/3.png")])
    found, names = without_shortcodes(text, gallery)
    assert (found.strip(), names) == (html, unknown)


def test_blocks_lose_their_comments_and_reused_blocks_come_in() -> None:
    text = (
        '<!-- wp:paragraph -->\n<p>a</p>\n<!-- /wp:paragraph -->\n\nclassic\n\n<!-- wp:block {"ref":7} /-->'
        '<!-- wp:latest-posts {"n":3} /--><!-- wp:more -->\n<!--more-->\n<!-- /wp:more -->'
    )
    whole = with_reused(text, {"7": "<!-- wp:heading --><h2>b</h2><!-- /wp:heading -->"})
    html, dynamic = html_of_blocks(whole, with_paragraphs)
    assert (converted(html).text, dynamic) == ("a\n\nclassic\n\n## b\n\n<!--more-->", ["latest-posts"])


def test_blocks_that_reuse_each_other_come_to_an_end() -> None:
    text = '<!-- wp:block {"ref":1} /-->'
    assert len(with_reused(text, {"1": text * 9})) <= 2_000_000


def test_an_embedded_page_becomes_a_link() -> None:
    text = (
        '<!-- wp:embed {"url":"https://v.example/1"} --><figure class="wp-block-embed">'
        '<div class="wp-block-embed__wrapper">\nhttps://v.example/1\n</div></figure><!-- /wp:embed -->'
    )
    assert converted(html_of_blocks(text, with_paragraphs)[0]).text == "https://v.example/1"


def test_hostile_texts_take_seconds() -> None:
    for piece in (
        "[caption]",
        "[code x=",
        '[code "',
        "<pre>",
        "<!-- wp:a {",
        "<div>",
        "</p><p>",
        '[a b="',
        "[gallery ",
    ):
        text = piece * 30_000

        def read(text: str = text) -> None:
            html, _ = html_of_blocks(with_reused(without_shortcodes(text, Gallery())[0], {}), with_paragraphs)
            with_paragraphs(html)
            as_kind("quote", html, Body(""))

        assert cpu_seconds(read) < 5, piece


def test_text_like_our_own_marks_is_kept() -> None:
    assert with_paragraphs("a <pre-0> \x010\x01") == "<p>a <pre-0> 0</p>\n"


@pytest.mark.parametrize(
    ("post_format", "html", "kind", "text", "parts"),
    [
        ("aside", "<p>a</p>", "note", "a", {}),
        ("status", "<p>a</p>", "note", "a", {}),
        ("chat", "<p>a: b</p>", "article", "a: b", {}),
        ("", "<p>a</p>", "article", "a", {}),
        ("quote", "<blockquote><p>a</p><cite>B</cite></blockquote>", "quote", "a", {"source": "B"}),
        ("quote", "<blockquote>a</blockquote><p>— B</p>", "quote", "a", {"source": "B"}),
        ("quote", "<p>a</p>", "article", "a", {}),
        ("link", '<p><a href="https://a.example/">a</a></p>', "link", "", {"link": "https://a.example/"}),
        ("link", '<p>b <a href="https://a.example/">a</a></p>', "link", "b [a](https://a.example/)",
         {"link": "https://a.example/"}),
        ("link", "<p>b</p>", "article", "b", {}),
        ("image", '<p><img src="https://a.example/a.png" alt="x_y"></p><p>b</p>', "photos", "b",
         {"pictures": "https://a.example/a.png x_y"}),
        ("gallery", ('<figure><figure><img src="https://a.example/a.png" alt=""></figure>'
         '<figure><img src="https://a.example/b.png" alt="b"></figure></figure>'), "photos", "",
         {"pictures": "https://a.example/a.png\nhttps://a.example/b.png b"}),
        ("image", '<figure><img src="https://a.example/a.png"><figcaption>c d</figcaption></figure>', "photos", "",
         {"pictures": "https://a.example/a.png c d"}),
        ("image", "<p>b</p>", "article", "b", {}),
    ],
)  # fmt: skip
def test_post_formats_become_kinds(post_format: str, html: str, kind: str, text: str, parts: dict[str, Any]) -> None:
    body = as_kind(post_format, html, Body(converted(html).text))
    assert (body.kind, body.text) == (kind, text)
    assert {name: getattr(body.parts, name) for name in parts} == parts
    is_other = post_format in {"quote", "link", "image"} and kind == "article"
    assert bool(body.doubts) == is_other
