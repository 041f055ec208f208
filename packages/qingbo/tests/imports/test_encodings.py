"""Files in other encodings than UTF-8 are read, and what cannot be read is named."""

import pytest
from qingbo.imports.bad_file import BadFile
from qingbo.imports.encodings import decoded

CHINESE = "---\ntitle: 你好世界\n---\n今天天气不错，我们去公园散步吧。"
TRADITIONAL = "今天天氣不錯，我們去公園散步吧。這裡的風景很美麗。"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_is_certain(encoding: str) -> None:
    assert decoded(("# Hello\n\nsome words\n" + CHINESE).encode(encoding))[1] is None
    assert decoded(CHINESE.encode("utf-16")) == (CHINESE, None)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (CHINESE, "gbk"),
        (CHINESE, "gb2312"),
        ("标题", "gbk"),
        ("int main() {}\n" * 300 + "// 中文注释", "gb18030"),
        (TRADITIONAL, "big5"),
        ("今日は天気がいいので、公園へ散歩に行きましょう。", "shift_jis"),
        ("오늘은 날씨가 좋아서 공원에 산책하러 갑시다.", "euc_kr"),
        ("Le café était fermé à Noël, où êtes-vous allés?", "cp1252"),
        ("Сегодня хорошая погода, пойдём гулять в парк.", "cp1251"),
    ],
)
def test_older_encodings_are_recognised_and_the_guess_is_reported(text: str, encoding: str) -> None:
    found, doubt = decoded(text.encode(encoding))
    assert found == text
    assert doubt is not None
    assert doubt.text.startswith("was read as ")


def test_an_encoding_that_was_given_is_taken() -> None:
    assert decoded("caf\u00e9".encode("cp1252"), "cp1252") == ("café", None)
    assert decoded(CHINESE.encode(), "gb18030") == (CHINESE, None)


@pytest.mark.parametrize(
    ("content", "encoding", "reason", "line"),
    [
        (CHINESE.encode() + b"\n\xff", None, "is UTF-8 with a bad byte (byte 77)", 5),
        (b"\xff", None, "is not UTF-8 (byte 0), and its encoding was not recognised", None),
        ("一\n二".encode("gbk") + b"\xff", "big5", "is not BIG5 (byte ", 2),
    ],
)
def test_what_cannot_be_read_is_named(content: bytes, encoding: str | None, reason: str, line: int | None) -> None:
    with pytest.raises(BadFile) as error:
        decoded(content, encoding)
    assert reason in str(error.value)
    assert error.value.line == line
    assert "UTF-8" in error.value.hint
