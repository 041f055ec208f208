"""What only a Hexo blog can show."""

from pathlib import Path
from typing import Any

import pytest
from import_reports import counted, printed
from qingbo.imports.options import DateFrom
from qingbo.imports.report import Topic
from sample_sites import HEXO
from site_imports import followed, post_with, posts, run

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("engine_name", ["sqlite"])]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return HEXO.write(tmp_path / "site")


def test_the_name_of_the_file_is_the_slug(blog: Any, folder: Path) -> None:
    run(blog, folder)
    assert (post_with("marker01").slug, post_with("marker02").slug) == ("green-tea", "ni-hao-shi-jie")


def test_the_time_zone_of_the_site_is_that_of_its_dates(blog: Any, folder: Path) -> None:
    run(blog, folder)
    assert str(post_with("marker01").date) == "2024-01-01 23:30:00+00:00"


def test_links_between_files_lead_to_the_posts_whatever_the_order(blog: Any, folder: Path) -> None:
    posts_folder = folder / "source/_posts"
    (posts_folder / "a-first.md").write_text(
        "---\ntitle: A\ndate: 2024-01-01\n---\nmarker21 {% post_link z-last %} [l](z-last.md) {% post_link none %}"
    )
    (posts_folder / "z-last.md").write_text(
        "---\ntitle: Z\ndate: 2024-01-01\nslug: other\n---\nmarker22 {% post_link a-first 'A post' %}\nbreak"
    )
    report = run(blog, folder)
    assert post_with("marker21").text == "marker21 [z-last](/posts/other) [l](/posts/other) {% post_link none %}"
    assert post_with("marker22").text == "marker22 [A post](/posts/a-first)  \nbreak"
    assert f"{posts_folder}/a-first.md, line 5: unknown shortcode {{% post_link none %}}" in printed(
        report, Topic.CHECK
    )
    again = run(blog, folder)
    assert counted(again).keys() == {"unchanged"}
    assert again.about(Topic.CHECK) == []


def test_a_permalink_given_by_hand_wins(blog: Any, folder: Path) -> None:
    (folder / "_config.yml").unlink()
    run(blog, folder, pattern="p/:year/:title.html")
    assert "marker01" in followed(blog.visitor(), "/p/2024/2024-01-02-green-tea.html").text


def test_posts_without_a_date_get_one_if_asked(blog: Any, folder: Path) -> None:
    run(blog, folder)
    assert counted(run(blog, folder, date_from=DateFrom.MTIME))["updated"] == 1
    path = folder / "source/_posts/undated.md"
    assert post_with("marker07").published_at is not None
    assert post_with("marker07").published_at.timestamp() == pytest.approx(path.stat().st_mtime, abs=1)
    assert post_with("marker08").published_at is None


def test_a_renamed_file_is_the_same_post(blog: Any, folder: Path) -> None:
    run(blog, folder)
    deep = folder / "source/_posts/deep"
    (deep / "black.md").rename(deep.parent / "renamed.md")
    path = folder / "source/_posts/moved.md"
    path.write_text(path.read_text().replace("marker04", "marker04 changed"))
    path.rename(deep / "moved.md")
    report = run(blog, folder)
    assert counted(report) == {"unchanged": 7, "updated": 1}
    assert len(posts()) == len(HEXO.markers)
