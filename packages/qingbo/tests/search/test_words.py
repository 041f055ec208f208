"""Folding, tokens, queries, plain text and snippets: pure functions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from qingbo.search.expressions import Either, Every, for_boolean_mode, for_fts5, for_tsquery
from qingbo.search.folding import fold
from qingbo.search.highlighting import LONGEST, highlighted, snippet
from qingbo.search.plain_text import plain_text
from qingbo.search.terms import MOST_TERMS, Query
from qingbo.search.tokens import tokens_of


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("ＣＡＦÉ　臺灣", "cafe 台湾"),
        ("Straße ŁÓDŹ", "strasse łodz"),
        ("乾坤 乾燥", "干坤 干燥"),
        ("ﬁnd ①", "find 1"),
        ("が", "が"),
        ("e\u0301", "e"),
    ],
)
def test_what_readers_take_for_the_same_is_the_same(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text(), st.text())
def test_tokens_are_what_every_engine_takes_as_they_are(title: str, text: str) -> None:
    assert all(each.isascii() and each.isalnum() and each == each.lower() for each in tokens_of(title, text))
    assert all(3 <= len(each) <= 80 for each in tokens_of(title, text))


@given(st.text(alphabet="轻博客系统臺abcé𠮷가 ", min_size=1, max_size=12), st.data())
def test_every_part_of_a_run_is_found_by_its_tokens(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    words = Query.read(text[start : data.draw(st.integers(start + 1, len(text)))]).terms
    there = tokens_of("", text)
    for term in words:
        if not term.word.isascii():
            for token in term.tokens_at("a"):
                assert any(each == token or (token[-1] == "*" and each.startswith(token[:-1])) for each in there)


def test_a_query_is_words_and_phrases() -> None:
    query = Query.read(' Flask “轻 博客”  "to be" 设计模式 a ')
    assert [(term.word, term.is_prefix) for term in query.terms] == [
        ("flask", True), ("轻", True), ("博客", False), ("to", False), ("be", False), ("设计模式", False), ("a", False),
    ]  # fmt: skip
    assert query.phrases == ("轻 博客", " to be ")
    assert query.has_phrases("我的轻-博客系统. To be!")
    assert not query.has_phrases("轻博客 to be")
    assert not query.has_phrases("轻 博客 to bee")
    assert len(Query.read(" ".join(f"w{number}" for number in range(99))).terms) == MOST_TERMS
    assert Query.read("") == Query()


def test_each_engine_has_its_spelling() -> None:
    wanted = Every([Either([Every(["aone", "atwo*"]), "ft1"]), "fknote"], without=Every(["tone"]))
    assert for_fts5(wanted) == "((((aone AND atwo*) OR ft1) AND fknote) NOT (tone))"
    assert for_boolean_mode(wanted) == "(+((+aone +atwo*) ft1) +fknote -(+tone))"
    assert for_tsquery(wanted) == "(((aone & atwo:*) | ft1) & fknote & !(tone))"


@pytest.mark.parametrize(
    ("markdown", "words"),
    [
        ("# 标题\n\n**粗**体和`code`。", "标题 粗体和code。"),
        ("[链接](https://example.com/a_b \"T\")文字 ![图](</media/x y.jpg>)", "链接文字 图"),
        ("> - 1. quoted\n\n| a | b |\n|---|--:|\n| c | d |", "quoted a b c d"),
        ("```python title=x\nprint(snake_case)\n```", "print(snake_case)"),
        ("vector<int> <b class='x'>bold</b><br>a &amp; b", "vector<int> bold a & b"),
        ("See [one][1] and ==two==[^n].\n\n[1]: https://example.com\n[^n]: A note.", "See one and two. A note."),
    ],
)  # fmt: skip
def test_marks_are_left_out(markdown: str, words: str) -> None:
    assert plain_text(markdown) == words


def test_much_of_everything_takes_no_more_than_its_length() -> None:
    for many in ("[", "](", "<a ", "*_", "`", "\n>", "[a]: ", "<!--", "| -", "== "):
        assert isinstance(plain_text(many * 30_000), str)


def shown(text: str, query: str) -> str:
    return "".join(f"[{each.text}]" if each.is_match else each.text for each in snippet(text, Query.read(query)))


def test_a_snippet_shows_where_the_words_stand() -> None:
    assert shown("我们在臺北喝茶。", "台北 茶") == "我们在[臺北]喝[茶]。"
    assert shown("A Café, a CAFETERIA, decaf.", "cafe") == "A [Café], a [CAFETERIA], decaf."
    assert shown("Nothing here.", "else") == "Nothing here."
    assert shown("", "x") == ""
    far = shown("字" * 900 + "一二博客三四" + "字" * 900, "博客")
    assert far.startswith("…字")
    assert "一二[博客]三四字" in far
    assert far.endswith("…")
    assert len(far) <= LONGEST / 2 + 10
    near = shown("word " * 300 + "the needle and the thread " + "word " * 300 + "needle", "needle thread")
    assert "the [needle] and the [thread]" in near


@given(st.text(max_size=300), st.text(max_size=20))
def test_a_text_is_shown_as_it_is(text: str, query: str) -> None:
    assert "".join(each.text for each in highlighted(text, Query.read(query))) == text
    snippet(text, Query.read(query))
