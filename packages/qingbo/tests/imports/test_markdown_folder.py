"""Importing a folder: no duplicates, changed files are updated, nothing is lost. On every engine."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from import_reports import counted, printed
from qingbo.clock import now
from qingbo.database import writing
from qingbo.extensions import session
from qingbo.imports.listing import list_files
from qingbo.imports.markdown_folder import import_folder
from qingbo.imports.options import DateFrom, Options
from qingbo.imports.report import Item, Outcome, Report, Topic
from qingbo.posts.bin import delete_post
from qingbo.posts.models import Post
from qingbo.posts.publishing import Draft, update_post

pytestmark = pytest.mark.sqlite_first


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
            options.setdefault("date_from", DateFrom.NOW)
            return import_folder(session(), list_files(folder), blog.user("ann"), ZoneInfo("UTC"), Options(**options))

    return run


def posts() -> list[Post]:
    session().expire_all()
    return list(session().scalars(sa.select(Post).order_by(Post.published_at)))


def test_every_file_becomes_a_post_in_natural_order(run: Any) -> None:
    report = run()
    assert counted(report) == {"new": 5}
    assert [post.title for post in posts()] == ["Dated", "第 1 期", "第 2 期", "第 9 期", "第 10 期"]
    assert [post.slug for post in posts()] == ["old-slug", "di-1-qi", "di-2-qi", "di-9-qi", "di-10-qi"]
    assert posts()[-1].text == "Text 10 🎉"


def test_again_nothing_is_new(run: Any) -> None:
    run()
    before = [(post.id, post.updated_at) for post in posts()]
    assert counted(run()) == {"unchanged": 5}
    assert [(post.id, post.updated_at) for post in posts()] == before


def test_what_changed_is_updated_and_keeps_its_address_and_date(run: Any, folder: Path) -> None:
    run()
    before = {post.slug: post.published_at for post in posts()}
    (folder / "issue-2.md").write_text("# New title\n\nNew text")
    assert counted(run()) == {"unchanged": 4, "updated": 1}
    changed = next(post for post in posts() if post.slug == "di-2-qi")
    assert (changed.title, changed.text, changed.published_at) == ("New title", "New text", before["di-2-qi"])


def test_what_was_changed_here_is_not_overwritten_unless_asked(run: Any, folder: Path) -> None:
    run()
    with writing():
        post = session().scalars(sa.select(Post).where(Post.slug == "di-2-qi")).one()
        update_post(session(), post, Draft("Mine", "My words", [], post.published_at))
        session().commit()
    assert counted(run()) == {"unchanged": 5}
    (folder / "issue-2.md").write_text("# Theirs\n\nTheir words")
    report = run()
    assert [Path(remark.source).name for remark in report.about(Topic.LEFT_OUT)] == ["issue-2.md"]
    assert "--overwrite" in report.about(Topic.LEFT_OUT)[0].text
    assert next(post for post in posts() if post.slug == "di-2-qi").text == "My words"
    assert run(overwrite=True).counts[Item.POST][Outcome.UPDATED] == 1
    assert next(post for post in posts() if post.slug == "di-2-qi").text == "Their words"


def test_what_was_deleted_here_stays_deleted(run: Any) -> None:
    run()
    with writing():
        delete_post(session(), session().scalars(sa.select(Post).where(Post.slug == "di-2-qi")).one())
        session().commit()
    assert counted(run()) == {"unchanged": 4, "deleted here": 1}
    assert len(posts()) == 4


def test_a_bad_file_is_named_and_the_rest_comes_in(run: Any, folder: Path) -> None:
    (folder / "issue-3.md").write_bytes(b"\xff")
    (folder / "issue-4.md").write_text("# Only a title\n")
    (folder / "issue-5.md").write_text(f"# {'x' * 300}\n\ntext")
    (folder / "issue-6.md").write_text("---\ntitle: x\ndate: never\n---\ntext")
    report = run()
    assert report.counts[Item.POST][Outcome.NEW] == 5
    assert {Path(remark.source).name: remark.text for remark in report.about(Topic.LEFT_OUT)} == {
        "issue-3.md": "is not UTF-8 (byte 0), and its encoding was not recognised",
        "issue-4.md": "The text can’t be empty.",
        "issue-5.md": "Titles can have up to 255 characters (yours has 300).",
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


def one(slug: str) -> Post:
    session().expire_all()
    return session().scalars(sa.select(Post).where(Post.slug == slug)).one()


def change_here(slug: str, text: str, published_at: datetime | None) -> None:
    with writing():
        post = one(slug)
        update_post(session(), post, Draft(post.title, text, [], published_at))
        session().commit()


def test_what_is_withheld_becomes_a_draft_and_the_report_says_why(run: Any, folder: Path) -> None:
    (folder / "_drafts").mkdir()
    (folder / "_drafts/idea.md").write_text("# Idea\n\ntext")
    (folder / "secret.md").write_text("---\ntitle: Secret\npassword: abc\n---\ntext")
    (folder / "later.md").write_text("---\ntitle: Later\npublishDate: 2999-01-02 08:00\n---\ntext")
    report = run()
    assert report.counts[Item.POST][Outcome.NEW] == 8
    assert printed(report, Topic.DRAFT) == [
        f"{folder}/_drafts/idea.md: it is in the folder _drafts",
        f"{folder}/secret.md: it has a password",
    ]
    assert printed(report, Topic.SCHEDULED) == [f"{folder}/later.md: becomes public on 2999-01-02 08:00"]
    assert (one("idea").published_at, one("secret").published_at) == (None, None)
    assert one("later").published_at == datetime(2999, 1, 2, 8, tzinfo=UTC)
    assert run().about(Topic.DRAFT) == []


def test_a_draft_that_was_published_here_stays_public(run: Any, folder: Path) -> None:
    (folder / "d.md").write_text("---\ntitle: D\ndraft: true\n---\ntext")
    run()
    change_here("d", "text", now())
    assert run().about(Topic.CHECK) == []
    (folder / "d.md").write_text("---\ntitle: D\ndraft: true\n---\nnew")
    assert "--overwrite" in run().about(Topic.LEFT_OUT)[0].text
    report = run(overwrite=True)
    assert "stays public, because it was published here, although draft: true" in report.about(Topic.CHECK)[0].text
    assert (one("d").text, one("d").published_at is None) == ("new", False)


def test_a_post_that_was_taken_back_here_stays_a_draft(run: Any, folder: Path) -> None:
    run()
    change_here("di-2-qi", "text", None)
    (folder / "issue-2.md").write_text("# 第 2 期\n\nnew")
    assert "stays a draft, because it was unpublished here" in run(overwrite=True).about(Topic.CHECK)[0].text
    assert (one("di-2-qi").text, one("di-2-qi").published_at) == ("new", None)


def test_a_file_that_becomes_a_draft_takes_its_post_back(run: Any, folder: Path) -> None:
    run()
    published_at = one("di-2-qi").published_at
    (folder / "issue-2.md").write_text("---\ntitle: 第 2 期\ndraft: true\n---\ntext")
    assert [remark.text for remark in run().about(Topic.DRAFT)] == ["draft: true"]
    assert one("di-2-qi").published_at is None
    (folder / "issue-2.md").write_text("---\ntitle: 第 2 期\n---\ntext")
    run()
    assert one("di-2-qi").published_at == published_at


def test_a_withheld_file_that_an_older_version_published_is_reported(run: Any, folder: Path) -> None:
    (folder / "h.md").write_text("---\ntitle: H\nhidden: true\n---\ntext")
    (folder / "raw.md").write_text("\n\n---\ntitle: Raw\n---\ntext")
    run()
    old = datetime(2020, 1, 1, tzinfo=UTC)
    with writing():
        shown = {"published_at": old, "first_published_at": old}
        session().execute(sa.update(Post).where(Post.slug == "h").values(shown))
        raw = {"title": "raw", "text": "---\ntitle: Raw\n---\ntext"}
        session().execute(sa.update(Post).where(Post.slug == "raw").values(raw))
        session().commit()
    report = run()
    assert counted(report) == {"unchanged": 7}
    remedy = "import again with --overwrite to take the file as it is"
    assert [(remark.text, remark.hint) for remark in report.about(Topic.CHECK)] == [
        ("its post is public, although hidden: true", remedy),
        ("its post has another title or text than this version of Qingbo reads in the file", remedy),
    ]
    assert one("h").published_at == old
    report = run(overwrite=True)
    assert counted(report) == {"unchanged": 5, "updated": 2}
    assert (one("h").published_at, one("raw").text) == (None, "text")


def test_a_post_whose_file_cannot_be_read_any_more_is_named(run: Any, folder: Path) -> None:
    run()
    (folder / "issue-2.md").write_text("---\ntitle: 'No end\ndraft: true\n---\ntext")
    assert printed(run(), Topic.LEFT_OUT)[0] == (
        f"{folder}/issue-2.md, line 2: has front matter that cannot be read: “title: 'No end”; put a value that has a"
        ' colon, a bracket or a # in quotes: title: "Part 1: One"; its post from an earlier import is public here:'
        " /posts/di-2-qi"
    )


def test_when_a_file_changed_is_kept_and_the_post_counts_as_unchanged_here(run: Any, folder: Path) -> None:
    text = "---\ntitle: U\ndate: 2020-01-02\nupdated: {}\n---\ntext"
    (folder / "u.md").write_text(text.format("2021-02-03 04:05:06"))
    run()
    assert one("u").updated_at == datetime(2021, 2, 3, 4, 5, 6, tzinfo=UTC)
    assert run().counts[Item.POST][Outcome.UNCHANGED] == 6
    (folder / "u.md").write_text(text.format("2019-01-01"))
    assert run().counts[Item.POST][Outcome.UPDATED] == 1
    assert one("u").updated_at == datetime(2020, 1, 2, tzinfo=UTC)
    change_here("u", "mine", one("u").published_at)
    (folder / "u.md").write_text(text.format("2021-01-01"))
    assert "--overwrite" in run().about(Topic.LEFT_OUT)[0].text


@pytest.mark.parametrize(
    ("lines", "text", "summary", "excerpt"),
    [
        ("summary: A *short* one", "text", "A short one", "A short one"),
        ("description: >\n  Over\n  two lines", "text", "Over two lines", "Over two lines"),
        ("excerpt: 甲\nsummary: 乙\ndescription: 丙", "text", "甲", "甲"),
        ("excerpt: true\ndescription: 丙", "text", "丙", "丙"),
        ("excerpt:\n", "first\n\n<!--more-->\n\nsecond", None, "first"),
        ("description: [a, b]", "text", None, "text"),
        (f"summary: {'字' * 500}", "text", "字" * 399 + "…", "字" * 399 + "…"),
    ],
)
@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_front_matter_decides_the_excerpt(
    run: Any, folder: Path, lines: str, text: str, summary: str | None, excerpt: str
) -> None:
    (folder / "a.md").write_text(f"---\ntitle: Chosen\n{lines}\n---\n{text}")
    run()
    (post,) = (post for post in posts() if post.title == "Chosen")
    assert (post.summary, post.excerpt) == (summary, excerpt)


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_an_excerpt_that_left_the_file_leaves_the_post_unless_somebody_wrote_one_here(run: Any, folder: Path) -> None:
    for number, edit in ((1, False), (2, True)):
        path = folder / f"issue-{number}.md"
        path.write_text(f"---\ntitle: t{number}\nsummary: old\n---\ntext")
        run()
        (post,) = (post for post in posts() if post.title == f"t{number}")
        if edit:
            post.summary, post.updated_at = "mine", now()
            session().commit()
        path.write_text(f"---\ntitle: t{number}\n---\nother")
        run(overwrite=True)
        (post,) = (post for post in posts() if post.title == f"t{number}")
        assert post.summary == ("mine" if edit else None)
