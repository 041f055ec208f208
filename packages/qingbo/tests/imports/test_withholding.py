"""Reasons to keep an imported file from the public."""

from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any

import pytest
from qingbo.imports.decision import decide
from qingbo.imports.doubts import Doubt
from qingbo.imports.markdown_file import read_markdown
from qingbo.imports.withholding import reasons_of_place

NOW = datetime(2026, 11, 27, tzinfo=UTC)
OTHERWISE = datetime(2026, 11, 26, tzinfo=UTC)


def decided(line: str, path: str = "note.md", folder: str = "/home/ann/posts") -> Any:
    file = read_markdown(PurePath(path), f"---\ntitle: T\n{line}\n---\ntext".encode(), UTC)
    return decide(file, reasons_of_place(PurePath(folder), PurePath(path)), OTHERWISE, NOW)


@pytest.mark.parametrize(
    "line",
    [
        *(
            f"draft: {word}"
            for word in ("true", "True", "TRUE", "yes", "on", "1", '"true"', "'yes'", "[true]", "- true")
        ),
        *(f"published: {word}" for word in ("false", "False", "no", "off", "0", '"false"', "[false]")),
        *(
            f"{key}: true"
            for key in ("Draft", "hidden", "hide", "private", "unlisted", "isDraft", "is_draft", "encrypt")
        ),
        *("password: abc", "password: 0", "Password: '1234'", "password: [a]", "password: #hash", "passwd: x"),
        *("draft: perhaps", "draft: 2", "draft: {a: b}", "draft: []", "published: maybe", "hidden: 'x'", "draft: tru"),
        *("status: draft", "status: private", "status: pending", "status: wip", "visibility: members"),
        *("layout: draft", "type: private", "state: draft", "_build: {render: never}", "build: {list: local}"),
        *("expiryDate: 2020-01-01", "expirydate: 2020-1-1", "unpublishDate: 2020-01-01", "unpublished: 2020-01-01"),
        *("unpublished: true", "expired: true", "expires: soon", "expiryDate: true", "publishDate: soon"),
        *("publish_date: true", "publishDate: [2999-01-01]", "published: 2020-13-01"),
        *("params: {draft: true}", "extra:\n  password: x", "<<: {draft: true}", "a: &a {draft: true}\n<<: [*a]"),
        *(
            "ｄｒａｆｔ: true",
            "draft: ｔｒｕｅ",
            "dr\u00adaft: true",
            "draft\u200b: true",
            "published: \u200bfalse",
            "\u200bdraft: true",
            "\u3000draft: true",
            "draft:\u00a0true",
            "draft: \u00a0true",
            "草稿: 是",
            "access: private",
        ),
        *('words: "a\ndraft: true\nb"', "words: a\n  draft:true", "draft: true\ndraft: true"),
    ],
)
def test_a_file_that_says_so_becomes_a_draft_with_a_reason(line: str) -> None:
    decision = decided(line)
    assert decision.published_at is None
    assert decision.reasons


@pytest.mark.parametrize(
    "line",
    [
        *(f"draft: {word}" for word in ("false", "no", "off", "0", '"false"', "[false]", "", "~", "null", '""')),
        *(f"published: {word}" for word in ("true", "yes", "1", "", "2020-01-02")),
        *("hidden: false", "password:", "password: ''", "password: null", "status: published", "visibility: public"),
        *("expiryDate: ", "unpublished: false", "publishDate: 2020-01-01", "layout: post", "type: page"),
        *("cover:\n  hidden: true", "comments: {hide: true}", "_build: {render: always}", "state: Texas"),
        *("# draft: true", "description: |\n  draft: true", 'description: "draft: true"', "x: 1 # draft: true"),
    ],
)
def test_a_file_that_does_not_say_so_is_public(line: str) -> None:
    decision = decided(line)
    assert decision.published_at is not None
    assert not decision.reasons


@pytest.mark.parametrize(
    ("folder", "path"),
    [
        ("/home/ann/source", "_drafts/a.md"),
        ("/home/ann/source", "2024/_drafts/deep/a.md"),
        ("/home/ann/source", "_Drafts/a.md"),
        ("/home/ann/source", "drafts/a.md"),
        ("/home/ann/source", "草稿/a.md"),
        ("/home/ann/source", "_posts/_a.md"),
        ("/home/ann/source", "_private/a.md"),
        ("/home/ann/source/_drafts", "a.md"),
        ("/home/ann/source/_drafts/2024", "a.md"),
    ],
)
def test_a_file_in_a_folder_of_drafts_becomes_a_draft(folder: str, path: str) -> None:
    assert decided("", path, folder).reasons


@pytest.mark.parametrize("path", ["_posts/a.md", "blog/_posts/a.md", "post/_index.md", "my_drafts/a.md", "drafts.md"])
def test_other_folders_hold_no_drafts(path: str) -> None:
    assert not decided("", path).reasons


@pytest.mark.parametrize(
    "line", ["date: 2999-01-02", "publishDate: 2999-01-02", "publish_date: 2999-1-2\ndate: 2020-01-01"]
)
def test_a_date_to_come_is_a_schedule(line: str) -> None:
    decision = decided(line)
    assert decision.published_at == datetime(2999, 1, 2, tzinfo=UTC)
    assert decision.scheduled_for == "2999-01-02 00:00"


def test_an_expiry_to_come_is_pointed_out() -> None:
    decision = decided("expiryDate: 2999-01-02\nunpublished: false")
    assert decision.published_at is not None
    assert [doubt.text for doubt in decision.doubts] == ["it expires on 2999-01-02"]


def test_the_earliest_expiry_counts() -> None:
    assert decided("expiryDate: 2020-01-02\nunpublishDate: 2999-01-01").reasons == ["it expired on 2020-01-02"]


@pytest.mark.parametrize("key", ["updated", "lastmod", "last_modified_at", "Updated"])
def test_when_it_changed_is_kept(key: str) -> None:
    decision = decided(f"date: 2020-01-01\n{key}: 2021-02-03 04:05")
    assert decision.updated_at == datetime(2021, 2, 3, 4, 5, tzinfo=UTC)


def test_it_did_not_change_before_it_was_published_or_later_than_now() -> None:
    assert decided("date: 2020-01-01\nupdated: 2019-01-01").updated_at == datetime(2020, 1, 1, tzinfo=UTC)
    future = decided("updated: 2999-01-01")
    assert future.updated_at is None
    assert [doubt.text for doubt in future.doubts] == [
        "its date of change, 2999-01-01, is in the future and was ignored"
    ]
    assert decided("updated: soon").doubts == [Doubt("updated: soon is no date")]
