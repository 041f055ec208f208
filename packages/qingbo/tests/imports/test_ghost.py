"""Importing a JSON export of Ghost, with the folder of its images. On every engine."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sample_media as samples
import sqlalchemy as sa
from import_reports import counted, printed
from qingbo.accounts.models import User
from qingbo.database import writing
from qingbo.extensions import session
from qingbo.imports.bad_file import BadFile
from qingbo.imports.ghost.importing import import_ghost, local_file, read_overview
from qingbo.imports.report import Item, Report, Topic
from qingbo.imports.systems.importing import Choices
from qingbo.posts.models import Post
from qingbo.posts.states import State, state_of

pytestmark = pytest.mark.sqlite_first

ID = "63f1a0b2c3d4e5f60718290{}"


@pytest.fixture
def run(blog: Any, tmp_path: Path) -> Any:
    def run(export: Any, images: Path | None = None, site: str = "", **choices: Any) -> Report:
        file = tmp_path / "ghost.json"
        file.write_text(json.dumps(export))
        with writing():
            session().rollback()
            return import_ghost(session(), file, read_overview(file), Choices(**choices), images=images, site=site)

    return run


def post(number: int, **values: Any) -> dict[str, Any]:
    return {
        "id": ID.format(number), "uuid": f"uuid-{number}", "title": f"Post {number}", "slug": f"post-{number}",
        "html": "<p>text</p>", "lexical": None, "mobiledoc": None, "type": "post", "status": "published",
        "visibility": "public", "feature_image": None, "created_at": "2024-02-01T00:00:00.000Z",
        "published_at": "2024-02-02T10:00:00.000Z", "updated_at": "2024-02-03T00:00:00.000Z", "custom_excerpt": None,
    } | values  # fmt: skip


def export(*posts: dict[str, Any], **tables: Any) -> dict[str, Any]:
    users = [
        {"id": "u1", "name": "Ann Lee", "slug": "ann", "email": "ann@example.org", "bio": "Hi",
         "website": "https://ann.example"},
        {"id": "u2", "name": "Bob", "slug": "bob", "email": "bob@example.org", "bio": None, "website": None},
    ]  # fmt: skip
    data = {
        "posts": list(posts), "users": users, "roles": [{"id": "r1", "name": "Owner"}],
        "roles_users": [{"role_id": "r1", "user_id": "u1"}],
        "tags": [{"id": "t1", "name": "News", "slug": "news", "description": "What is new"},
                 {"id": "t2", "name": "#hidden", "slug": "hash-hidden"}, {"id": "t3", "name": "Unused", "slug": "no"}],
        "posts_tags": [{"post_id": each["id"], "tag_id": tag} for each in posts for tag in ("t1", "t2")],
        "posts_authors": [{"post_id": each["id"], "author_id": "u1", "sort_order": 0} for each in posts[:1]],
        "posts_meta": [{"post_id": ID.format(1), "feature_image_alt": "A cup"}],
        "settings": [{"key": "title", "value": "Old"}], "members": [{"id": "m1", "email": "reader@example.org"}],
    } | tables  # fmt: skip
    return {"db": [{"meta": {"version": "5.0.0"}, "data": data}]}


def small() -> Any:
    return export(
        post(1, title="Hello", custom_excerpt="In short", author_id="u2"),
        post(2, title="About", type="page", author_id="u2"),
        post(3, title="Draft", status="draft", published_at=None, author_id="u2"),
        post(4, title="Members", visibility="members", author_id="u2"),
        post(5, title="Mailed", status="sent", author_id="u2"),
        post(6, title="Later", status="scheduled", published_at="2099-01-01T00:00:00.000Z", author_id="u2"),
    )


def posts() -> dict[str, Post]:
    session().expire_all()
    return {post.title: post for post in session().scalars(sa.select(Post).options(sa.orm.joinedload(Post.author)))}


def counts(report: Report) -> dict[str, dict[str, int]]:
    return {item.value: found for item in Item if (found := counted(report, item))}


def test_everything_but_members_comes_and_is_counted(run: Any) -> None:
    report = run(small())
    assert counts(report) == {
        "posts": {"new": 5}, "pages": {"new": 1}, "tags": {"new": 1, "skipped": 1}, "users": {"new": 2},
        "redirects": {"new": 8},
    }  # fmt: skip
    found = posts()
    assert {title: state_of(each) for title, each in found.items()} == {
        "Hello": State.PUBLISHED, "About": State.UNLISTED, "Draft": State.DRAFT, "Members": State.DRAFT,
        "Mailed": State.DRAFT, "Later": State.SCHEDULED,
    }  # fmt: skip
    hello = found["Hello"]
    assert (hello.author.name, hello.summary, hello.slug) == ("ann", "In short", "post-1")
    assert hello.published_at == datetime(2024, 2, 2, 10, tzinfo=UTC)
    assert [each.partition(": ")[2] for each in printed(report, Topic.DRAFT)] == [
        "it is a draft there", "not everybody may read it there (visibility members)", "it was only sent by mail",
    ]  # fmt: skip
    users = {user.name: user for user in session().scalars(sa.select(User).options(sa.orm.selectinload(User.roles)))}
    ann = users["ann"]
    assert (ann.role, ann.shown_name, ann.bio, ann.links, ann.password) == (
        "editor", "Ann Lee", "Hi", "https://ann.example", None,
    )  # fmt: skip
    assert users["bob"].role == "author"


def test_a_second_import_brings_nothing_twice_and_a_dry_run_nothing(run: Any) -> None:
    dry = run(small(), is_dry=True)
    assert posts() == {}
    real = run(small())
    assert (counts(dry), dry.remarks) == (counts(real), real.remarks)
    again = counts(run(small()))
    assert again == {
        "posts": {"unchanged": 5}, "pages": {"unchanged": 1}, "tags": {"unchanged": 1, "skipped": 1},
        "users": {"unchanged": 2}, "redirects": {"unchanged": 8},
    }  # fmt: skip
    changed = small()
    changed["db"][0]["data"]["posts"][0]["html"] = "<p>new</p>"
    assert counted(run(changed)) == {"updated": 1, "unchanged": 4}
    assert posts()["Hello"].text == "new"


def test_old_addresses_redirect(run: Any, blog: Any) -> None:
    run(small())
    for old, new in {
        "/post-1/": "/posts/post-1", "/post-2/": "/post-2", "/tag/news/": "/tags/news", "/author/ann/": "/users/ann",
    }.items():  # fmt: skip
        answer = blog.visitor().get(old, follow_redirects=True)
        assert (answer.status_code, answer.request.path) == (200, new), old


def test_dated_addresses_of_old_releases_redirect(run: Any, blog: Any) -> None:
    settings = [{"key": "permalinks", "value": "/:year/:month/:day/:slug/"}]
    run(export(post(1, author_id="u2"), settings=settings))
    assert blog.visitor().get("/2024/02/02/post-1/").location == "/posts/post-1"


def test_addresses_of_routes_redirect_in_the_time_zone_of_the_blog(blog: Any, tmp_path: Path) -> None:
    (tmp_path / "routes.yaml").write_text(
        "routes:\ncollections:\n  /:\n    permalink: /{year}/{month}/{day}/{slug}/\n  /news/:\n"
        "    permalink: '/{primary_tag}/{primary_author}/{slug}/'\n    filter: tag:news\n"
        "taxonomies:\n  tag: /topic/{slug}/\n"
    )
    late = post(1, author_id="u2", published_at="2024-02-02T20:00:00.000Z")
    file = tmp_path / "ghost.json"
    file.write_text(json.dumps(export(late, settings=[{"key": "timezone", "value": "Asia/Shanghai"}])))
    with writing():
        session().rollback()
        import_ghost(session(), file, read_overview(file, tmp_path / "routes.yaml"), Choices())
    for old, new in {
        "/2024/02/03/post-1/": "/posts/post-1", "/news/ann/post-1/": "/posts/post-1", "/topic/news/": "/tags/news",
    }.items():  # fmt: skip
        assert blog.visitor().get(old).location == new, old
    assert blog.visitor().get("/author/ann/").status_code == 404


def test_broken_routes_are_refused(tmp_path: Path) -> None:
    (tmp_path / "ghost.json").write_text(json.dumps(small()))
    (tmp_path / "routes.yaml").write_text("collections: [")
    with pytest.raises(BadFile, match="cannot be read"):
        read_overview(tmp_path / "ghost.json", tmp_path / "routes.yaml")


def test_other_authors_of_a_post_are_reported(run: Any) -> None:
    authors = [{"post_id": ID.format(1), "author_id": user, "sort_order": n} for n, user in enumerate(("u2", "u1"))]
    report = run(export(post(1), posts_authors=authors))
    assert posts()["Post 1"].author.name == "bob"
    (line,) = printed(report, Topic.CHECK)
    assert line.endswith("it has one author here; these were left out: Ann Lee")


def lexical(*children: Any) -> str:
    return json.dumps({"root": {"type": "root", "children": list(children)}})


def text_node(text: str, bits: int = 0) -> dict[str, Any]:
    return {"type": "extended-text", "text": text, "format": bits}


def paragraph(*children: Any) -> dict[str, Any]:
    return {"type": "paragraph", "children": list(children)}


def item(*children: Any) -> dict[str, Any]:
    return {"type": "listitem", "children": list(children)}


@pytest.mark.parametrize(
    ("nodes", "text"),
    [
        ([paragraph(text_node("a "), text_node("b", 1), text_node(" * "), text_node("c", 3))], "a **b** * ***c***"),
        ([paragraph({"type": "link", "url": "https://a.example/?x=1&y=2", "children": [text_node("a")]})],
         "[a](https://a.example/?x=1&y=2)"),
        ([paragraph(text_node("a"), {"type": "linebreak"}, text_node("b"))], "a\\\nb"),
        ([{"type": "extended-heading", "tag": "h3", "children": [text_node("a")]}], "### a"),
        ([{"type": "extended-quote", "children": [text_node("a")]}], "> a"),
        ([{"type": "list", "listType": "number", "children": [
            item(text_node("a")), item({"type": "list", "listType": "bullet", "children": [item(text_node("b"))]})]}],
         "1. a\n   - b"),
        ([{"type": "horizontalrule"}], "---"),
        ([{"type": "codeblock", "code": "a < b", "language": "py"}], "```py\na < b\n```"),
        ([{"type": "markdown", "markdown": "# A\n\n* *b*"}, paragraph(text_node("c"))], "# A\n\n* *b*\n\nc"),
        ([{"type": "html", "html": "<p>a</p>"}], "a"),
        ([{"type": "image", "src": "https://a.example/a.png", "alt": "b", "caption": ""}],
         "![b](https://a.example/a.png)"),
        ([{"type": "image", "src": "https://a.example/a.png", "alt": "b", "caption": "c"}],
         '<figure><img src="https://a.example/a.png" alt="b"><figcaption>c</figcaption></figure>'),
        ([{"type": "gallery", "images": [{"src": "https://a.example/1.png"}, {"src": "https://a.example/2.png"}]}],
         "![](https://a.example/1.png)\n\n![](https://a.example/2.png)"),
        ([{"type": "bookmark", "url": "https://a.example/", "metadata": {}}], "https://a.example/"),
        ([{"type": "embed", "url": "https://a.example/v", "html": "<iframe></iframe>"}], "https://a.example/v"),
        ([{"type": "callout", "calloutEmoji": "💡", "calloutText": "<b>a</b>"}], "> 💡 **a**"),
        ([{"type": "toggle", "heading": "a", "content": "b"}], "<details><summary>a</summary>b</details>"),
        ([{"type": "button", "buttonText": "a", "buttonUrl": "https://a.example/x"}], "[a](https://a.example/x)"),
        ([{"type": "file", "src": "https://a.example/f.pdf", "fileName": "f.pdf"}], "[f.pdf](https://a.example/f.pdf)"),
    ],
)  # fmt: skip
def test_texts_of_the_new_editor_are_read(run: Any, nodes: list[Any], text: str) -> None:
    report = run(export(post(1, lexical=lexical(*nodes), html="<p>rendered</p>", author_id="u2")))
    assert (posts()["Post 1"].text, printed(report, Topic.CHECK)) == (text, [])


def test_texts_of_the_old_editor_are_read(run: Any) -> None:
    document = {
        "version": "0.3.1", "atoms": [["soft-return", "", {}]],
        "cards": [["markdown", {"markdown": "* one *two*"}], ["image", {"src": "https://a.example/a.png", "alt": "x"}],
                  ["hr", {}]],
        "markups": [["strong"], ["a", ["href", "https://a.example/"]]],
        "sections": [
            [1, "h2", [[0, [], 0, "Head"]]],
            [1, "p", [[0, [], 0, "a "], [0, [0], 0, "b"], [1, [], 1, 0], [0, [1], 1, "link"]]],
            [3, "ul", [[[0, [], 0, "x"]], [[0, [], 0, "y & z"]]]],
            [10, 0], [10, 1], [10, 2],
        ],
    }  # fmt: skip
    run(export(post(1, mobiledoc=json.dumps(document), html="<p>rendered</p>", author_id="u2")))
    assert posts()["Post 1"].text == (
        "## Head\n\na **b**\\\n[link](https://a.example/)\n\n- x\n- y & z\n\n* one *two*\n\n"
        "![x](https://a.example/a.png)\n\n---"
    )


def test_an_unknown_card_is_read_from_the_html_or_reported(run: Any) -> None:
    source = lexical(paragraph(text_node("a")), {"type": "quiz", "question": "?"})
    report = run(export(
        post(1, lexical=source, html="<p>rendered</p>", author_id="u2"),
        post(2, lexical=source, html=None, author_id="u2"),
        post(3, lexical="{", html=None, author_id="u2"),
    ))  # fmt: skip
    found = posts()
    assert (found["Post 1"].text, found["Post 2"].text) == ("rendered", "a")
    assert [each.partition("”: ")[2] for each in printed(report, Topic.CHECK)] == [
        "cards were left out: quiz", "its text (lexical) cannot be read",
    ]  # fmt: skip


def test_images_come_from_the_folder_and_other_addresses_become_paths(run: Any, blog: Any, tmp_path: Path) -> None:
    folder = tmp_path / "content" / "images"
    (folder / "2024").mkdir(parents=True)
    (folder / "2024/tea.png").write_bytes(samples.png(9, 9))
    html = (
        '<p><img src="__GHOST_URL__/content/images/size/w600/2024/tea.png" alt="x"> '
        '<a href="__GHOST_URL__/about/">y</a></p><p><img src="/content/images/gone.png"></p>'
    )
    cover = "__GHOST_URL__/content/images/2024/tea.png"
    report = run(export(post(1, html=html, feature_image=cover, author_id="u2")), images=folder)
    made = posts()["Post 1"]
    assert counted(report, Item.ATTACHMENT) == {"new": 2, "skipped": 1}
    address = made.text.partition("](")[2].partition(")")[0]
    assert made.text == f"![x]({address}) [y](/about/)\n\n![](/content/images/gone.png)"
    assert address.startswith("/media/")
    assert json.loads(made.parts or "")["cover"] == address
    assert json.loads(made.parts or "")["cover_alt"] == "A cup"
    assert "1 file stays at the old blog: /content/images/gone.png" in printed(report, Topic.MISSING)[0]
    assert blog.visitor().get("/content/images/2024/tea.png", follow_redirects=True).request.path == address


def test_pictures_inside_a_text_are_stored(run: Any) -> None:
    data = f"data:image/png;base64,{base64.b64encode(samples.png(9, 9)).decode()}"
    image = lexical({"type": "image", "src": data, "alt": "x"})
    markdown = lexical({"type": "markdown", "markdown": f"![y]({data})"})
    report = run(export(post(1, lexical=image, author_id="u1"), post(2, lexical=markdown, author_id="u1")))
    texts = [posts()[f"Post {number}"].text for number in (1, 2)]
    assert texts[0].replace("![x]", "![y]") == texts[1]
    assert texts[1].startswith("![y](/media/")
    assert counted(report, Item.ATTACHMENT) == {"new": 1}


def test_no_file_outside_the_folder_is_read(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "secret.png").touch()
    (tmp_path / "images/link.png").symlink_to(tmp_path / "secret.png")
    for path in ("../secret.png", "%2e%2e/secret.png", "link.png", "/secret.png"):
        assert local_file(f"https://g.example/content/images/{path}", tmp_path / "images", {"g.example"}) is None


def test_characters_that_no_database_stores_are_left_out(run: Any) -> None:
    odd = "\x00\x07\ud800"
    tables = {
        "users": [{"id": "u2", "name": f"Bob{odd}", "slug": f"bob{odd}", "email": f"b{odd}@x", "bio": odd}],
        "tags": [{"id": "t1", "name": f"News{odd}", "slug": odd, "description": f"a{odd}"}],
        "posts_authors": [],
    }
    entry = post(
        1, title=f"One{odd}", slug=f"one{odd}", html=f"<p>a{odd}</p>", custom_excerpt=f"b{odd}", author_id="u2",
        feature_image=f"https://a.example/{odd}.png",
    )  # fmt: skip
    report = run(export(entry, **tables))
    assert counted(report) == {"new": 1}
    made = next(iter(posts().values()))
    assert [text.rstrip("?\ufffd") for text in (made.title, made.text, made.summary or "")] == ["One", "a", "b"]


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        ('{"db": [{"data": {"posts": [\n{"id": 1},\n{"id": }]}}]}', 3, "the JSON is broken: Expecting value"),
        ('{"db": [{"data": {"posts": [\n{"id": 1}', 2, "the JSON is broken"),
        ('{"other": []}', None, "is not an export of Ghost"),
        ("", 1, "the JSON is broken"),
    ],
)
def test_a_broken_file_is_refused_with_its_line(tmp_path: Path, content: str, line: int | None, reason: str) -> None:
    (tmp_path / "ghost.json").write_text(content)
    with pytest.raises(BadFile) as error:
        read_overview(tmp_path / "ghost.json")
    assert (error.value.line, reason in str(error.value)) == (line, True), error.value


def test_the_shape_of_ghosts_migration_tools_is_read(run: Any, blog: Any) -> None:
    author = {"url": "https://g.example/author/zoe/", "data": {"id": 7, "slug": "zoe", "name": "Zoe"}}
    tags = [{"url": "https://g.example/tag/tea/", "data": {"slug": "tea", "name": "Tea"}}, {"data": {"name": "#wp"}}]
    data = {"slug": "one", "title": "One", "html": "<p>a</p>", "type": "post", "status": "published", "author": author,
            "published_at": "2020-06-27T12:07:24", "tags": tags}  # fmt: skip
    report = run({"result": {"users": [author], "posts": [{"url": "https://g.example/2020/one/", "data": data}]}})
    assert counts(report)["posts"] == {"new": 1}
    assert posts()["One"].author.name == "zoe"
    assert blog.visitor().get("/2020/one/").location == "/posts/one"
