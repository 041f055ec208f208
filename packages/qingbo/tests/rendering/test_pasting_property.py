"""Generated rich text becomes Markdown that shows the same text with the same structure and styles."""

import re
from collections.abc import Callable
from html import escape, unescape
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qingbo.rendering.markdown import render_post
from qingbo.rendering.pasting import markdown_of

PIECES = [
    *"*_`~[]()<>#!|\\&+-=.:;\"'^@/ 1文，。（）《》“”a甲bＡ한",
    "http://a.example",
    "www.a.example",
    "&amp;",
    "<b>",
]
PIECES += ["[x] ", "1. ", "# ", "- ", "```", "|-|", "[^1]: ", "a@b.example", "**", "~~", "---", "中文", "word "]
WORDS = st.lists(st.sampled_from(PIECES), min_size=1, max_size=8).map(
    lambda pieces: escape("".join(pieces), quote=False)
)
LINK = "https://a.example/x_(y)"
OPENINGS = ["b", "i", "s", "em", "strong", "code", "sub", "kbd", f'a href="{LINK}"', 'span style="font-weight:700"']


def inside(tag: str, content: str) -> str:
    return f"<{tag}>{content}</{tag.partition(' ')[0]}>"


def mixed(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    picture = st.just('<img src="https://a.example/i.png" alt="图[x]">')
    parts = st.one_of(inner, st.builds(inside, st.sampled_from(OPENINGS), inner), picture, st.just("<br>"))
    return st.lists(parts, min_size=1, max_size=4).map("".join)


def joined(inner: st.SearchStrategy[str], tag: str, most: int) -> st.SearchStrategy[str]:
    return st.lists(inner.map(lambda each: inside(tag, each) if tag else each), min_size=1, max_size=most).map("".join)


def containers(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    items = joined(joined(inner, "", 2), "li", 3)
    return st.one_of(
        *(items.map(_inside(tag)) for tag in ("ul", "ol")), joined(inner, "", 2).map(_inside("blockquote"))
    )


def _inside(tag: str) -> Callable[[str], str]:
    return lambda content: inside(tag, content)


INLINE = st.recursive(WORDS, mixed, max_leaves=6)
TABLE = joined(joined(INLINE, "td", 3), "tr", 3).map(_inside("table"))
CODE = WORDS.map(_inside("code")).map(_inside("pre"))
LEAVES = st.one_of(*(INLINE.map(_inside(tag)) for tag in ("p", "h2", "div")), CODE, st.just("<hr>"), TABLE)
DOCUMENT = joined(st.recursive(LEAVES, containers, max_leaves=5), "", 4)


class Characters(HTMLParser):
    """What a browser shows: each character with its styles."""

    NAMES = {"strong": "b", "em": "i"}  # noqa: RUF012

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.shown: list[tuple[str, frozenset[str]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.shown.append((dict(attrs)["src"] or "", frozenset(self.open) - {"p", "a", "code"}))
        elif tag not in {"br", "hr"}:
            is_latin = dict(attrs).get("class") == "latin"  # between emphasised Chinese
            style = "b" if tag == "span" else "link" if tag == "a" and dict(attrs).get("href") == LINK else tag
            style = "p" if is_latin else style
            self.open.append(self.NAMES.get(style, style))

    def handle_endtag(self, tag: str) -> None:
        self.open.pop()

    def handle_data(self, data: str) -> None:
        styles = frozenset(self.open) - {"p", "a"}
        self.shown += [(character, styles) for character in data if not character.isspace()]


def words_of(html: str) -> str:
    return re.sub(r"\s+", "", unescape(re.sub("<[^>]*>", "", html)))


def kinds_of(html: str) -> set[str]:
    around = {style for _, styles in Characters(html).shown for style in styles}
    return around & {"ul", "ol", "blockquote", "pre", "h2"} | set(re.findall(r"<(hr|img)\b", html))


@settings(max_examples=30)
@given(INLINE)
def test_each_character_of_a_paragraph_keeps_its_styles(html: str) -> None:
    text = markdown_of(f"<p>{html}</p>")
    assert Characters(render_post(text)).shown == Characters(html).shown, text


@settings(max_examples=20)
@given(DOCUMENT)
def test_a_text_shows_the_same_words_in_the_same_structure(html: str) -> None:
    text = markdown_of(html)
    shown = render_post(text)
    assert words_of(shown) == words_of(html), text
    assert kinds_of(html) <= kinds_of(shown), text


@pytest.mark.slow
@settings(max_examples=200)
@given(INLINE, DOCUMENT)
def test_much_more_of_both(line: str, document: str) -> None:
    test_each_character_of_a_paragraph_keeps_its_styles.hypothesis.inner_test(line)  # type: ignore[attr-defined]
    test_a_text_shows_the_same_words_in_the_same_structure.hypothesis.inner_test(document)  # type: ignore[attr-defined]
