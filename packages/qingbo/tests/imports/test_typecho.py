"""Importing Typecho from its database, on SQLite and MariaDB."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sample_media as samples
import sqlalchemy as sa
from import_reports import counted, printed
from old_databases import TYPECHO, OldBlog, old_blog
from qingbo.accounts.models import User
from qingbo.cli import main
from qingbo.comments.models import Comment
from qingbo.database import writing
from qingbo.errors import SetupError
from qingbo.extensions import session
from qingbo.imports.report import Item, Report, Topic
from qingbo.imports.systems.databases import old_database
from qingbo.imports.systems.importing import Choices
from qingbo.imports.typecho.importing import import_typecho, tables_of
from qingbo.imports.typecho.options import file_path, options_of
from qingbo.imports.typecho.tables import NAMES, prefix_in
from qingbo.posts.models import Post
from qingbo.posts.states import State, state_of
from web_server import page, web_server

pytestmark = pytest.mark.slow

ROUTES = 'a:2:{s:5:"index";a:1:{s:3:"url";s:1:"/";}s:4:"post";a:1:{s:3:"url";s:21:"/archives/[slug].html";}}'
FILE = 'a:2:{s:4:"name";s:7:"tea.png";s:4:"path";s:28:"/usr/uploads/2020/03/tea.png";}'
NOON = 1583056800  # 2020-03-01 10:00 UTC


@pytest.fixture(params=["sqlite", pytest.param("mariadb", marks=pytest.mark.slow)])
def old(request: pytest.FixtureRequest, tmp_path: Path, worker_id: str) -> Iterator[OldBlog]:
    with old_blog(request.param, tmp_path, worker_id, "utf8mb4") as database:
        fill(database, "`" if request.param == "mariadb" else '"')
        yield database


@pytest.fixture
def run(blog: Any) -> Any:
    def run(old: OldBlog, fetcher: Any = None, **choices: Any) -> Report:
        with writing(), old_database(old.url) as database:
            session().rollback()
            return import_typecho(session(), database, tables_of(database), Choices(**choices), fetcher=fetcher)

    return run


def content(number: int, title: str, text: str, **values: Any) -> dict[str, Any]:
    return {
        "cid": number, "title": title, "slug": f"entry-{number}", "created": NOON, "modified": NOON + 60, "text": text,
        "order": 0, "authorId": 1, "type": "post", "status": "publish", "password": None, "commentsNum": 0, "parent": 0,
    } | values  # fmt: skip


def comment(number: int, text: str, **values: Any) -> dict[str, Any]:
    return {
        "coid": number, "cid": 1, "created": NOON + number, "author": "读者", "authorId": 0, "ownerId": 1,
        "mail": "reader@example.org", "text": text, "type": "comment", "status": "approved", "parent": 0,
    } | values  # fmt: skip


def fill(old: OldBlog, quote: str) -> None:
    old.run(TYPECHO.format("typecho_", quote))
    people = {"boss": ("老板", "administrator"), "reader": ("Reader", "subscriber")}
    old.add("typecho_users", *(
        {"uid": uid, "name": name, "mail": f"{name}@example.org", "url": None, "screenName": shown, "group": group}
        for uid, (name, (shown, group)) in enumerate(people.items(), 1)
    ))  # fmt: skip
    options = {"siteUrl": "http://old.example", "timezone": "28800", "routingTable": ROUTES, "theme": "x"}
    old.add("typecho_options", *({"name": name, "user": 0, "value": value} for name, value in options.items()))
    old.add("typecho_contents",
        content(1, "标题 😀", "<!--markdown-->一\n二\n\n```\na\nb\n```\n![茶](/usr/uploads/2020/03/tea.png)"),
        content(2, "Old HTML", "one\ntwo\n\n<b>three</b>"),
        content(3, "About", "<!--markdown-->me", type="page", slug="about-me"),
        content(4, "Draft", "<!--markdown-->x", type="post_draft"),
        content(5, "标题", "<!--markdown-->unsaved", type="post_draft", parent=1),
        content(6, "Hidden", "<!--markdown-->x", status="hidden"),
        content(7, "Private", "<!--markdown-->x", status="private"),
        content(8, "Waiting", "<!--markdown-->x", status="waiting"),
        content(9, "Locked", "<!--markdown-->x", password="abc"),
        content(10, "Later", "<!--markdown-->x", created=2100000000),
        content(11, "tea.png", FILE, type="attachment", slug="tea-png", parent=1),
    )  # fmt: skip
    old.add("typecho_metas",
        {"mid": 1, "name": "默认分类", "slug": "default", "type": "category", "description": "", "parent": 0},
        {"mid": 2, "name": "茶", "slug": "tea", "type": "category", "description": "All of it", "parent": 0},
        {"mid": 3, "name": "Black", "slug": "black", "type": "tag", "description": None, "parent": 0},
    )  # fmt: skip
    old.add("typecho_relationships", *({"cid": 1, "mid": number} for number in (1, 2, 3)))
    old.add("typecho_comments",
        comment(1, "<p>First</p>\nline"), comment(2, "Reply", parent=1, authorId=1, author="老板"),
        comment(3, "Waits", status="waiting"), comment(4, "Buy", status="spam"), comment(5, "Ping", type="pingback"),
    )  # fmt: skip


def posts() -> dict[str, Post]:
    session().expire_all()
    wanted = sa.select(Post).options(sa.orm.joinedload(Post.author), sa.orm.selectinload(Post.tags))
    return {post.title: post for post in session().scalars(wanted)}


def counts(report: Report) -> dict[str, dict[str, int]]:
    return {item.value: found for item in Item if (found := counted(report, item))}


@pytest.mark.on("sqlite")
def test_the_whole_blog_comes_and_withheld_posts_stay_withheld(run: Any, old: OldBlog) -> None:
    report = run(old)
    assert counts(report) == {
        "posts": {"new": 8}, "pages": {"new": 1}, "tags": {"new": 2}, "categories": {"new": 1},
        "comments": {"new": 4, "skipped": 1}, "users": {"new": 2}, "attachments": {"skipped": 1},
        "redirects": {"new": 21},
    }  # fmt: skip
    found = posts()
    assert {title: state_of(post) for title, post in found.items()} == {
        "标题 😀": State.PUBLISHED, "Old HTML": State.PUBLISHED, "About": State.UNLISTED, "Draft": State.DRAFT,
        "Hidden": State.UNLISTED, "Private": State.PRIVATE, "Waiting": State.DRAFT, "Locked": State.DRAFT,
        "Later": State.SCHEDULED,
    }  # fmt: skip
    first = found["标题 😀"]
    assert first.text == "一  \n二\n\n```\na\nb\n```\n![茶](http://old.example/usr/uploads/2020/03/tea.png)"
    assert (first.slug, first.author.shown_name, [tag.name for tag in first.tags]) == (
        "entry-1",
        "老板",
        ["Black", "茶"],
    )
    assert first.published_at == datetime(2020, 3, 1, 10, tzinfo=UTC)
    assert found["Old HTML"].text == "one\\\ntwo\n\n**three**"
    comments = {each.text: each for each in session().scalars(sa.select(Comment))}
    assert {text: each.state for text, each in comments.items()} == {
        "First\n\nline": "shown", "Reply": "shown", "Waits": "held", "Buy": "spam",
    }  # fmt: skip
    reply, top = comments["Reply"], comments["First\n\nline"]
    assert (reply.parent_id, reply.author_id, top.guest_name) == (top.id, first.author_id, "读者")
    users = {user.name: user for user in session().scalars(sa.select(User).options(sa.orm.selectinload(User.roles)))}
    assert {name: user.role for name, user in users.items()} == {"boss": "editor", "reader": "reader"}


@pytest.mark.on("sqlite")
def test_nothing_comes_twice_and_a_dry_run_keeps_nothing(run: Any, old: OldBlog) -> None:
    dry = run(old, is_dry=True)
    assert posts() == {}
    real = run(old)
    assert (counts(dry), dry.remarks) == (counts(real), real.remarks)
    again = run(old)
    outcomes = [counted(again, item) for item in (Item.POST, Item.PAGE, Item.COMMENT, Item.USER)]
    assert outcomes == [{"unchanged": 8}, {"unchanged": 1}, {"unchanged": 4, "skipped": 1}, {"unchanged": 2}]
    old.run("UPDATE typecho_contents SET text = '<!--markdown-->new' WHERE cid = 2")
    assert counted(run(old)) == {"unchanged": 7, "updated": 1}


@pytest.mark.on("sqlite")
def test_old_addresses_redirect(run: Any, old: OldBlog, blog: Any) -> None:
    run(old)
    for before, after in {
        "/archives/entry-1.html": "/posts/entry-1",
        "/index.php/archives/entry-1.html": "/posts/entry-1",
        "/about-me.html": "/about-me",
        "/category/tea/": "/tags/cha",
        "/tag/black/": "/tags/black",
        "/author/1/": "/users/boss",
    }.items():
        answer = blog.visitor().get(before, follow_redirects=True)
        assert (answer.status_code, answer.request.path) == (200, after), before


@pytest.mark.on("sqlite")
def test_attachments_are_fetched(run: Any, old: OldBlog, blog: Any) -> None:
    with web_server() as server:
        server.answers["old.example/usr/uploads/2020/03/tea.png"] = page(samples.png(9, 9), content_type="image/png")
        report = run(old, server.fetcher(), fetches=True)
    assert counted(report, Item.ATTACHMENT) == {"new": 1}
    address = posts()["标题 😀"].text.rpartition("](")[2].rstrip(")")
    assert address.startswith("/media/")
    assert blog.visitor().get("/usr/uploads/2020/03/tea.png", follow_redirects=True).request.path == address
    assert printed(report, Topic.MISSING) == []


@pytest.mark.parametrize("old", ["sqlite"], indirect=True)
@pytest.mark.on("sqlite")
def test_custom_fields_with_a_value_are_reported(run: Any, old: OldBlog) -> None:
    old.run("CREATE TABLE typecho_fields (cid INTEGER, name VARCHAR(150), type VARCHAR(8), str_value TEXT, "
            "int_value INTEGER, float_value FLOAT)")  # fmt: skip
    values = {"thumb": ("str", "/a.png", 0), "empty": ("str", "", 0), "stars": ("int", None, 5), "none": ("int", "", 0)}
    old.add("typecho_fields", *(
        {"cid": 1, "name": name, "type": kind, "str_value": text, "int_value": number, "float_value": 0.0}
        for name, (kind, text, number) in values.items()
    ))  # fmt: skip
    lines = [line for line in printed(run(old), Topic.CHECK) if "custom fields" in line]
    assert [line.partition(": ")[2] for line in lines] == ["its custom fields were left out: stars, thumb"]


@pytest.mark.on("sqlite")
def test_the_command_prints_a_report_without_the_password(old: OldBlog, blog: Any) -> None:
    session().rollback()
    arguments = ["--home", str(blog.home), "import", "typecho", old.url, "--json"]
    answer = blog.app.test_cli_runner().invoke(main, arguments)
    assert answer.exit_code == 0, answer.output
    assert len(posts()) == 9


def test_settings_of_old_and_new_releases_are_read() -> None:
    values = {
        "routingTable": '{"post": {"url": "/[year:digital:4]/[month:digital:2]/[cid:digital]/"}}',
        "siteUrl": "https://a.example/blog/",
        "timezone": "28800",
    }
    rows: Any = [{"name": name, "value": value} for name, value in values.items()]
    options = options_of(rows)
    day = options.day(datetime(2020, 2, 29, 17, tzinfo=UTC))
    assert options.paths("post", {"cid": 7, **day}) == [
        "/blog/2020/03/7/", "/blog/index.php/2020/03/7/", "/2020/03/7/", "/index.php/2020/03/7/",
    ]  # fmt: skip
    assert options.paths("post", {"cid": 7}) == []
    assert [file_path(text) for text in ('{"path": "/usr/a.png"}', FILE, "{", "x")] == [
        "/usr/a.png", "/usr/uploads/2020/03/tea.png", "", "",
    ]  # fmt: skip


def test_the_prefix_is_found_or_asked_for() -> None:
    one = {f"blog_{name}" for name in NAMES}
    assert prefix_in(one | {"other_contents"}) == "blog_"
    with pytest.raises(SetupError, match="several blogs: blog_, x_"):
        prefix_in(one | {f"x_{name}" for name in NAMES})
    with pytest.raises(SetupError, match="not the database of Typecho"):
        prefix_in({"contents"})
