"""A folder becomes posts: nothing twice, what changed updated, nothing lost. On every engine."""

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from qingbo.database import writing
from qingbo.extensions import session
from qingbo.imports.markdown_folder import Report, import_files, markdown_files
from qingbo.posts.models import Post
from qingbo.posts.publishing import Draft, delete_post, update_post


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "posts"
    (folder / "deep").mkdir(parents=True)
    for number in (1, 2, 9, 10):
        (folder / f"issue-{number}.md").write_text(f"# 第 {number} 期\n\nText {number} 🎉\n")
    (folder / "deep/dated.markdown").write_text(
        "---\ntitle: Dated\ndate: 2020-01-02\ntags: [a]\nslug: old-slug\n---\nx"
    )
    (folder / ".hidden.md").write_text("# Hidden")
    (folder / "notes.txt").write_text("# Not Markdown")
    return folder


@pytest.fixture
def run(blog: Any, folder: Path) -> Any:
    def run(**options: Any) -> Report:
        with writing():
            return import_files(session(), markdown_files(folder), blog.user("ann"), ZoneInfo("UTC"), **options)

    return run


def posts() -> list[Post]:
    session().expire_all()
    return list(session().scalars(sa.select(Post).order_by(Post.published_at)))


def test_every_file_becomes_a_post_in_natural_order(run: Any) -> None:
    report = run()
    assert dict(report.counts) == {"new": 5}
    assert [post.title for post in posts()] == ["Dated", "第 1 期", "第 2 期", "第 9 期", "第 10 期"]
    assert [post.slug for post in posts()] == ["old-slug", "di-1-qi", "di-2-qi", "di-9-qi", "di-10-qi"]
    assert posts()[-1].text == "Text 10 🎉"


def test_again_nothing_is_new(run: Any) -> None:
    run()
    before = [(post.id, post.updated_at) for post in posts()]
    assert dict(run().counts) == {"unchanged": 5}
    assert [(post.id, post.updated_at) for post in posts()] == before


def test_what_changed_is_updated_and_keeps_its_address_and_date(run: Any, folder: Path) -> None:
    run()
    before = {post.slug: post.published_at for post in posts()}
    (folder / "issue-2.md").write_text("# New title\n\nNew text")
    assert dict(run().counts) == {"unchanged": 4, "updated": 1}
    changed = next(post for post in posts() if post.slug == "di-2-qi")
    assert (changed.title, changed.text, changed.published_at) == ("New title", "New text", before["di-2-qi"])


def test_what_was_changed_here_is_not_overwritten_unless_asked(run: Any, folder: Path) -> None:
    run()
    with writing():
        post = session().scalars(sa.select(Post).where(Post.slug == "di-2-qi")).one()
        update_post(session(), post, Draft("Mine", "My words", [], post.published_at))
        session().commit()
    assert dict(run().counts) == {"unchanged": 5}
    (folder / "issue-2.md").write_text("# Theirs\n\nTheir words")
    report = run()
    assert [problem.path.name for problem in report.problems] == ["issue-2.md"]
    assert "--overwrite" in report.problems[0].reason
    assert next(post for post in posts() if post.slug == "di-2-qi").text == "My words"
    assert run(overwrite=True).counts["updated"] == 1
    assert next(post for post in posts() if post.slug == "di-2-qi").text == "Their words"


def test_what_was_deleted_here_stays_deleted(run: Any) -> None:
    run()
    with writing():
        delete_post(session(), session().scalars(sa.select(Post).where(Post.slug == "di-2-qi")).one())
        session().commit()
    assert dict(run().counts) == {"unchanged": 4, "deleted here": 1}
    assert len(posts()) == 4


def test_a_bad_file_is_named_and_the_rest_comes_in(run: Any, folder: Path) -> None:
    (folder / "issue-3.md").write_bytes(b"\xff\xfe")
    (folder / "issue-4.md").write_text("# Only a title\n")
    (folder / "issue-5.md").write_text(f"# {'x' * 300}\n\ntext")
    (folder / "issue-6.md").write_text("---\ntitle: x\ndate: never\n---\ntext")
    report = run()
    assert report.counts["new"] == 5
    assert {problem.path.name: problem.reason for problem in report.problems} == {
        "issue-3.md": "is not UTF-8 (byte 0)",
        "issue-4.md": "A post needs a text.",
        "issue-5.md": "The title has 300 characters; at most 255 fit.",
        "issue-6.md": "has a date that cannot be read: 'never'",
    }


def test_a_draft_stays_one_until_the_file_says_otherwise(run: Any, folder: Path) -> None:
    (folder / "draft.md").write_text("---\ntitle: D\ndraft: true\n---\ntext")
    run()
    draft = session().scalars(sa.select(Post).where(Post.slug == "d")).one()
    assert draft.published_at is None
    (folder / "draft.md").write_text("---\ntitle: D\n---\ntext")
    run()
    session().refresh(draft)
    assert draft.published_at is not None
