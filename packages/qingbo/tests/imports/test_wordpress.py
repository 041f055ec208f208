"""Importing an export file of WordPress. On every engine."""

import base64
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sample_media as samples
import sqlalchemy as sa
from import_reports import counted, printed
from qingbo.accounts.models import User
from qingbo.comments.models import Comment
from qingbo.comments.moderation import delete_comment
from qingbo.database import Base, writing
from qingbo.extensions import session
from qingbo.imports.report import Item, Report, Topic
from qingbo.imports.systems.importing import Choices
from qingbo.imports.wordpress.importing import import_wordpress, read_overview
from qingbo.posts.bin import delete_post
from qingbo.posts.models import Post, Tag
from qingbo.posts.publishing import Draft, update_post
from qingbo.posts.states import State, state_of
from web_server import page, web_server
from wordpress_files import WordPress, comment

pytestmark = pytest.mark.sqlite_first


@pytest.fixture
def run(blog: Any, tmp_path: Path) -> Any:
    def run(wordpress: WordPress, fetcher: Any = None, **choices: Any) -> Report:
        file = tmp_path / "blog.xml"
        file.write_text(str(wordpress))
        with writing():
            session().rollback()
            return import_wordpress(
                session(), file, read_overview(file), ZoneInfo("UTC"), Choices(**choices), fetcher=fetcher
            )

    return run


def small() -> WordPress:
    wordpress = WordPress()
    wordpress.author("ann", 1)
    wordpress.author("bob", 2, display_name="Bob B.", email="")
    wordpress.category("travel", "Travel", description="On the way")
    wordpress.category("asia", "亚洲", parent="travel")
    wordpress.category("empty", "Empty")
    wordpress.tag("tea", "Tea")
    terms = [("category", "asia", "亚洲"), ("post_tag", "tea", "Tea"), ("category", "uncategorized", "Uncategorized")]
    comments = [
        comment(1, "First"), comment(2, "A reply", parent=1, user_id=1), comment(3, "Its reply", parent=2),
        comment(4, "Waits", approved="0"), comment(5, "Buy", approved="spam"), comment(6, "Gone", approved="trash"),
        comment(7, "ping", type="pingback"),
    ]  # fmt: skip
    wordpress.item(10, "Hello &amp; bye", "One\ntwo\n\n<strong>three</strong>", terms=terms, comments=comments)
    wordpress.item(11, "About", "Me", post_type="page", link="https://old.example/about-me/", creator="bob")
    wordpress.item(12, "Draft", "x", status="draft", post_date_gmt="0000-00-00 00:00:00")
    wordpress.item(13, "Secret", "x", post_password="abc")
    wordpress.item(14, "Mine", "x", status="private")
    wordpress.item(15, "Later", "x", status="future", post_date_gmt="2099-01-01 00:00:00")
    wordpress.item(16, "Old", "x", status="trash")
    wordpress.item(17, "Pinned", "x", is_sticky=1, creator="bob", excerpt="In <b>short</b>")
    wordpress.item(18, post_type="nav_menu_item")
    return wordpress


def posts() -> dict[str, Post]:
    session().expire_all()
    return {post.title: post for post in session().scalars(sa.select(Post).options(sa.orm.joinedload(Post.author)))}


def comments() -> dict[str, Comment]:
    session().expire_all()
    return {each.text: each for each in session().scalars(sa.select(Comment))}


def counts(report: Report) -> dict[str, dict[str, int]]:
    return {item.value: found for item in Item if (found := counted(report, item))}


def test_everything_in_a_file_comes_and_is_counted(run: Any) -> None:
    report = run(small())
    assert counts(report) == {
        "posts": {"new": 6, "skipped": 1},
        "pages": {"new": 1},
        "tags": {"new": 2},
        "categories": {"new": 1, "skipped": 2},
        "comments": {"new": 5, "skipped": 2},
        "users": {"new": 2},
        "redirects": {"new": 20},
    }
    assert printed(report, Topic.DRAFT) == [
        "blog.xml, post 12 “Draft”, line 25: it is a draft there",
        "blog.xml, post 13 “Secret”, line 26: it has a password there, which posts cannot have here",
    ]
    assert report.is_complete


def test_withheld_posts_stay_withheld(run: Any) -> None:
    run(small())
    states = {title: state_of(post) for title, post in posts().items()}
    assert states == {
        "Hello & bye": State.PUBLISHED, "About": State.UNLISTED, "Draft": State.DRAFT, "Secret": State.DRAFT,
        "Mine": State.PRIVATE, "Later": State.SCHEDULED, "Pinned": State.PUBLISHED,
    }  # fmt: skip


def test_a_post_has_its_text_dates_author_tags_and_summary(run: Any) -> None:
    run(small())
    found = posts()
    post = found["Hello & bye"]
    assert (post.text, post.slug, post.author.name) == ("One\\\ntwo\n\n**three**", "post-10", "ann")
    assert post.published_at == datetime(2020, 3, 1, 10, tzinfo=UTC)
    assert (post.created_at, post.updated_at) == (post.published_at, datetime(2020, 3, 2, 10, tzinfo=UTC))
    assert {tag.name: tag.description for tag in session().scalars(sa.select(Tag))} == {"Tea": "", "亚洲": ""}
    assert (found["About"].kind, found["About"].author.shown_name) == ("page", "Bob B.")
    assert (found["Pinned"].summary, found["Pinned"].pinned_at is not None) == ("In short", True)


def test_comments_keep_threads_states_and_writers(run: Any) -> None:
    run(small())
    found = comments()
    top = found["First"]
    assert {text: each.state for text, each in found.items()} == {
        "First": "shown", "A reply": "shown", "Its reply": "shown", "Waits": "held", "Buy": "spam",
    }  # fmt: skip
    assert (found["A reply"].parent_id, found["Its reply"].parent_id, top.parent_id) == (top.id, top.id, None)
    ann = session().scalars(sa.select(User).where(User.name == "ann")).one()
    assert (found["A reply"].author_id, top.guest_name, top.guest_email) == (ann.id, "Guest", "guest@example.org")
    assert top.created_at == datetime(2020, 3, 3, 10, tzinfo=UTC)


def test_old_addresses_redirect(run: Any, blog: Any) -> None:
    run(small())
    for old, new in {
        "/2020/03/post-10/": "/posts/post-10",
        "/?p=10": "/posts/post-10",
        "/about-me/": "/post-11",
        "/?page_id=11": "/post-11",
        "/category/travel/asia/": "/tags/ya-zhou",
        "/tag/tea/": "/tags/tea",
        "/author/bob/": "/users/bob",
    }.items():
        answer = blog.visitor().get(old, follow_redirects=True)
        assert (answer.status_code, answer.request.path) == (200, new), old
    assert blog.visitor().get("/?p=12").status_code == 200  # of a draft: the home page


def test_a_year_without_pages_makes_a_draft(run: Any) -> None:
    wordpress = WordPress()
    wordpress.author("ann", 1)
    long_ago = {"post_date_gmt": "0001-02-03 00:00:00", "post_modified_gmt": "0001-02-03 00:00:00"}
    written = comment(1, "First", date_gmt="0001-02-03 00:00:00")
    wordpress.item(10, "T", "x", comments=[written], **long_ago)
    report = run(wordpress)
    assert (posts()["T"].published_at, posts()["T"].created_at.year > 2000) == (None, True)
    assert printed(report, Topic.DRAFT) == ["blog.xml, post 10 “T”, line 15: there are no pages for its year, 1"]
    assert comments()["First"].created_at.year > 2000


def test_a_second_import_brings_nothing_twice(run: Any) -> None:
    run(small())
    report = run(small())
    assert counts(report) == {
        "posts": {"unchanged": 6, "skipped": 1},
        "pages": {"unchanged": 1},
        "tags": {"unchanged": 2},
        "categories": {"unchanged": 1, "skipped": 2},
        "comments": {"unchanged": 5, "skipped": 2},
        "users": {"unchanged": 2},
        "redirects": {"unchanged": 20},
    }


def test_a_dry_run_reports_the_same_and_keeps_nothing(run: Any) -> None:
    def rows() -> dict[str, int]:
        session().rollback()
        return {
            table.name: session().scalar(sa.select(sa.func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }

    before = rows()
    dry = run(small(), is_dry=True)
    assert rows() == before
    real = run(small())
    assert (counts(dry), dry.remarks) == (counts(real), real.remarks)


def edited(**values: Any) -> WordPress:
    wordpress = WordPress()
    wordpress.author("ann", 1)
    texts = values.pop("comments", {1: "First"})
    written = [comment(number, text) for number, text in texts.items()]
    wordpress.item(10, values.pop("title", "T"), values.pop("text", "old"), comments=written, **values)
    return wordpress


def change_here(title: str, text: str, date: Any = None) -> None:
    with writing():
        post = posts()[title]
        update_post(session(), post, Draft(title, text, [], date))
        session().commit()


def test_changes_there_arrive_and_changes_here_stay(run: Any) -> None:
    run(edited())
    report = run(edited(text="new", comments={1: "First, changed", 2: "Second"}))
    assert (counted(report), counted(report, Item.COMMENT)) == ({"updated": 1}, {"updated": 1, "new": 1})
    assert (posts()["T"].text, sorted(comments())) == ("new", ["First, changed", "Second"])
    change_here("T", "mine", posts()["T"].published_at)
    assert counted(run(edited(text="new", comments={}))) == {"unchanged": 1}
    report = run(edited(text="newer"))
    assert (posts()["T"].text, counted(report)) == ("mine", {"left out": 1})
    assert "changed there, and so did its post here" in printed(report, Topic.LEFT_OUT)[0]
    assert counted(run(edited(text="newer"), overwrite=True)) == {"updated": 1}
    assert posts()["T"].text == "newer"


def test_a_post_that_was_taken_back_here_is_not_published_again(run: Any) -> None:
    run(edited())
    change_here("T", "mine")
    report = run(edited(text="new"), overwrite=True)
    assert (posts()["T"].text, posts()["T"].published_at) == ("new", None)
    assert "was taken back here" in printed(report, Topic.CHECK)[0]


def test_deleted_posts_and_comments_do_not_come_back(run: Any) -> None:
    run(edited(comments={1: "First", 2: "Second"}))
    with writing():
        delete_comment(session(), comments()["First"])
        session().commit()
    report = run(edited(comments={1: "First, changed", 2: "Second"}))
    assert (counted(report, Item.COMMENT), sorted(comments())) == ({"deleted here": 1, "unchanged": 1}, ["Second"])
    with writing():
        delete_post(session(), posts()["T"])
        session().commit()
    report = run(edited(text="new"))
    assert (counted(report), posts()) == ({"deleted here": 1}, {})


def test_a_comment_that_was_hidden_here_stays_hidden(run: Any) -> None:
    run(edited())
    with writing():
        comments()["First"].state = "hidden"
        session().commit()
    run(edited(comments={1: "Changed"}))
    assert comments()["Changed"].state == "hidden"


def test_authors_become_existing_new_or_one_account(run: Any, blog: Any) -> None:
    cat = blog.user("cat")
    report = run(small(), people={"bob": cat})
    assert {title: post.author.name for title, post in posts().items() if title in {"Pinned", "Mine"}} == {
        "Pinned": "cat", "Mine": "ann",
    }  # fmt: skip
    assert (
        printed(report, Topic.CHECK)[0] == "blog.xml, user bob, line 15: bob is the account cat, which exists already"
    )
    ann = session().scalars(sa.select(User).where(User.name == "ann")).one()
    assert (ann.password, ann.email) == (None, "ann@old.example")


def test_one_account_can_take_all(run: Any, blog: Any) -> None:
    report = run(small(), everyone=blog.user("cat"))
    assert {post.author.name for post in posts().values()} == {"cat"}
    assert counted(report, Item.USER) == {}


def test_a_reader_who_took_an_authors_name_gets_none_of_the_posts(run: Any, blog: Any) -> None:
    blog.user("ann", role="reader")
    run(edited())
    assert posts()["T"].author.name == "ann-2"


def test_files_are_fetched_once_and_redirect(run: Any, blog: Any) -> None:
    wordpress = WordPress("http://old.example")
    wordpress.author("ann", 1)
    for number, name in enumerate(("tea", "cup", "gone")):
        wordpress.item(
            30 + number, name, post_type="attachment", status="inherit", link=f"http://old.example/{name}/",
            attachment_url=f"http://old.example/wp-content/uploads/{name}.png",
            metas={"_wp_attachment_image_alt": f"A {name}"},
        )  # fmt: skip
    wordpress.item(
        10, "T", '<img src="http://old.example/wp-content/uploads/tea-300x200.png" alt="x"> '
        '<a href="http://old.example/wp-content/uploads/tea.png">big</a>', metas={"_thumbnail_id": "31"},
    )  # fmt: skip
    with web_server() as server:
        for number, name in enumerate(("tea", "cup")):
            answer = page(samples.png(9 + number, 9), content_type="image/png")
            server.answers[f"old.example/wp-content/uploads/{name}.png"] = answer
        fetcher = server.fetcher()
        report = run(wordpress, fetcher, fetches=True)
        asked = len(server.requests)
        again = run(wordpress, fetcher, fetches=True)
        assert len(server.requests) == asked + 1  # the one that was missing
    assert counted(report, Item.ATTACHMENT) == {"new": 2, "left out": 1}
    assert counted(again, Item.ATTACHMENT) == {"unchanged": 2, "left out": 1}
    assert "gone.png: The answer is 404." in printed(report, Topic.MISSING)[0]
    text = posts()["T"].text
    address = text.partition("](")[2].partition(")")[0]
    assert text == f"![x]({address}) [big]({address})"
    assert '"cover": "/media/' in str(posts()["T"].parts)
    for old in ("/wp-content/uploads/tea.png", "/tea/"):
        assert blog.visitor().get(old, follow_redirects=True).request.path == address, old


def test_pictures_inside_a_text_are_stored(run: Any) -> None:
    data = base64.b64encode(samples.png(9, 9)).decode()
    text = f'<img src="data:image/png;base64,{data}" alt="x"> <img src="data:image/png;base64,AAAAAAAA">'
    report = run(edited(text=text))
    assert counted(report, Item.ATTACHMENT) == {"new": 1, "left out": 1}
    assert re.match(r"!\[x\]\(/media/\w+/\S+\.png\)", posts()["T"].text)
    assert "a picture inside the text: " in printed(report, Topic.MISSING)[0]
    assert "embedded.invalid" not in posts()["T"].text
    assert counted(run(edited(text=text))) == {"unchanged": 1}


def test_without_fetch_files_stay_and_are_listed(run: Any) -> None:
    wordpress = edited(text='<img src="https://old.example/a.png">')
    report = run(wordpress)
    assert posts()["T"].text == "![](https://old.example/a.png)"
    assert "1 file stays at the old blog: https://old.example/a.png" in printed(report, Topic.MISSING)[0]


def test_the_report_is_printed_and_a_broken_file_is_refused_with_its_line(blog: Any, tmp_path: Path) -> None:
    runner, file = blog.app.test_cli_runner(), tmp_path / "blog.xml"
    from qingbo.cli import main

    def call(*options: str) -> Any:
        session().rollback()
        return runner.invoke(main, ["--home", str(blog.home), "import", "wordpress", str(file), *options])

    file.write_text(str(small()))
    assert "Posts: 6 new, 1 skipped." in call("--dry-run").output
    assert posts() == {}
    assert call().exit_code == 0
    assert len(posts()) == 7
    file.write_text(str(small()).replace("</channel>", "</other>"))
    answer = call("--json")
    assert answer.exit_code == 1
    assert '"line": 32' in answer.output
    assert "the XML is broken at column 3: mismatched tag" in answer.output
    file.write_text(str(small()))
    assert call("--author", "nobody").exit_code == 1
