"""Markdown in Chinese, Japanese and Korean."""

import re

import pytest
from qingbo.rendering.excerpts import excerpt_of
from qingbo.rendering.markdown import render_comment, render_post

BOTH = pytest.mark.parametrize("render", [render_post, render_comment])


@BOTH
@pytest.mark.parametrize(
    "text",
    [
        "前面**注意：**后面", "**“引”**后",
        "前**“引”**", "**（一）**二", "甲**《书》**乙", "**这。**文", "この**文、**です",
        "**이 용어(This term)**를 강조", "你好**「世界」**吗", "𠮷**（注）**𠮷", "葛\U000e0100**（注）**x",
        "**a（b）**中", "中**“a”**，", "**中！**e", "‼\ufe0e**（x）**中",
    ],
)  # fmt: skip
def test_bold_beside_full_width_punctuation(render: object, text: str) -> None:
    assert callable(render)
    html = render(text)
    assert "**" not in html
    assert html.count("<strong>") == 1
    assert "~~" not in (struck := render(text.replace("**", "~~")))
    assert struck.count("<s>") == 1
    assert render(text.replace("**", "*")).count("<em") == 1


@BOTH
def test_bold_at_the_beginning_of_an_item(render: object) -> None:
    assert callable(render)
    assert "<li><strong>具体：</strong>与其</li>" in render("* **具体：**与其")


@pytest.mark.parametrize(
    "text", ["a**(b)**c", "**a.**b", "a**“b”**c", "a_“b”_c", "_中_文", "中_文_", "** 中**", "**中 **"]
)
def test_without_them_the_rule_is_that_of_commonmark(text: str) -> None:
    assert not re.search("<(strong|em)>", render_post(text))


@BOTH
@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://a.example/docs（中文）了", "https://a.example/docs"),
        ("参见https://a.example。然后", "https://a.example"),
        ("“https://a.example/x”后", "https://a.example/x"),
        ("https://a.example/x、https://b.example", "https://a.example/x"),
        ("https://a.example/x，后", "https://a.example/x"),
        ("https://a.example/x；后", "https://a.example/x"),
        ("「https://a.example/x」", "https://a.example/x"),
        ("**https://a.example/x**", "https://a.example/x"),
        ("~~https://a.example/x~~", "https://a.example/x"),
        ("(https://a.example/x_(y)).", "https://a.example/x_(y)"),
        ("https://a.example/x_y_z?a=1&b=2.", "https://a.example/x_y_z?a=1&amp;b=2"),
        ("www.a.example！", "http://www.a.example"),
        ("`x` https://a.example/x……", "https://a.example/x"),
        ("<https://a.example/中>", "https://a.example/%E4%B8%AD"),
        ("a@b.example，后", "mailto:a@b.example"),
    ],
)
def test_where_a_bare_link_ends(render: object, text: str, address: str) -> None:
    assert callable(render)
    assert re.findall(r'href="([^"]*)"', render(text))[0] == address


@BOTH
@pytest.mark.parametrize("text", ["README.md", "setup.py", "index.js 和 a.b", "e.g. x.io", "v1.2.cc", "a.example/x"])
def test_a_name_of_a_file_is_no_link(render: object, text: str) -> None:
    assert callable(render)
    assert "<a" not in render(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("一行\n二行", "一行二行"), ("一，\n二", "一，二"), ("一\n“二”", "一“二”"), ("一**二**\n三", "一二三"),
        ("一 \n二", "一二"), ("𠮷\n𠮷", "𠮷𠮷"), ("あ\nい", "あい"), ("- 一\n  二", "一二"), ("> 一\n> 二", "一二"),
        ("한국\n어", "한국 어"), ("中\nabc", "中 abc"), ("abc\n中", "abc 中"), ("a\nb", "a b"), ("a”\nb", "a” b"),
        ("<p>一\n二</p>", "一二"), ("一  \n二", "一二"),
    ],
)  # fmt: skip
def test_a_line_break_between_han_characters_makes_no_space(text: str, shown: str) -> None:
    html = render_post(text)
    assert excerpt_of(html) == shown
    on_page = re.sub(r"<br>\n|<[^>]*>", "", html).strip()
    assert " ".join(on_page.split()) == shown


def test_a_line_break_in_a_comment_stays_between_han_characters() -> None:
    assert "一<br>\n二" in render_comment("一\n二")


def test_line_breaks_in_code_stay() -> None:
    assert "一\n二" in render_post("```\n一\n二\n```")
    assert "一\n二" in render_post("<pre>一\n二</pre>")
