"""A dry run prints what an import would do, and changes nothing. On every engine."""

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sample_media as samples
import sqlalchemy as sa
from import_reports import counted, printed
from qingbo.database import Base, writing
from qingbo.extensions import session
from qingbo.imports.listing import list_files
from qingbo.imports.markdown_folder import import_folder
from qingbo.imports.options import DateFrom, Options
from qingbo.imports.report import Item, Report, Topic

pytestmark = pytest.mark.sqlite_first


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "posts"
    folder.mkdir()
    (folder / "a.png").write_bytes(samples.png(9, 9))
    (folder / "a.md").write_text("---\ntitle: A\ntags: [x, y]\n---\n![a](a.png) ![b](gone.png)")
    (folder / "b.md").write_text("---\ntitle: A\ntags: [x]\ndraft: true\n---\n![a](a.png)")
    (folder / "c.md").write_text("---\ntitle: 'C\n---\ntext")
    return folder


def run(blog: Any, folder: Path, **options: Any) -> Report:
    with writing():
        author = blog.user("ann")
        options.setdefault("date_from", DateFrom.NOW)
        return import_folder(session(), list_files(folder), author, ZoneInfo("UTC"), Options(**options))


def rows() -> dict[str, list[Any]]:
    session().rollback()
    return {table.name: sorted(map(repr, session().execute(sa.select(table)))) for table in Base.metadata.sorted_tables}


def media_files(blog: Any) -> list[Path]:
    return [path for path in blog.app.extensions["qingbo_home"].media.rglob("*") if path.is_file()]


def test_a_dry_run_reports_the_same_and_changes_nothing(blog: Any, folder: Path) -> None:
    blog.user("ann")
    before = rows()
    dry = run(blog, folder, is_dry=True)
    assert rows() == before
    assert media_files(blog) == []
    real = run(blog, folder)
    assert dry.is_dry
    assert (dry.counts, dry.remarks) == (real.counts, real.remarks)
    assert counted(real) == {"new": 2, "left out": 1}
    assert (counted(real, Item.TAG), counted(real, Item.PICTURE)) == ({"new": 2}, {"new": 1})
    assert printed(real, Topic.MISSING) == [f"{folder}/a.md, line 5: there is no picture gone.png"]
    assert len(media_files(blog)) == 1


def test_a_dry_run_of_a_change_changes_nothing(blog: Any, folder: Path) -> None:
    run(blog, folder)
    moved = folder.rename(folder.with_name("moved"))
    (moved / "a.md").write_text("---\ntitle: A\ntags: [x, z]\n---\nnew")
    (moved / "b.md").unlink()
    before = rows()
    dry = run(blog, moved, is_dry=True)
    assert rows() == before
    assert (counted(dry), counted(dry, Item.TAG)) == ({"new": 1, "left out": 1}, {"unchanged": 1, "new": 1})


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_an_old_address_of_two_files_is_reported_in_a_dry_run_too(blog: Any, tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.md").write_text(f"---\ntitle: {name}\naliases: /one/\n---\ntext")
    dry, real = run(blog, tmp_path, is_dry=True), run(blog, tmp_path)
    (line,) = printed(dry, Topic.CHECK)
    assert line.startswith(f"{tmp_path}/b.md: its old address /one/ does not redirect")
    assert (dry.counts, dry.remarks) == (real.counts, real.remarks)
