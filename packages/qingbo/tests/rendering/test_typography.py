"""Typographic quotes and dashes: only in English text, and never where a character has another meaning."""

import pytest
from qingbo.rendering.markdown import render_post
from work_counting import assert_linear


def shown(text: str) -> str:
    return render_post(text, typographic=True).removeprefix("<p>").removesuffix("</p>\n")


@pytest.mark.parametrize(
    ("text", "typeset"),
    [
        ('She said "yes."', "She said “yes.”"),
        ("It's John's, isn't it", "It’s John’s, isn’t it"),
        ("'Single' and ('this')", "‘Single’ and (‘this’)"),
        ("\"'Nested' quotes\"", "“‘Nested’ quotes”"),
        ('"*Emphasis*" and *"quotes"*', "“<em>Emphasis</em>” and <em>“quotes”</em>"),
        ('"one\ntwo"', "“one\ntwo”"),
        ("the '90s and the 1990s'", "the ’90s and the 1990s’"),
        ('5\'10" tall, a 6" nail', '5\'10" tall, a 6" nail'),
        ('"in 1999" he said', "“in 1999” he said"),
        ("pages 3--5, a -- b, a---b, word--word", "pages 3–5, a – b, a—b, word–word"),
        ("use --force or -f, i-- and ---- or a --flag", "use --force or -f, i– and ---- or a --flag"),
        ('code `"a" --x` stays', 'code <code>"a" --x</code> stays'),
        ('math $"a"$ here', None),
        ('see https://a.example/"x" and <b title="x">y</b>', None),
        (r"escaped \"quotes\" stay", 'escaped "quotes" stay'),
        ('[a "link"](/b "t\'s")', "a “link”"),
    ],
)
def test_english_text_is_typeset(text: str, typeset: str | None) -> None:
    html = shown(f"These are some English words. {text}").partition("words. ")[2]
    if typeset is None:
        assert html == render_post(f"words. {text}").partition("words. ")[2].removesuffix("</p>\n")
    elif text.startswith("["):
        assert typeset in html
        assert "t's" in html.replace("&#x27;", "'")
    else:
        assert html.replace("&quot;", '"') == typeset


@pytest.mark.parametrize(
    "text",
    [
        *('他说"你好"，it\'s ok -- 对吗', '用 "foo" 这个 English word', "'单引号' -- 破折号", 'Это "слова" -- да'),
        *('```\n"a"\n```', '    "a" --b', '<div title="a">"a"</div>', '12 "34"', '日本語の"引用"です'),
    ],
)
def test_other_text_stays_as_typed(text: str) -> None:
    assert render_post(text, typographic=True) == render_post(text)


def test_a_chinese_paragraph_of_an_english_post_and_the_other_way_round_stay() -> None:
    english = "English words that fill this post. " * 20
    assert '"你好"' in render_post(f'{english}\n\n他说"你好"', typographic=True).replace("&quot;", '"')
    assert '"yes"' in render_post(f'{"中文" * 200}\n\nShe said "yes"', typographic=True).replace("&quot;", '"')


def test_without_the_setting_all_stays() -> None:
    assert "“" not in render_post('"English" words')


@pytest.mark.parametrize("unit", ['"', "'", '"a" ', "it's ", "a--b ", "-- ", '*"a"* ', '5" '])
def test_the_work_grows_with_the_text(unit: str) -> None:
    assert_linear(
        lambda text: render_post(text, typographic=True), lambda size: "English. " + unit * (size // len(unit))
    )
