"""Slugs and excerpts."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from qingbo.home import DataFolder
from qingbo.rendering.characters import on_one_line, without_controls
from qingbo.rendering.excerpts import LENGTH, excerpt_of
from qingbo.rendering.markdown import render_post
from qingbo.rendering.slugs import MAX_LENGTH, slug_of


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Hello, World!", "hello-world"),
        ("重庆银行行长", "chong-qing-yin-hang-hang-zhang"),
        ("科技爱好者周刊：第 100 期", "ke-ji-ai-hao-zhe-zhou-kan-di-100-qi"),
        ("用 Flask 来写个轻博客", "yong-flask-lai-xie-ge-qing-bo-ke"),
        ("Über straße", "uber-strasse"),
        ("🎉🎉", ""),
        ("../../etc/passwd", "etc-passwd"),
    ],
)
def test_a_title_becomes_a_readable_address(title: str, slug: str) -> None:
    assert slug_of(title) == slug


@given(st.text(max_size=300))
def test_an_address_is_always_ascii_short_and_without_slashes(title: str) -> None:
    slug = slug_of(title)
    assert slug.isascii()
    assert len(slug) <= MAX_LENGTH
    assert all(each.isalnum() or each == "-" for each in slug)


LOADED = "print('pypinyin.phrases_dict' in sys.modules, 'pypinyin.pinyin_dict' in sys.modules)"


@pytest.mark.parametrize("program", ["import qingbo.wsgi", "import qingbo.cli"], ids=["server", "command"])
@pytest.mark.slow
def test_the_dictionaries_are_read_with_the_first_chinese_title(tmp_path: Path, program: str) -> None:
    DataFolder(tmp_path / "blog").create()
    first = f"import sys; {program}; {LOADED}; from qingbo.rendering.slugs import slug_of; slug_of('Tea'); {LOADED}"
    done = subprocess.run(
        [sys.executable, "-c", f"{first}; slug_of('茶'); {LOADED}"],
        env={"QINGBO_HOME": str(tmp_path / "blog"), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == ["False False", "False False", "True True"]


def test_an_excerpt_is_plain_text_without_headings_and_code() -> None:
    html = render_post("# A\n\nSome **bold** text &amp; <b>more</b>[^1].\n\n```\ncode\n```\n\nEnd.\n\n[^1]: note")
    assert excerpt_of(html) == "Some bold text & more. End."


def test_a_long_excerpt_ends_in_an_ellipsis_and_between_words() -> None:
    excerpt = excerpt_of(f"<p>{'word ' * 100}</p>")
    assert len(excerpt) <= LENGTH
    assert excerpt.endswith("word…")
    assert len(excerpt_of(f"<p>{'字' * 300}</p>")) == LENGTH


@given(st.text(max_size=100))
def test_what_is_kept_of_a_text_can_stand_in_xml(text: str) -> None:
    import xml.etree.ElementTree as ElementTree
    from xml.sax.saxutils import escape

    kept = without_controls(text)
    ElementTree.fromstring(f"<t>{escape(kept)}</t>")
    assert without_controls(kept) == kept


def test_emoji_and_rare_characters_stay() -> None:
    assert without_controls("👩‍👩‍👧 𠮷野家\r\n\x00") == "👩‍👩‍👧 𠮷野家\n"


def test_a_title_of_nothing_that_can_be_seen_is_empty() -> None:
    for text in ("\u200b", "\u3000", "\u00ad", "\u2028", "\ufeff \u200d", "\u3164"):
        assert on_one_line(text) == ""
    assert on_one_line(" a\u202e\u200b b\n👩‍👩‍👧 ") == "a b 👩‍👩‍👧"
