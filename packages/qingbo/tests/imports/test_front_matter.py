"""Front matter is read or the file is left out; it never becomes text. Text without front matter is unchanged."""

from pathlib import PurePath
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from qingbo.imports.front_matter import MAX_LENGTH
from qingbo.imports.markdown_file import BadFile, read_markdown
from work_counting import cpu_seconds


def read(text: str) -> Any:
    return read_markdown(PurePath("note.md"), text.encode(), ZoneInfo("UTC"))


YAML = "title: T\ntags: [a, b]\ndraft: true"
JSON = '"title": "T",\n"tags": ["a", "b"],\n"draft": true'


@pytest.mark.parametrize(
    "text",
    [
        f"---\n{YAML}\n---\ntext",
        "---\ntitle:T\ntags:[a, b]\ndraft:true\n---\ntext",
        "---\ntitle：T\ntags：[a, b]\ndraft：true\n---\ntext",
        "title:T\ntags:[a, b]\ndraft:true\n---\ntext",
        "tags:[a, b]\ntitle:T\ndraft:true\n---\ntext",
        f"\n \n---\n{YAML}\n---\ntext",
        f"\ufeff\ufeff\n---\n{YAML}\n---\ntext",
        f"---\n\n{YAML}\n\n---\n\ntext",
        f"---\n{YAML}\n...\ntext",
        f"--- \n{YAML}\n---\t\ntext",
        f"-----\n{YAML}\n-----\ntext",
        f"---yaml\n{YAML}\n---\ntext",
        f"  ---\n  {YAML.replace(chr(10), chr(10) + '  ')}\n  ---\ntext",
        *(f"---\n{YAML}\n---\ntext".replace("\n", end) for end in ("\r", "\x85", "\u2028", "\v")),
        *(f"{mark}---\n{YAML}\n---\ntext" for mark in ("\f", "\u00a0", "\u3000", "\u200b", "\ufeff\n\ufeff")),
        f"---\n{YAML}\n---\ntext".replace("\n", "\r\n"),
        "---\ntitle:\tT\ntags:\n\t- a\n\t- b\ndraft:\ttrue\n---\ntext",
        "---\ntitle: T\ntags: &t [a, b]\nother: *t\ndraft: true\n---\ntext",
        "---\ndescription: one: two: three\ntitle: T\ntags: [a, b]\ndraft: true\n---\ntext",
        f"---\n# of my own\n{YAML} # for now\n---\ntext",
        f"---\n{{{JSON}}}\n---\ntext",
        f"---json\n{{{JSON}}}\n---\ntext",
        f";;;\n{JSON}\n;;;\ntext",
        f"{JSON}\n;;;\ntext",
        f"{JSON},\n;;;\ntext",
        f"{{{JSON}}}\ntext",
        '+++\ntitle = "T"\ntags = ["a", "b"]\ndraft = true\n+++\ntext',
        '---\ntitle = "T"\ntags = ["a", "b"]\ndraft = true\n---\ntext',
        f"+++\n{YAML}\n+++\ntext",
        f"---\n{YAML}\n---",
    ],
)
def test_front_matter_is_read_however_it_is_written(text: str) -> None:
    file = read(text)
    assert (file.title, file.tags, file.is_draft) == ("T", ["a", "b"], True)
    assert file.text in ("text", "")


def test_toml_with_unknown_keys_only_is_front_matter() -> None:
    assert read('+++\nsort_by = "date"\n+++\ntext').text == "text"


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("部署: 一", "部署: 一"),
        ("[译] 文章: 二", "[译] 文章: 二"),
        ("[译]", "[译]"),
        ("{{ title }}", "{{ title }}"),
        ("*bold*", "*bold*"),
        ("@home", "@home"),
        ("`code`: it", "`code`: it"),
        ("% of it", "% of it"),
        ("'quoted' and more", "'quoted' and more"),
        ("“部署”: 一", "“部署”: 一"),
        ("!important words", "!important words"),
        ("- a list", "- a list"),
        ("a:", "a:"),
        ("> quoted: words", "> quoted: words"),
    ],
)
def test_a_title_that_needs_quotes_and_has_none_is_read_as_it_stands(written: str, title: str) -> None:
    file = read(f"---\ntitle: {written}\ndate: 2020-01-01\n---\ntext")
    assert (file.title, file.text) == (title, "text")


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("---\ntitle: T\ndraft: true\n\ntext", 1, "without an end"),
        ("\n\n---\ntitle:T\ndraft:true\n", 3, "without an end"),
        ("+++\ntitle = 'T'\n\ntext\n", 1, "without an end"),
        ("---\ndate: 2020-01-01\ntitle: 'T\n---\ntext", 3, "“title: 'T”"),
        ("---\ntitle: T\ntags: [a, b\n---\ntext", 3, "“tags: [a, b”"),
        ("---\ntitle: T\n draft: true\n---\ntext", 3, "mapping values are not allowed here"),
        ("---\ntitle: T\ndraft: true\ndraft: false\n---\ntext", 4, "draft has two values"),
        ("---\ntitle: T\nDraft: true\ndraft: false\n---\ntext", 4, "draft has two values"),
        ("---\n\ntitle: T\nprose\n\n---\ntext", 4, "“prose”"),
        ("+++\ntitle = 没有引号\n+++\ntext", 2, "Invalid value"),
        ("+++\ndate = 2020-01-01\ndraft = ture\n+++\ntext", 3, "Invalid value"),
        (';;;\n"title": "T",\n"draft": ture\n;;;\ntext', 3, "Expecting value"),
        ('{"title": "T",\n "draft": true,}\ntext', 2, "Expecting property name"),
        ('{"draft": true, "draft": false}\ntext', 1, "draft has two values"),
        ("title: T\ndraft true\n---\ntext", 2, "“draft true”"),
        ("---\ntitle: T\x07\n---\ntext", 2, "control character"),
        ("---\nwords: [a\nmore: b\n---\ntext", 2, "“words: [a”"),
        (f"---\ntitle: T\n{'#' * MAX_LENGTH}\n---\ntext", 1, f"within {MAX_LENGTH} characters"),
        (f"---\nwords: T\n{'#' * MAX_LENGTH}\ndraft: true\n---\ntext", 1, f"within {MAX_LENGTH} characters"),
    ],
)
def test_what_cannot_be_read_is_left_out_with_its_line_and_what_to_do(text: str, line: int, reason: str) -> None:
    with pytest.raises(BadFile) as error:
        read(text)
    assert reason in str(error.value)
    assert error.value.line == line
    assert error.value.hint or "control" in reason or "mapping" in reason


@pytest.mark.parametrize(
    "text",
    [
        "----\n\ntext: with a colon\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n----\n\nmore",
        "---\n\nNote: a line between rules.\n\n---\n\ntext",
        "---\n\nNote: a line: with: colons\n\n---\n\ntext",
        "---\nprose\n---\ntext",
        "---\n- a\n- b\n---\ntext",
        "---\n# A heading: with a colon\n---\ntext",
        "---\nhttps://example.com/a\n---\ntext",
        "---\n| a | b |\n|---|---|\n| 1 | 2 |",
        "| a | b |\n|---|---|\n| 1 | 2 |\n\n---\n\ntext",
        "***\n\ntitle: words\n\n***",
        "+++\nprose\n+++",
        ";;;\nprose\n;;;",
        "---\n\nprose without an end",
        "Summary: I like it.\n\n---\n\nDate: next week",
        "Author: Jane\n---\ntext",
        "注意：这里\n标签：那里\n\n---\n\ntext",
        '{"a": 1}\n\ntext',
        "{% raw %}\ntitle: T\n{% endraw %}",
        "```\n---\ntitle: T\ndraft: true\n---\n```",
        "    ---\n\n    title",
    ],
)
def test_a_text_without_front_matter_stays_as_it_is(text: str) -> None:
    file = read(text)
    assert (file.text, file.title, file.is_draft) == (text, "note", False)


@pytest.mark.parametrize(
    "text",
    [
        "Title: T\nStatus: draft\n\ntext",
        "title: T\nwords: a\n\ntext",
        "draft: true\n\ntext",
        "---\na: b\n---\ntext",
        "---\ntitle: First\n---\n---\ntitle: Second\ndraft: true\n---\ntext",
        "---\ntitle: First\n---\ndraft: true\n---\ntext",
        "- title: T\n- draft: true\n\ntext",
        "---\n- title: T\n- draft: true\n---\ntext",
        "—--\ntitle: T\ndraft: true\n—--\ntext",
        "－－－\ntitle: T\ndraft: true\n－－－\ntext",
        "***\ntitle: T\ndraft: true\n***\ntext",
        "<!--\ntitle: T\ndraft: true\n-->\ntext",
        ".. title: T\n.. status: draft\n\ntext",
        "#+title: T\n#+draft: true\n\ntext",
        "---title: T\ndraft: true\n---\ntext",
        "--- # mine\ntitle: T\ndraft: true\n---\ntext",
        "# Head\ntitle: T\ndraft: true\n---\ntext",
        "%YAML 1.2\n---\ntitle: T\ndraft: true\n---\ntext",
        "{title: T, draft: true}\ntext",
        "{'title': 'T', 'draft': true}\ntext",
        "---\n\n---\ntitle: T\ndraft: true\n---\ntext",
        "<!-- mine -->\n---\ntitle: T\ndraft: true\n---\ntext",
        "# T\n\n---\ntags: [a]\npassword: x\n---\ntext",
    ],
)
def test_lines_that_may_be_front_matter_stay_and_are_not_published(text: str) -> None:
    file = read(text)
    assert file.is_draft
    assert text.endswith(file.text)
    assert "front matter" in file.withheld[0] or "may be text" in file.withheld[0]


@pytest.mark.parametrize(
    "text",
    [
        "---\ntitle: " + "[" * 19_000 + "\n---\nx",
        "---\ntags: " + "{a: " * 4_000 + "\n---\nx",
        "---\ntitle: T\n" + "".join(f"a{n}: &a{n} [{f'*a{n - 1},' * 9}]\n" for n in range(1, 20)) + "---\nx",
        "---\na0: &a0 [x]\n"
        + "".join(f"a{n}: &a{n} [{f'*a{n - 1},' * 9}]\n" for n in range(1, 20))
        + "tags: *a19\n---\nx",
        "+++\ntitle = 'T'\n" + ".".join("a" * 9_000) + " = 1\n+++\nx",
        '{"title": ' + "[" * 19_000,
        "# a" + " " * 1_000_000 + "b",
    ],
)
def test_no_front_matter_takes_long(text: str) -> None:
    assert cpu_seconds(lambda: read_or_refuse(text)) < 20


def read_or_refuse(text: str) -> None:
    try:
        assert len(read(text).text) < 2
    except BadFile as error:
        assert "cannot be read" in str(error)  # noqa: PT017 - both are right
