"""Alerts, definition lists, tables of contents, links to headings, and addresses that become cards."""

import re

import pytest
from qingbo.rendering.card_links import MOST, addresses_of
from qingbo.rendering.markdown import render_comment, render_post
from qingbo.rendering.pasting import markdown_of


def shown(html: str) -> str:
    return " ".join(re.sub("<[^>]*>", " ", html).split())


@pytest.mark.parametrize(
    ("kind", "english", "chinese"),
    [
        ("note", "Note", "注意"),
        ("tip", "Tip", "提示"),
        ("important", "Important", "重要"),
        ("warning", "Warning", "警告"),
        ("caution", "Caution", "当心"),
    ],
)
def test_a_quote_that_begins_with_a_mark_is_an_alert_in_its_own_language(kind: str, english: str, chinese: str) -> None:
    title = f'<div class="alert alert-{kind}">\n<p class="alert-title">'
    assert render_post(f"> [!{kind.upper()}]\n> Some *words*") == (
        f"{title}{english}</p>\n<p>Some <em>words</em></p>\n</div>\n"
    )
    assert f"{title}{chinese}</p>\n<p>正文</p>" in render_post(f"> [!{kind}]\n> 正文")
    assert f"{title}{chinese}</p>" in render_post(f"中文\n\n> [!{kind}]\n> `x`")
    assert f'<p class="alert-title" lang="en">{english}</p>' in render_post(f"> [!{kind}]\n> Это слова")


def test_an_alert_holds_whatever_a_quote_holds() -> None:
    html = render_post("> [!NOTE]\n>\n> - a\n>\n> ```\n> b\n> ```\n>\n> > [!TIP]\n> > c\n\n- > [!TIP]\n  > d")
    assert html.count('class="alert ') == 3
    assert html.count("<div") == html.count("</div>")
    assert "blockquote" not in html


@pytest.mark.parametrize("text", ["[!NOTE]", "[!NOTE] and more\n> x", "[!NOSUCH]\n> x", "x\n[!NOTE]", "[NOTE]\n> x"])
def test_other_quotes_stay_quotes(text: str) -> None:
    html = render_post(f"> {text}")
    assert "<blockquote>" in html
    assert text.partition("]")[0] in html


def test_a_line_with_a_colon_below_a_line_defines_it() -> None:
    assert render_post("茶\n: 一种 *饮料*\n: 一种植物\n\n水\n: 也是") == (
        '<dl>\n<dt>茶</dt>\n<dd>一种 <em class="han">饮料</em></dd>\n'
        "<dd>一种植物</dd>\n<dt>水</dt>\n<dd>也是</dd>\n</dl>\n"
    )
    assert "<dd>\n<p>b</p>\n<p>c</p>\n</dd>" in render_post("a\n\n: b\n\n  c")
    assert "<ul>" in render_post("a\n: - b\n  - c")


@pytest.mark.parametrize("text", ["a\n:b", "a\n：b", ": a", "a\n:smile: b", "a\n\n\n: b", "# a\n: b"])
def test_other_colons_define_nothing(text: str) -> None:
    assert "<dl>" not in render_post(text)
    assert "<dl>" not in render_comment("a\n: b")


@pytest.mark.parametrize("mark", ["[TOC]", "[toc]", "[[toc]]", "[[TOC]]", " [TOC] "])
def test_a_table_of_contents_stands_where_its_mark_stands(mark: str) -> None:
    html = render_post(f"甲\n\n{mark}\n\n## 一 *b* [c](/d)[^1]\n\n### 二\n\n## 三 $x$\n\n> # 四\n\n[^1]: x")
    contents = html[html.index('<div class="contents">') : html.index("</div>")]
    assert re.findall('href="([^"]*)"', contents) == [f"#user-content-{name}" for name in ("一-b-c", "二", "三-x")]
    assert contents.count("<ul>") == contents.count("</ul>") == 2
    assert "一 <em>b</em> c</a>" in contents
    assert "<math>" in contents
    for address in re.findall('href="#([^"]*)"', contents):
        assert f'id="{address}"' in html


def test_levels_that_are_left_out_or_go_up_make_whole_lists() -> None:
    for levels in ([3, 1, 2], [1, 3, 2, 1], [2, 4, 3, 6, 1, 6], [6, 5, 4], [1, 1]):
        text = "\n\n".join(["[TOC]", *(f"{'#' * level} h{number}" for number, level in enumerate(levels))])
        html = render_post(text)
        contents = html[: html.index("</div>")]
        assert [contents.count(f"<{tag}>") - contents.count(f"</{tag}>") for tag in ("ul", "li")] == [0, 0]
        assert contents.count("<li>") == len(levels)


@pytest.mark.parametrize(
    "text", ["[TOC]", "a [TOC]\n\n# b", "- [TOC]\n\n# b", "[TOC]\n\n# b\n\n[toc]: /x", "`[TOC]`\n\n# b"]
)
def test_other_marks_of_contents_stay(text: str) -> None:
    assert 'class="contents"' not in render_post(text)
    assert "TOC" in render_post(text)
    assert "TOC" in render_comment(text)


def test_only_the_first_mark_is_replaced() -> None:
    html = render_post("[TOC]\n\n# a\n\n[TOC]")
    assert html.count('class="contents"') == 1
    assert "<p>[TOC]</p>" in html


def test_a_heading_has_a_link_to_itself_with_a_name() -> None:
    html = render_post("## What *is* this?")
    assert re.search('<h2 id="user-content-what-is-this">', html)
    link = (
        '<a class="anchor" href="#user-content-what-is-this" aria-label="Link to “What is this?”" rel="noopener"></a>'
    )
    assert link in html
    assert 'aria-label="“中文”的链接"' in render_post("中文\n---")
    assert "anchor" not in render_post("# !")
    assert "anchor" not in render_comment("# a")


@pytest.mark.parametrize(
    "text",
    [
        "https://a.example/b?c=d&e",
        "<https://a.example/b?c=d&e>",
        "[https://a.example/b?c=d&e](https://a.example/b?c=d&e)",
    ],
)
def test_an_address_alone_in_a_paragraph_asks_for_a_card(text: str) -> None:
    html = render_post(f"甲\n\n{text}\n\n乙")
    assert '<p class="card-link"><a href="https://a.example/b?c=d&amp;e"' in html
    assert addresses_of(html) == ["https://a.example/b?c=d&e"]
    assert addresses_of(render_post("https://例子.example/路")) == ["https://xn--fsqu00a.example/%E8%B7%AF"]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "a https://a.example",
            "https://a.example 。",
            "- https://a.example",
            "> https://a.example",
            "# https://a.example",
        ),
        *(
            "https://a.example\nhttps://b.example",
            "[a](https://a.example)",
            "**https://a.example**",
            "mailto:a@b.example",
        ),
        *(
            "| a |\n|---|\n| https://a.example |",
            "a^[https://a.example]",
            "a[^1]\n\n[^1]: https://a.example",
            "a@b.example",
        ),
        *("    https://a.example", "`https://a.example`", "<p class='card-link'><a href='https://a.example'>x</a></p>"),
        *(
            "> [!NOTE]\n> https://a.example",
            "a\n: https://a.example",
            "<ftp://a.example>",
            '[https://a.example](https://a.example "t")',
        ),
    ],
)
def test_other_addresses_stay_links(text: str) -> None:
    assert addresses_of(render_post(text)) == []
    assert "card-link" not in render_comment("https://a.example")


def test_only_so_many_addresses_become_cards_and_each_once() -> None:
    html = render_post("\n\n".join(f"https://a.example/{number // 2}" for number in range(200)))
    assert addresses_of(html) == [f"https://a.example/{number}" for number in range(MOST)]
    assert html.count("card-link") == 2 * MOST
    assert html.count("<a ") == 200


@pytest.mark.parametrize(
    "text", ["[TOC]", "$x$ and $y$", "==a==", ": b", "[!NOTE]", "[[toc]]", "a $$b$$", "$$", "a == b", "$5"]
)
def test_pasted_text_that_looks_like_marks_stays_text(text: str) -> None:
    for html in (f"<p>{text}</p>", f"<p>a</p><p>{text}</p><h2>x</h2>", f"<blockquote><p>{text}<br>a</p></blockquote>"):
        made = render_post(markdown_of(html))
        assert text in shown(made)
        assert not re.search('<math|<mark|class="(contents|alert|formula)|<dl', made)
