"""Excerpts of posts for lists and feeds: plain text, whole sentences, and the author's choice."""

import pytest
from qingbo.rendering.excerpts import LENGTH, LONGEST, excerpt_of, excerpt_of_post
from qingbo.rendering.markdown import render_post, rendered_post
from work_counting import assert_linear


def excerpt(text: str) -> str:
    return excerpt_of_post(rendered_post(text))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("**粗** *斜* ~~删~~ ==重== `x`", "粗 斜 删 重 x"),
        ("甲[^1]。乙[^1]\n\n[^1]: 注", "甲。乙"),
        ("A word[^1], more [^1]. End[^1]\n\n[^1]: note", "A word, more. End"),
        ("a [^1] b\n\n[^1]: note", "a b"),
        ("甲^[注]，乙", "甲，乙"),
        ("**甲[^1]** 。\n\n[^1]: 注", "甲 。"),
        ("设 $x$ 为 $a+b$，$E=mc^2$，$x_1$", "设 x 为 a+b，E=mc²，x₁"),
        (r"where $\frac{1}{2}$ and $\sqrt x$ are", "where … and … are"),
        ("甲\n\n$$\nx\n$$\n\n乙", "甲 乙"),
        (r"甲 $\bad$ 乙", "甲 … 乙"),
        ("$5 and $10", "$5 and $10"),
        ("[TOC]\n\n# 一\n\n正文", "正文"),
        ("> [!NOTE]\n> 正文", "正文"),
        ('```python title="a.py"\nx\n```\n\n正文', "正文"),
        ("https://a.example\n\n正文", "正文"),
        ("https://a.example/b", "https://a.example/b"),
        ("茶\n: 饮料", "茶 饮料"),
        ("一句。\n\n二句\n\n三句", "一句。二句 三句"),
        ("One.\n\nTwo.", "One. Two."),
        ("<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>字", "漢字"),
        ("a &lt;b&gt; &amp; c", "a <b> & c"),
        ("<!-- 注 -->正文", "正文"),
    ],
)
def test_an_excerpt_is_made_of_the_words(text: str, shown: str) -> None:
    assert excerpt(text) == shown


@pytest.mark.parametrize(
    "mark",
    [
        *("<!--more-->", "<!-- more -->", "<!--More-->", "<!-- MORE -->", "<!--more 继续阅读-->", "<!-- truncate -->"),
        "<!-- wp:more -->\n<!--more-->\n<!-- /wp:more -->",
    ],
)
@pytest.mark.parametrize("around", ["\n\n{}\n\n", "{}", " {} ", "\n{}\n"])
def test_what_stands_before_the_mark_is_the_excerpt(mark: str, around: str) -> None:
    text = f"**甲** $x$[^1]{around.format(mark)}乙\n\n[^1]: 注"
    assert excerpt(text) == "甲 x"
    assert "more" not in render_post(text).lower()
    assert "乙" in render_post(text)


@pytest.mark.parametrize(
    "text", ["<!--more-->\n\n甲", "# 题\n\n<!--more-->\n\n甲", "甲 `<!--more-->`", "甲 <!-- moreover -->"]
)
def test_a_mark_that_nothing_stands_before_and_code_choose_nothing(text: str) -> None:
    assert excerpt(text).startswith("甲")
    assert excerpt("```\n<!--more-->\n```\n\n甲") == "甲"


def test_the_first_mark_holds_wherever_it_stands() -> None:
    assert excerpt("甲\n\n- 乙\n\n  <!--more-->\n\n- 丙\n\n<!--more-->\n\n丁") == "甲 乙"
    assert excerpt("甲\n\n<div>\n乙 <!--more--> 丙\n</div>") == "甲 乙"
    assert excerpt('甲\n\n<p title="&#16;">乙</p>\n\n<!--more-->\n\n丙').startswith("甲")


def test_a_chosen_excerpt_may_be_longer() -> None:
    chosen = "字" * (LENGTH + 50)
    assert excerpt(f"{chosen}\n\n<!--more-->\n\n丙") == chosen
    assert len(excerpt(f"{chosen * 5}\n\n<!--more-->\n\n丙")) == LONGEST


@pytest.mark.parametrize(
    ("sentence", "more"),
    [
        ("字" * 150 + "。", "字" * 100),
        ("字" * 150 + "！”", "字" * 100),
        ("字" * 150 + "……", "字" * 100),
        ("字" * 199 + "。", "字"),
        ("word " * 30 + "end.", " Another " + "word " * 40),
        ("word " * 30 + "end!", " “Another " + "word " * 40),
        ("word " * 30 + 'is "this?"', " Yes " + "word " * 40),
        ("word " * 30 + "in 1999.", " 12 " + "word " * 40),
        ("word " * 30 + "end.", " 中文" + "word " * 40),
    ],
)
def test_a_long_excerpt_ends_with_a_sentence(sentence: str, more: str) -> None:
    assert excerpt_of(f"<p>{sentence}{more}</p>") == sentence


@pytest.mark.parametrize(
    "text",
    [
        *("字" * 300, "字。" + "字" * 300, "word " * 100, "word " * 34 + "e.g. This " + "word " * 20),
        *("word " * 34 + "Dr. Who " + "word " * 20, "word " * 34 + "J. Smith " + "word " * 20),
        *("word " * 34 + "version 3.11 " + "word " * 20, "word " * 34 + "a.py " + "word " * 20),
        "字" * 199 + "。”字",
    ],
)
def test_else_it_ends_in_an_ellipsis(text: str) -> None:
    shown = excerpt_of(f"<p>{text}</p>")
    assert shown.endswith("…")
    assert LENGTH * 0.7 < len(shown) <= LENGTH


@pytest.mark.parametrize(
    "unit",
    [
        *("$x$ ", "[^1]", " [^1]. ", "a. ", "<pre>\n\n", "# a\n\n", "<div> </div>", "https://a.example\n\n", "$\\a$ "),
        "<!--more-->",
    ],
)
def test_the_work_grows_with_the_text(unit: str) -> None:
    assert_linear(
        lambda text: excerpt_of_post(rendered_post(text)), lambda size: "[^1]: x\n\n" + unit * (size // len(unit))
    )
