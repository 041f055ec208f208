import random
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from qingbo.comparing import differences as module
from qingbo.comparing.differences import Piece, differences
from qingbo.comparing.splitting import clauses_of, words_of
from work_counting import work_of

MARKS = {"same": "{}", "gone": "[-{}-]", "new": "[+{}+]", "skipped": "<…>{}"}


def shown(before: str, after: str, context: int | None = None) -> str:
    return "".join(MARKS[piece.kind].format(piece.text) for piece in differences(before, after, context))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        # Phrases, no scattered characters: 们 and 去 are in both.
        (
            "我们今天去公园。天气很好。",
            "他们昨天去了学校。天气很好。",
            "[-我们今天去公园-][+他们昨天去了学校+]。天气很好。",
        ),
        (
            "我昨天在北京的一家小书店里买到了一本很旧的诗集。",
            "昨天我在上海的一家旧书店里找到一本诗集。",
            "[-我-]昨天[-在北京-][+我在上海+]的一家[-小-][+旧+]书店里[-买到了一本很旧的-][+找到一本+]诗集。",
        ),
        ("- 茶\n- 酒\n- 水\n", "- 绿茶\n- 米酒\n- 水\n", "- [+绿+]茶\n- [+米+]酒\n- 水\n"),
        ("第一段。\n\n第二段。", "第一段。\n\n中间。\n\n第二段。", "第一段。\n\n[+中间。\n\n+]第二段。"),
        ("甲。乙。丙。", "甲。丙。", "甲。[-乙。-]丙。"),
        ("The quick brown fox ran.", "The quick red fox ran.", "The quick [-brown-][+red+] fox ran."),
        ("I reread it.", "I read it.", "I [-reread-][+read+] it."),
        ("Version 2.31 is out.", "Version 2.32 is out.", "Version [-2.31-][+2.32+] is out."),
        ("They don't know.", "They didn't know.", "They [-don't-][+didn't+] know."),
        ("很**重要**的", "很*重要*的", "很[-**-][+*+]重要[-**-][+*+]的"),
        ("用 Flask 2 写的博客", "用 Flask 3 写的轻博客", "用 Flask [-2-][+3+] 写的[+轻+]博客"),
        ("一家👨‍👩‍👧好", "一家👨‍👩‍👦好", "一家[-👨‍👩‍👧-][+👨‍👩‍👦+]好"),
        ("去过🇨🇳了", "去过🇨🇦了", "去过[-🇨🇳-][+🇨🇦+]了"),
        ("", "甲", "[+甲+]"),
        ("甲", "", "[-甲-]"),
        ("甲", "甲", "甲"),
        ("", "", ""),
    ],
)
def test_changes_read_as_words_and_phrases(before: str, after: str, expected: str) -> None:
    assert shown(before, after) == expected


def test_a_sentence_that_moves_is_shown_whole_at_both_places() -> None:
    assert shown("一是茶。二是酒。三是水。", "二是酒。三是水。一是茶。") == "[-一是茶。-]二是酒。三是水。[+一是茶。+]"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "It don't cost 3,140.5 at x.org.",
            ["It", " ", "don't", " ", "cost", " ", "3,140.5", " ", "at", " ", "x.org", "."],
        ),
        ("我们用Python3写——好……", ["我", "们", "用", "Python3", "写", "——", "好", "……"]),
        ("👍🏽👨‍👩‍👧e\u0301té❤️❤️", ["👍🏽", "👨‍👩‍👧", "e\u0301té", "❤️", "❤️"]),
        ("한국어 문장\n\n  x", ["한국어", " ", "문장", "\n", "\n", "  ", "x"]),
        ("a__b_c", ["a", "__", "b", "_", "c"]),
    ],
)
def test_what_a_word_is(text: str, words: list[str]) -> None:
    assert words_of(text) == words


def test_long_unchanged_text_is_skipped_around_each_change() -> None:
    long = "零一二三四五六七八九" * 20
    assert shown(f"{long}，甲，{long}，乙，{long}", f"{long}，新，{long}，旧，{long}", 5) == (
        "<…>六七八九，[-甲-][+新+]，零一二三<…>六七八九，[-乙-][+旧+]，零一二三<…>"
    )


def test_a_skip_does_not_cut_a_word() -> None:
    words = "alpha beta gamma delta epsilon zeta eta theta iota kappa "
    assert shown(f"{words}old {words}", f"{words}new {words}", 13) == (
        "<…>theta iota kappa [-old-][+new+] alpha beta gamma<…>"
    )


def test_a_few_unchanged_characters_are_not_skipped() -> None:
    middle = "，一二三四五六七八九十，"
    assert shown(f"甲{middle}乙", f"丙{middle}丁", 1) == f"[-甲-][+丙+]{middle}[-乙-][+丁+]"
    assert shown("一" * 50, "一" * 50, 10) == "<…>"


PIECES = st.sampled_from(
    ["春天", "来了", "。", "，", "\n", "\n\n", "spring ", "it's ", "3.5", "**", "👍🏽", "甲", "e\u0301", "𠀀"]
)
TEXTS = st.one_of(
    st.lists(PIECES, max_size=30).map("".join), st.text(max_size=40), st.text(alphabet="ab \n。", max_size=60)
)


@given(TEXTS)
def test_words_and_clauses_join_to_the_text(text: str) -> None:
    assert "".join(words_of(text)) == "".join(clauses_of(text)) == text


@given(TEXTS, TEXTS)
def test_nothing_is_lost_where_nothing_is_skipped(before: str, after: str) -> None:
    pieces = differences(before, after, None)
    assert "".join(piece.text for piece in pieces if piece.kind in {"same", "gone"}) == before
    assert "".join(piece.text for piece in pieces if piece.kind in {"same", "new"}) == after
    kinds = [piece.kind for piece in pieces]
    assert all(piece.text for piece in pieces)
    assert not {("same", "same"), ("gone", "gone"), ("new", "new"), ("new", "gone")} & set(pairwise(kinds))


@given(TEXTS, TEXTS, st.integers(0, 20))
def test_only_what_is_the_same_is_skipped(before: str, after: str, context: int) -> None:
    whole = [piece for piece in differences(before, after, None) if piece.kind != "same"]
    pieces = differences(before, after, context)
    assert [piece for piece in pieces if piece.kind in {"gone", "new"}] == whole
    assert all(
        len(piece.text) <= 2 * (context + module._SLACK) + module._SLACK for piece in pieces if piece.kind == "same"
    )


HOSTILE: dict[str, Callable[[int], tuple[str, str]]] = {
    "other words": lambda n: (
        "".join(map(chr, range(0x4E00, 0x4E00 + n))),
        "".join(map(chr, range(0x7E00, 0x7E00 + n))),
    ),
    "two letters": lambda n: ("ab " * n, "ba " * n),
    "random": lambda n: (
        "".join(random.Random(1).choices("甲乙丙丁", k=n)),
        "".join(random.Random(2).choices("甲乙丙丁", k=n)),
    ),
    "a block in another": lambda n: ("甲乙" * n, f"丙{'乙甲' * n}丁"),
    "changed lines": lambda n: ("".join(f"第{i}行\n" for i in range(n)), "".join(f"第{i}条\n" for i in range(n))),
    "short lines": lambda n: ("甲乙。\n" * n, "乙甲。\n" * n),
    "commas": lambda n: ("甲，乙，" * n, "乙，丙，" * n),
    "marks": lambda n: ("*" * n + "\u0301", "*" * n + "\u200d"),
    "joiners": lambda n: ("甲" + "\u200d" * n, "乙" + "\u200d" * n),
    "one word": lambda n: ("a" * n, "b" * n),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_comparing_takes_a_bounded_amount_of_work(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BLOCK", 4_000)
    monkeypatch.setattr(module, "TOTAL", 8_000)
    monkeypatch.setattr(module, "PIECES", 200)
    small, large = (work_of(differences, *HOSTILE[name](count)) for count in (1_000, 2_000))
    assert large <= 2.3 * small + 20_000, (small, large)


def test_a_block_that_is_too_large_is_shown_as_a_whole() -> None:
    before, after = HOSTILE["random"](5_000)
    assert differences(f"一。{before}。三", f"一。{after}。三", None) == [
        *(Piece("same", "一。"), Piece("gone", f"{before}。"), Piece("new", f"{after}。"), Piece("same", "三"))
    ]


def test_small_changes_far_apart_in_a_sentence_that_never_ends_are_found() -> None:
    middle = "".join(f"第{number}句，" for number in range(2_000))
    pieces = differences(f"甲，{middle}乙，{middle}丙", f"丁，{middle}戊，{middle}己", None)
    assert [piece.text for piece in pieces if piece.kind != "same"] == ["甲", "丁", "乙", "戊", "丙", "己"]


def test_where_more_changed_than_anyone_reads_the_rest_is_one_change(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PIECES", 5)
    before, after = "一，甲，二，乙，三，丙，四", "一，丁，二，戊，三，己，四"
    assert shown(before, after) == "一，[-甲-][+丁+]，二，[-乙，三，丙，四-][+戊，三，己，四+]"


def test_a_word_that_is_replaced_in_each_of_many_lines_is_shown_line_by_line() -> None:
    before = "".join(f"- item{number} is old\n" for number in range(400))
    kinds = [(piece.kind, piece.text) for piece in differences(before, before.replace("old", "new"), None)]
    assert kinds.count(("gone", "old")) == kinds.count(("new", "new")) == 400
