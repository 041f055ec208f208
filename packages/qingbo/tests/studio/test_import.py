"""The report of the last import is in the studio, for administrators. On every engine."""

from pathlib import Path
from typing import Any

import pytest
from qingbo import site_settings
from qingbo.database import writing
from qingbo.extensions import session
from qingbo.imports.last_report import MOST_REMARKS, keep_report, last_report
from qingbo.imports.report import Item, Outcome, Report, Topic
from site_imports import run

pytestmark = pytest.mark.sqlite_first


def keep(report: Report, source: str = "/home/ann/blog") -> None:
    with writing():
        session().rollback()
        keep_report(session(), report, source)
        session().commit()


def test_the_report_of_the_last_import_is_shown(blog: Any, tmp_path: Path) -> None:
    root = blog.visitor("root", "administrator")
    assert "Nothing has been imported yet." in root.read("/studio/import")
    (tmp_path / "<b>.md").write_text("---\ntitle: A\ndate: 2024-01-02\n---\n![x](gone.png)")
    (tmp_path / "bad.md").write_text("---\ntitle: 'A\n---\nx")
    keep(run(blog, tmp_path), str(tmp_path))
    page = root.get("/studio/import").text
    assert "&lt;b&gt;.md, line 5: there is no picture gone.png" in page
    assert f"<li>{tmp_path}/bad.md, line 2: has front matter that cannot be read" in page
    assert '<tr><th scope="row">Posts</th><td>1</td><td>1</td></tr>' in page
    keep(Report())
    assert "gone.png" not in root.read("/studio/import")


def test_a_dry_run_is_not_kept_and_a_long_report_is_cut(blog: Any) -> None:
    report = Report()
    for number in range(MOST_REMARKS + 5):
        report.note(Topic.CHECK, f"{number}.md", "look")
    report.count(Item.POST, Outcome.NEW, 3)
    keep(report)
    keep(Report(is_dry=True))
    kept = last_report(session())
    assert kept is not None
    assert (kept.counts, len(kept.remarks), kept.left_off) == ({"posts": {"new": 3}}, MOST_REMARKS, 5)
    assert "5 more entries are not shown." in blog.visitor("root", "administrator").read("/studio/import")


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_only_administrators_see_it(blog: Any) -> None:
    for name, role in (("ed", "editor"), ("al", "author")):
        assert blog.visitor(name, role).get("/studio/import").status_code == 403


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_the_settings_are_read_without_it(blog: Any) -> None:
    keep(Report())
    assert site_settings.stored_value("last_import") is None
