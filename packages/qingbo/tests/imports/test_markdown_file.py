"""Reading a single Markdown file."""

from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from qingbo.imports.doubts import Doubt
from qingbo.imports.markdown_file import BadFile, natural_key, read_markdown

ZONE = ZoneInfo("Asia/Shanghai")


def read(text: str | bytes, path: str = "note.md") -> Any:
    return read_markdown(PurePath(path), text if isinstance(text, bytes) else text.encode(), ZONE)


def test_without_front_matter_the_first_heading_is_the_title_and_leaves_the_text() -> None:
    file = read("# 科技爱好者周刊：第 100 期\n\n这里记录\n\n# Second\n")
    assert (file.title, file.text) == ("科技爱好者周刊：第 100 期", "这里记录\n\n# Second")
    assert read("Title\n=====\n\ntext").title == "Title"
    assert read("﻿\n\n# With BOM #\ntext").title == "With BOM"


def test_without_a_heading_the_file_name_is_the_title() -> None:
    assert read("text\n\n# later", "my-first_note.md").title == "my first note"
    assert read("text", "2020-01-02-my-trip.md").title == "my trip"
    assert read("text", "posts/my-trip/index.md").title == "my trip"


def test_front_matter_of_hexo() -> None:
    file = read("---\ntitle: 你好\ndate: 2020-01-02 10:00:00\ntags: [a, b]\ncategories:\n- [x, y]\n---\n# Kept\ntext")
    assert (file.title, file.text, file.tags) == ("你好", "# Kept\ntext", ["a", "b", "x", "y"])
    assert file.date == datetime(2020, 1, 2, 2, tzinfo=UTC)


def test_front_matter_of_hugo() -> None:
    yaml = read("---\ntitle: T\ndate: 2020-01-02T10:00:00+02:00\ndraft: true\nslug: my-slug\n---\ntext")
    assert (yaml.slug, yaml.is_draft, yaml.date) == ("my-slug", True, datetime(2020, 1, 2, 8, tzinfo=UTC))
    toml = read('+++\ntitle = "T"\ndate = 2020-01-02T10:00:00Z\ntags = ["a"]\n+++\ntext')
    assert (toml.title, toml.tags, toml.text) == ("T", ["a"], "text")
    assert toml.date == datetime(2020, 1, 2, 10, tzinfo=UTC)


def test_front_matter_of_jekyll() -> None:
    file = read("---\ntitle: T\ntags: a b\npublished: false\n---\ntext", "_posts/2020-01-02-my-trip.md")
    assert (file.tags, file.is_draft) == (["a", "b"], True)
    assert file.date == datetime(2020, 1, 1, 16, tzinfo=UTC)
    assert read("---\ndate: 2020-01-02 10:00:00 +0000\n---\nx").date == datetime(2020, 1, 2, 10, tzinfo=UTC)


def test_a_rule_at_the_top_is_no_front_matter() -> None:
    for text in ("----\n\ntext", "---\n\nprose\n\n---\n\ntext", "---\n- a\n- b\n---\ntext"):
        assert read(text).text == text


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("---\ntitle: [\n---\nx", "has front matter that cannot be read"),
        ("+++\ntitle = \n+++\nx", "has front matter that cannot be read"),
        ("---\ndate: soon\n---\nx", "has a date that cannot be read: 'soon'"),
        ("---\ndate: 2020-13-45\n---\nx", "has a date that cannot be read: '2020-13-45'"),
        ("2020-13-45-x.md", "has a date in its name that cannot be read: '2020-13-45'"),
        ("---\ntags: {a: 3}\n---\nx", "has tags that are neither a list nor a line"),
        ("---\ntags: [{a: 3, b: [4,\n 5]}]\n---\nx", "has tags that are neither a list nor a line"),
        ("---\nslug: [a]\n---\nx", "has a slug that is no word"),
        ("+++\ntitle = [1]\n+++\nx", "has a title that is no line of text"),
    ],
)
def test_a_bad_file_says_what_is_wrong(content: str | bytes, reason: str) -> None:
    with pytest.raises(BadFile) as error:
        read(content, content if str(content).endswith(".md") else "note.md")
    assert reason in str(error.value)


def test_files_sort_as_people_count() -> None:
    names = ["issue-10.md", "issue-9.md", "issue-100.md", "Issue-1.md"]
    assert sorted(map(PurePath, names), key=natural_key) == [
        PurePath(name) for name in ("Issue-1.md", "issue-9.md", "issue-10.md", "issue-100.md")
    ]


def test_older_shapes_of_front_matter() -> None:
    hexo = read("title: 旧文\ndate: 2014-05-06 07:08:09\ntags:\n- a\n---\ntext")
    assert (hexo.title, hexo.tags, hexo.text) == ("旧文", ["a"], "text")
    hugo = read('{\n  "title": "J",\n  "date": "2015-01-01",\n  "tags": ["x"]\n}\ntext')
    assert (hugo.title, hugo.tags, hugo.text) == ("J", ["x"], "text")
    assert read("{not json}\ntext").text == "{not json}\ntext"
    assert read("---\ntitle:\ndate:\ntags:\ndraft:\n---\n# Heading\ntext").title == "Heading"


@pytest.mark.parametrize("content", ["---\ntags: &t [*t]\n---\nx", "+++\na = " + "[" * 3000 + "\n+++\nx"])
def test_front_matter_without_end_is_a_bad_file(content: str) -> None:
    with pytest.raises(BadFile):
        read(content)


@pytest.mark.parametrize("date", ["9999-12-31T23:30:00Z", "0001-01-01", "0999-05-05"])
def test_a_date_no_page_can_be_made_for_is_refused(date: str) -> None:
    with pytest.raises(BadFile, match="has a date that cannot be read"):
        read(f"---\ndate: {date}\n---\nx")


@pytest.mark.parametrize(
    "word", ["12:30", "no", "on", "007", "1.10", "1_000", "0x1F", "1e3", "2024-01-01", "true", "'~'"]
)
@pytest.mark.parametrize("fence", ["---", ";;;"])
def test_titles_and_tags_stay_as_written(word: str, fence: str) -> None:
    word = word if fence == "---" else f'"{word}"'
    title, comma = ('"title"', ",") if fence == ";;;" else ("title", "")
    tags = title.replace("title", "tags")
    file = read(f"{fence}\n{title}: {word}{comma}\n{tags}: [{word}, 'b']\n{fence}\nx".replace("'b'", '"b"'))
    plain = word.strip("\"'") if fence == "---" else word.strip('"')
    assert (file.title, file.tags) == (plain, [plain, "b"])


def test_numbers_of_json_and_toml_stay_as_written_too() -> None:
    assert read('{"title": 1.10, "tags": [12, true]}\nx').title == "1.10"
    assert read("+++\ntitle = 1.10\ntags = [12, 1979-05-27]\n+++\nx").tags == ["12", "1979-05-27"]


@pytest.mark.parametrize("nothing", ["", "~", "null", "NULL", '""'])
def test_a_title_of_nothing_is_none(nothing: str) -> None:
    file = read(f"---\ntitle: {nothing}\ntags: {nothing}\ndate: {nothing}\nslug: {nothing}\n---\n# Head\ntext")
    assert (file.title, file.tags, file.date, file.slug) == ("Head", [], None, "")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2024-2-7", "2024-02-07T00:00"),
        ("2024/2/7 9:05", "2024-02-07T09:05"),
        ("2024.02.07", "2024-02-07T00:00"),
        ("20240207", "2024-02-07T00:00"),
        ("2024年2月7日 9:05", "2024-02-07T09:05"),
        ("'2024-02-07 10:00:00'", "2024-02-07T10:00"),
        ("2024-02-07 10:00:00.5 +0800", "2024-02-07T10:00:00.5"),
        ("2024-02-07 10:00 +8", "2024-02-07T10:00"),
        ("2024-02-07t02:00Z", "2024-02-07T10:00"),
        ("2024-02-07 02:00:00 UTC", "2024-02-07T10:00"),
        ("2024-02-06T21:00:00-05:00", "2024-02-07T10:00"),
        ("Wed, 07 Feb 2024 02:00:00 GMT", "2024-02-07T10:00"),
        ("Wed, 07 Feb 2024 10:00:00 +0800", "2024-02-07T10:00"),
        ("7 Feb 2024 10:00", "2024-02-07T10:00"),
        ("Feb 7, 2024", "2024-02-07T00:00"),
        ("Wed Feb 07 2024 10:00:00 GMT+0800 (CST)", "2024-02-07T10:00"),
        ("1707271200", "2024-02-07T10:00"),
        ("1707271200000", "2024-02-07T10:00"),
    ],
)
def test_dates_as_people_write_them(written: str, meant: str) -> None:
    expected = datetime.fromisoformat(meant.replace(".5", ".500000")).replace(tzinfo=ZONE)
    assert read(f"---\ndate: {written}\n---\nx").date == expected


def test_a_one_digit_date_in_a_name() -> None:
    assert read("x", "2024-2-7-trip.md").date == datetime(2024, 2, 7, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("2024-02-07.md", "2024-02-07"),
        ("20240207-trip.md", "2024-02-07"),
        ("2024_2_7_trip.md", "2024-02-07"),
        ("2024-02-07-trip/index.md", "2024-02-07"),
        ("2024/02/07/trip.md", "2024-02-07"),
        ("2024/2/7/trip/index.md", "2024-02-07"),
        ("1234/56/trip.md", None),
        ("12345678-trip.md", None),
        ("version-2024-02-07.md", None),
    ],
)
def test_a_date_in_the_path(path: str, meant: str | None) -> None:
    expected = datetime.fromisoformat(meant).replace(tzinfo=ZONE) if meant else None
    assert (read("x", path).date, read("x", path).doubts) == (expected, ())


def test_a_month_in_the_path_is_a_guess() -> None:
    file = read("x", "notes/2024/02/trip.md")
    assert file.date == datetime(2024, 2, 1, tzinfo=ZONE)
    assert file.doubts == (Doubt("its date was guessed from the folder 2024/02"),)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("---\ntitle: x\ndate: 2024-02-30\n---\nx", 3),
        ("+++\ntitle = 'x'\n\ndate = '2024-02-30'\n+++\nx", 4),
        ("+++\ntitle = 'x'\ndate = 2024-02-30\n+++\nx", 3),
        ("+++\ntitle = 'x'\n\ndate = 2024-02-30T10:00:00Z\n+++\nx", 4),
        ('{\n"date": "2024-02-30 10:00"}\nx', 2),
        ("---\ntitle: x\ndate: Fri, 30 Feb 2024 10:00:00 GMT\n---\nx", 3),
    ],
)
def test_an_impossible_date_is_named_with_its_line(text: str, line: int) -> None:
    with pytest.raises(BadFile) as error:
        read(text)
    assert (error.value.line, "2024" in str(error.value)) == (line, True)


def test_keys_of_other_generators() -> None:
    file = read(
        "---\ntitle: T\ncategory: Tea time\ntag: one, two\nseries: [Leaves]\nauthor: {name: Ann}\nlang: zh-CN\n"
        "redirect_from: /a\naliases: [/b, /c]\npermalink: /x/y.html\n---\nx"
    )
    assert file.tags == ["one", "two", "Tea time"]
    assert (file.series, file.author, file.language, file.permalink) == ("Leaves", "Ann", "zh-CN", "/x/y.html")
    assert set(file.old_addresses) == {"/a", "/b", "/c"}
    zola = read('+++\n[taxonomies]\ntags = ["a"]\ncategories = ["b"]\nauthors = ["Ann"]\n[extra]\nseries = "S"\n+++\nx')
    assert (zola.tags, zola.author, zola.series) == (["a", "b"], "Ann", "S")


def test_a_comment_in_place_of_a_title_is_pointed_out() -> None:
    file = read("---\ntitle: #1 of many\ntags: #a #b\n---\nx")
    assert [(doubt.line, doubt.text.partition(",")[0]) for doubt in file.doubts] == [
        (2, "title begins with #"),
        (3, "tags begins with #"),
    ]


def test_the_end_of_a_heading_stays() -> None:
    assert read("# C#\nx").title == "C#"
    assert read("# C #\nx").title == "C"


def test_headings_without_a_space_are_pointed_out() -> None:
    file = read("# T\n\n##2. 安装\n\n###x\n\n## Right\n\n#tag\n\n```\n##code\n```\n")
    assert file.doubts == (Doubt("2 lines are no headings, for want of a space after ##, such as “##2. 安装”", 3),)
    assert read("# T\n\n#!/bin/sh\n## Right").doubts == ()


def test_the_text_of_our_own_export_is_taken_as_it_is() -> None:
    data = "data:image/png;base64,AAAAAAAA"
    assert read(f"---\ntitle: T\nqingbo: {{kind: article}}\n---\n![]({data})").text == f"![]({data})"
    assert read(f"---\ntitle: T\n---\n![]({data})").embedded
