"""Finding the post of a file whose folder was moved, copied or shared. On every engine."""

import shutil
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from import_reports import counted, printed
from qingbo.database import writing
from qingbo.extensions import session
from qingbo.imports.listing import list_files
from qingbo.imports.markdown_folder import import_folder
from qingbo.imports.models import ImportedFile
from qingbo.imports.options import DateFrom, Options
from qingbo.imports.report import Item, Outcome, Report, Topic
from qingbo.posts.bin import delete_post
from qingbo.posts.models import Post
from qingbo.posts.publishing import Draft, update_post

pytestmark = pytest.mark.sqlite_first


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "posts", dated="---\ntitle: Dated\ndate: 2020-01-02\n---\nx", about="# About\n\nme")


@pytest.fixture
def run(blog: Any) -> Any:
    def run(folder: Path, name: str = "ann", **options: Any) -> Report:
        with writing():
            author = blog.user(name)
            options.setdefault("date_from", DateFrom.NOW)
            return import_folder(session(), list_files(folder), author, ZoneInfo("UTC"), Options(**options))

    return run


def write(folder: Path, **texts: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.md").write_text(text)
    return folder


def posts() -> dict[str, str]:
    session().expire_all()
    return {post.slug: post.text for post in session().scalars(sa.select(Post))}


def move(folder: Path) -> Path:
    return folder.rename(folder.with_name("moved"))


def post_at(slug: str) -> Post:
    return session().scalars(sa.select(Post).where(Post.slug == slug)).one()


def change_here(slug: str, text: str) -> None:
    with writing():
        post = post_at(slug)
        update_post(session(), post, Draft(post.title, text, [], post.published_at))
        session().commit()


def test_a_folder_that_was_moved_holds_the_same_posts(run: Any, folder: Path) -> None:
    run(folder)
    moved = move(folder)
    assert counted(run(moved)) == {"unchanged": 2}
    (moved / "about.md").write_text("# About\n\nmore of me")
    (moved / "dated.md").write_text("---\ntitle: Dated\ndate: 2020-01-02\n---\nnew")
    report = run(moved)
    assert (counted(report), report.about(Topic.CHECK)) == ({"updated": 2}, [])
    assert posts() == {"dated": "new", "about": "more of me"}


def test_a_copy_of_a_folder_doubles_nothing_whichever_is_imported(run: Any, folder: Path) -> None:
    run(folder)
    copy = Path(shutil.copytree(folder, folder.with_name("copy")))
    assert counted(run(copy)) == {"unchanged": 2}
    (folder / "about.md").write_text("# About\n\nin the first")
    assert counted(run(folder)) == {"updated": 1, "unchanged": 1}
    (copy / "about.md").write_text("# About\n\nin the copy")
    report = run(copy)
    assert "--overwrite" in report.about(Topic.LEFT_OUT)[0].text
    assert posts()["about"] == "in the first"


def test_a_file_that_was_moved_and_changed_is_known_by_slug_and_date(run: Any, folder: Path) -> None:
    run(folder)
    moved = move(folder)
    (moved / "dated.md").write_text("---\ntitle: Dated\ndate: 2020-01-02\n---\nnew")
    assert counted(run(moved)) == {"unchanged": 1, "updated": 1}
    assert posts()["dated"] == "new"


def test_in_doubt_a_file_is_imported_as_new_and_the_report_says_so(run: Any, folder: Path) -> None:
    run(folder)
    other = write(folder.with_name("other"), about="# About\n\nsomebody else")
    report = run(other)
    assert counted(report) == {"new": 1}
    assert printed(report, Topic.CHECK)[0] == (
        f"{other}/about.md: it is imported as new, but {folder}/about.md has the same path in its folder;"
        " is it the same file?"
    )
    assert posts() == {"dated": "x", "about": "me", "about-2": "somebody else"}
    assert counted(run(other)) == {"unchanged": 1}
    assert counted(run(folder)) == {"unchanged": 2}


@pytest.mark.parametrize(
    "text", ["---\ntitle: Dated\ndate: 2021-01-02\n---\ny", "---\ntitle: Other\ndate: 2020-01-02\n---\ny"]
)
def test_slug_or_date_alone_is_not_enough(run: Any, folder: Path, text: str) -> None:
    run(folder)
    report = run(write(folder.with_name("other"), dated=text))
    assert counted(report) == {"new": 1}
    assert len(report.about(Topic.CHECK)) == 1


def test_another_path_in_the_folder_is_another_file(run: Any, folder: Path) -> None:
    run(folder)
    write(folder / "deep", about="# About\n\nme")
    assert counted(run(folder)) == {"unchanged": 2, "new": 1}
    assert counted(run(move(folder))) == {"unchanged": 3}


def test_a_file_that_was_renamed_in_a_copy_of_the_folder_is_the_same(run: Any, folder: Path) -> None:
    run(folder)
    copy = write(folder.with_name("copy") / "deep", about="# About\n\nme").parent
    write(copy, renamed="---\ntitle: Dated\ndate: 2020-01-02\n---\nnew")
    assert counted(run(copy)) == {"unchanged": 1, "updated": 1}
    assert posts() == {"about": "me", "dated": "new"}
    write(copy, about="# About\n\nme")
    assert counted(run(copy)) == {"unchanged": 3}
    assert len(posts()) == 2


def test_a_copy_of_a_file_beside_it_is_another_file(run: Any, folder: Path) -> None:
    run(folder)
    write(folder, copied="# About\n\nme")
    assert counted(run(folder)) == {"unchanged": 2, "new": 1}


def test_a_file_that_was_renamed_where_it_is_stays_the_same(run: Any, folder: Path) -> None:
    run(folder)
    (folder / "about.md").rename(folder / "renamed.md")
    (folder / "dated.md").write_text("---\ntitle: Dated\ndate: 2020-01-02\n---\nnew")
    (folder / "dated.md").rename(folder / "2020.md")
    report = run(folder)
    assert (counted(report), report.about(Topic.CHECK)) == ({"unchanged": 1, "updated": 1}, [])
    assert posts() == {"about": "me", "dated": "new"}


def test_the_same_file_of_another_author_is_another_post(run: Any, folder: Path) -> None:
    run(folder)
    assert counted(run(write(folder.with_name("bobs"), about="# About\n\nme"), name="bob")) == {"new": 1}


def test_another_file_at_the_same_place_does_not_overwrite_a_post(run: Any, folder: Path) -> None:
    run(folder)
    (folder / "dated.md").write_text("---\ntitle: Of another blog\ndate: 2021-05-05\n---\ny")
    report = run(folder)
    assert counted(report) == {"unchanged": 1, "new": 1}
    assert "from its place another file was imported, “Dated”" in report.about(Topic.CHECK)[0].text
    assert posts() == {"dated": "x", "about": "me", "of-another-blog": "y"}
    assert counted(run(folder)) == {"unchanged": 2}


def test_what_was_deleted_here_stays_deleted_after_a_move(run: Any, folder: Path) -> None:
    run(folder)
    with writing():
        delete_post(session(), post_at("dated"))
        session().commit()
    assert counted(run(move(folder))) == {"unchanged": 1, "deleted here": 1}


def test_a_post_changed_here_is_not_overwritten_after_a_move(run: Any, folder: Path) -> None:
    run(folder)
    change_here("dated", "mine")
    moved = move(folder)
    (moved / "dated.md").write_text("---\ntitle: Dated\ndate: 2020-01-02\n---\ntheirs")
    report = run(moved)
    assert "--overwrite" in report.about(Topic.LEFT_OUT)[0].text
    assert posts()["dated"] == "mine"
    assert run(moved, overwrite=True).counts[Item.POST][Outcome.UPDATED] == 1
    assert posts()["dated"] == "theirs"


def test_files_imported_by_an_older_version_are_known_where_they_are_and_after_a_move(run: Any, folder: Path) -> None:
    write(folder / "deep", about="# About\n\nme")
    run(folder)
    for known in session().scalars(sa.select(ImportedFile)):
        known.path = known.path.replace("/./", "/")  # as they were kept
    session().commit()
    (folder / "dated.md").write_text("---\ntitle: Renamed\ndate: 2020-01-02\n---\nx")
    assert counted(run(folder)) == {"unchanged": 2, "updated": 1}
    for known in session().scalars(sa.select(ImportedFile)):
        assert "/posts/./" in known.path
        known.path = known.path.replace("/./", "/")
    session().commit()
    assert counted(run(move(folder))) == {"unchanged": 3}
    assert len(posts()) == 3


def test_a_folder_below_is_the_same_files(run: Any, folder: Path) -> None:
    write(folder / "deep", note="# Note\n\nx")
    run(folder)
    (folder / "deep/note.md").write_text("# Note\n\ny")
    assert counted(run(folder / "deep")) == {"updated": 1}
    assert counted(run(folder)) == {"unchanged": 3}
