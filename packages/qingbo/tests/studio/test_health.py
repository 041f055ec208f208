"""The health page: the findings of `qingbo doctor`, in the language of the page."""

import re
from typing import Any

import pytest
from qingbo import doctor

pytestmark = pytest.mark.sqlite_first


def findings(blog: Any, language: str) -> list[list[str]]:
    """Return the parts of each finding on the page: subject, message and, where something is wrong, the remedy."""
    headers = {"Accept-Language": language}
    page = blog.visitor("root", "administrator").get("/studio/health", headers=headers).text
    rows = re.findall(r'<div class="(?:ill|well)">(.*?)</div>', page, re.DOTALL)
    return [[part.strip() for part in re.split(r"<[^>]+>", row) if part.strip()] for row in rows]


def is_chinese(text: str) -> bool:
    """Return whether there are Chinese words in a text; paths and names of settings may stand beside them."""
    return re.search("[\u4e00-\u9fff]{2}", text) is not None


def test_findings_are_in_the_language_of_the_page(blog: Any) -> None:
    english, chinese = findings(blog, "en"), findings(blog, "zh")
    assert [row[0] for row in english][:4] == ["Settings", "Data folder", "File permissions", "Disk"]
    assert len(chinese) == len(english)
    assert [part for row in chinese for part in row if not is_chinese(part)] == []


def test_what_is_wrong_is_in_the_language_of_the_page_too(blog: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "FREE_MEGABYTES", 10**9)
    (disk,) = (row for row in findings(blog, "zh") if row[0] == "磁盘")
    assert len(disk) == 3
    assert [part for part in disk if not is_chinese(part)] == []


def test_the_page_in_english_says_what_the_command_prints(blog: Any) -> None:
    printed = [(each.subject, each.message) for each in doctor.examine(blog.app) if each.subject == "secrets"]
    shown = [(row[0].lower(), row[1]) for row in findings(blog, "en")]
    assert [each for each in printed if each not in shown] == []
