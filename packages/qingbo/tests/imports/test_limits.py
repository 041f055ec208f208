"""What exceeds the limits of a post does not leave the file out."""

from pathlib import Path
from typing import Any

import pytest
from import_reports import printed
from qingbo.extensions import session
from qingbo.imports.limits import fitting_tags, language_tag
from qingbo.imports.report import Topic
from site_imports import post_with, run

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])


def test_more_and_longer_tags_than_a_post_can_have(blog: Any, tmp_path: Path) -> None:
    tags = [f"tag {number}" for number in range(22)]
    tags.insert(3, "长" * 51)
    (tmp_path / "a.md").write_text(f"---\ntitle: A\ndate: 2024-01-02\ntags: {tags}\n---\nmarker")
    report = run(blog, tmp_path)
    post = post_with("marker")
    session().refresh(post, ["tags"])
    assert {tag.name for tag in post.tags} == {f"tag {number}" for number in range(20)}
    assert printed(report, Topic.CHECK) == [
        f"{tmp_path}/a.md: tags longer than 50 characters were left out: “{'长' * 51}”",
        f"{tmp_path}/a.md: only the first 20 tags were kept, without “tag 20”, “tag 21”",
    ]


def test_the_same_tag_twice_counts_once(engine_name: str) -> None:
    assert fitting_tags(["Tea", "tea", "ＴＥＡ", ""]) == (["TEA"], [])


@pytest.mark.parametrize(
    ("written", "tag"),
    [("zh-CN", "zh-Hans"), ("zh_TW", "zh-Hant"), ("zh-Hant-HK", "zh-Hant"), ("en-US", "en"), ("EN", "en"), ("xx", "")],
)
def test_languages_as_generators_write_them(engine_name: str, written: str, tag: str) -> None:
    assert language_tag(written) == tag
