import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from qingbo.comparing.matching import matching_blocks
from qingbo.comparing.merging import merge_sets, merge_texts
from qingbo.comparing.splitting import sentences_of
from work_counting import work_of

BASE = "春天来了。花开了；鸟在叫。\n\n我们去公园。天气很好！\n\n- 茶\n- 酒\n\nIt rained. We went home. The end."


def edited(*changes: tuple[str, str]) -> str:
    text = BASE
    for old, new in changes:
        assert text.count(old) == 1
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        (("春天", "夏天"), ("去公园", "去湖边")),  # two paragraphs
        (("春天", "夏天"), ("鸟在叫", "鸟不叫")),  # two sentences of a paragraph
        (("春天", "夏天"), ("花开", "雨落")),  # next to each other
        (("- 茶", "- 绿茶"), ("- 酒", "- 米酒")),  # two lines of a list
        (("It rained. ", "It snowed. "), ("went", "ran")),
        (("鸟在叫。", "鸟在叫。草绿了。"), ("我们去公园。", "")),  # the end of a paragraph, the start of the next
        (("- 茶", "- 绿茶"), ("- 酒\n", "")),
        (("\n\nIt rained. We went home. The end.", ""), ("春天来了。", "")),
    ],
)
def test_changes_that_do_not_touch_are_both_made(mine: tuple[str, str], theirs: tuple[str, str]) -> None:
    one, other = edited(mine), edited(theirs)
    assert merge_texts(BASE, one, other) == merge_texts(BASE, other, one) == edited(mine, theirs)


def test_a_sentence_may_change_while_the_other_side_writes_on_after_it() -> None:
    assert merge_texts("One. The end.", "One. The end!", "One. The end.\n\nP.S.") == "One. The end!\n\nP.S."
    assert merge_texts("甲。\n", "甲！\n", "甲。乙。\n") == "甲！乙。\n"


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        (("春天", "夏天"), ("来了", "去了")),  # one sentence
        (("It rained", "It snowed"), ("rained", "rained hard")),
        (("花开了；", ""), ("花开", "雨落")),  # taken out here, changed there
        (("公园。", "公园。人很多。"), ("公园。", "公园。人很少。")),  # two insertions at one place
        (("\n\n- 茶", "\n\n甲。\n\n- 茶"), ("\n\n- 茶", "\n\n乙。\n\n- 茶")),
        (("天气", "昨天下雨。天气"), ("很好", "不好")),  # before a sentence that changes
        (("- 茶\n", ""), ("酒", "米酒")),
        (("天气很好！\n\n- 茶\n- 酒", ""), ("茶", "绿茶")),
        ((BASE, "新的。"), ("春天", "夏天")),
        ((BASE, ""), ("春天", "夏天")),
    ],
)
def test_changes_that_touch_are_not_merged(mine: tuple[str, str], theirs: tuple[str, str]) -> None:
    assert merge_texts(BASE, edited(mine), edited(theirs)) is None
    assert merge_texts(BASE, edited(theirs), edited(mine)) is None


def test_the_same_change_on_both_sides_is_made_once() -> None:
    one = edited(("春天", "夏天"), ("- 茶", "- 绿茶"))
    other = edited(("春天", "夏天"), ("We went home. ", ""))
    assert merge_texts(BASE, one, other) == edited(("春天", "夏天"), ("- 茶", "- 绿茶"), ("We went home. ", ""))


def test_a_new_text_is_merged_only_with_itself() -> None:
    assert merge_texts("", "甲。", "甲。") == "甲。"
    assert merge_texts("", "甲。", "乙。") is None


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("他说：“走吧。”然后走了。", ["他说：“走吧。”", "然后走了。"]),
        ("真的？！好。\n\n\n下一段", ["真的？！", "好。", "\n\n\n", "下一段"]),
        ('She said "go." Then 3.14 e.g.\nnext', ['She said "go." ', "Then 3.14 e.g.", "\n", "next"]),
        ("**重点。**其余。", ["**重点。**", "其余。"]),
        ("甲。\r\n乙", ["甲。", "\r", "\n", "乙"]),
        ("...and so on... Yes", ["...and so on... ", "Yes"]),
    ],
)
def test_where_sentences_end(text: str, pieces: list[str]) -> None:
    assert sentences_of(text) == pieces


TEXTS = st.text(alphabet="甲乙。！. a\n-”", max_size=60)
SENTENCES = st.lists(st.sampled_from(["甲。", "乙。", "丙", "\n", "\n\n", "One. ", "- x\n", "。"]), max_size=14)


@st.composite
def two_changes(draw: st.DrawFn) -> tuple[str, str, str]:
    base = draw(SENTENCES)

    def changed() -> str:
        pieces = [*base]
        for _ in range(draw(st.integers(0, 3))):
            start = draw(st.integers(0, len(pieces)))
            new = draw(st.lists(st.sampled_from(["新。", "旧。", "甲。", "Two. ", "\n\n"]), max_size=2))
            pieces[start : start + draw(st.integers(0, 2))] = new
        return "".join(pieces)

    return "".join(base), changed(), changed()


@given(TEXTS)
def test_sentences_join_to_the_text(text: str) -> None:
    assert "".join(sentences_of(text)) == text


@given(st.one_of(two_changes(), st.tuples(TEXTS, TEXTS, TEXTS)))
def test_the_laws_of_merging(texts: tuple[str, str, str]) -> None:
    base, mine, theirs = texts
    assert merge_texts(base, base, theirs) == theirs
    assert merge_texts(base, mine, base) == mine
    assert merge_texts(base, mine, mine) == mine
    merged = merge_texts(base, mine, theirs)
    assert merge_texts(base, theirs, mine) == merged
    if merged is not None:
        new = {*sentences_of(mine), *sentences_of(theirs)} - set(sentences_of(base))
        assert all(piece in merged for piece in new)
        assert set(merged) <= {*mine, *theirs}


@given(*[st.lists(st.sampled_from("abcde"), max_size=5)] * 3)
def test_tags_of_both_sides(base: list[str], mine: list[str], theirs: list[str]) -> None:
    merged = merge_sets(base, mine, theirs)
    assert len(set(merged)) == len(merged)
    for name in "abcde":
        before, one, other = name in base, name in mine, name in theirs
        assert (name in merged) == (one if one != before else other)


def test_tags_keep_the_order_of_mine_and_new_ones_follow() -> None:
    assert merge_sets(["茶", "酒", "水"], ["水", "书", "茶"], ["花", "茶", "酒", "水", "书", "画"]) == [
        *("水", "书", "茶", "花", "画")
    ]


@given(*[st.lists(st.sampled_from("abcdefgh"), max_size=20)] * 2, st.booleans())
def test_matching_blocks_are_equal_and_in_order(before: list[str], after: list[str], with_repeated: bool) -> None:
    end = other_end = 0
    for start, other, size in matching_blocks(before, after, with_repeated=with_repeated):
        assert size > 0
        assert start >= end
        assert other >= other_end
        assert before[start : start + size] == after[other : other + size]
        end, other_end = start + size, other + size


def lines(count: int, make: Callable[[int], object]) -> str:
    return "".join(f"{make(number)}\n" for number in range(count))


def one_anchor_a_round(count: int) -> tuple[str, str]:
    """Return texts in which each round of matching finds one more line, and that at the edge."""
    before = lines(count, lambda number: f"甲{number // 2 + number % 2 * 2}")
    return before, lines(count, lambda number: f"乙{number}" if number % 2 == 0 else f"甲{number // 2 + 2}")


HOSTILE: dict[str, Callable[[int], tuple[str, str]]] = {
    "all lines change": lambda n: (lines(n, lambda i: f"甲{i}"), lines(n, lambda i: f"乙{i}")),
    "every other line changes": lambda n: (lines(n, lambda i: i), lines(n, lambda i: f"{i}{'改' * (i % 2)}")),
    "turned round": lambda n: (lines(n, lambda i: i), lines(n, lambda i: n - i)),
    "equal lines": lambda n: ("甲\n" * n, "乙\n" + "甲\n" * (n // 2) + "丙\n" + "甲\n" * (n // 2)),
    "few lines": lambda n: (lines(n, lambda i: i * i % 7), lines(n, lambda i: i * i * i % 11)),
    "shuffled": lambda n: (lines(n, lambda i: i), lines(n, random.Random(1).sample(range(n), n).__getitem__)),
    "one anchor a round": one_anchor_a_round,
    "dots": lambda n: ("." * n, "。" * n),
    "quotes": lambda n: (".\"'" * n, '."' * n),
    "no line ends": lambda n: ("甲" * n, "甲乙" * n),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_merging_takes_work_in_proportion_to_the_texts(name: str) -> None:
    def work(count: int) -> int:
        before, after = HOSTILE[name](count)
        return work_of(merge_texts, before, after, f"新。\n{before}")

    small, large = work(1_000), work(2_000)
    assert large <= 2.3 * small + 2_000, (small, large)


@pytest.mark.slow
def test_twenty_thousand_changed_lines_are_merged_with_one_that_does_not_touch_them() -> None:
    base = lines(20_000, lambda number: f"第 {number} 行，这里有一些文字可以改。")
    mine = base.replace("一些", "许多")
    assert len(base) > 400_000
    assert merge_texts(base, mine, f"新的开头。\n\n{base}") is None  # it touches the first line
    assert merge_texts(base, mine, f"{base}\n新的结尾。") == f"{mine}\n新的结尾。"


@pytest.mark.slow
def test_two_hundred_thousand_equal_lines_do_not_take_long() -> None:
    base = "甲\n" * 200_000
    assert merge_texts(base, f"{base}乙", f"丙\n{base}") == f"丙\n{base}乙"
    spread = base[:200_000] + "乙\n" + base[200_000:]
    assert merge_texts(base, spread, f"{base}丙") == f"{spread}丙"
