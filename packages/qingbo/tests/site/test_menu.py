"""The menu: its targets, who may change it, and that it never links to a missing page."""

import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from blogs import at_another_time
from qingbo.audit.models import AuditEvent
from qingbo.clock import now
from qingbo.config import read_settings
from qingbo.database import writing
from qingbo.errors import BadSettings
from qingbo.extensions import session
from qingbo.menus import MOST_ENTRIES, MenuEntry
from qingbo.posts.bin import delete_post
from qingbo.posts.models import Post

pytestmark = pytest.mark.sqlite_first


def links(visitor: Any, path: str = "/") -> list[tuple[str, str]]:
    """Return addresses and labels of the menu."""
    nav = visitor.get(path).text.partition("<nav")[2].partition("</ul>")[0]
    found = re.findall(r'<a href="([^"]*)"[^>]*>([^<]*)</a>', nav)
    return [(address, label) for address, label in found if label not in {"Write", "Studio", "Account", "Sign out"}]


def addresses(blog: Any) -> list[str]:
    return [address for address, _label in links(blog.visitor())]


def set_menu(blog: Any, *entries: tuple[str, str]) -> None:
    """Change the menu as an administrator does: to these labels and addresses."""
    root = blog.visitor("root", "administrator")
    for address, _label in links(root):
        root.send("/studio/menu", remove=address)
    for label, address in entries:
        answer = root.send("/studio/menu", add="address", label=label, address=address)
        assert answer.status_code == 303, answer.text


def about(blog: Any, **parts: Any) -> Post:
    post: Post = blog.post("About us", kind="page", author=blog.user("ed", "editor"), **parts)
    return post


def test_at_first_the_menu_has_home_archive_and_tags(blog: Any) -> None:
    guest = blog.visitor()
    assert links(guest) == [("/", "Home"), ("/archive", "Archive"), ("/tags", "Tags")]
    guest.send("/language", page="/", language="zh")
    assert [label for _address, label in links(guest)] == ["首页", "归档", "标签"]
    nav = guest.get("/archive").text.partition("<nav")[2].partition("</nav>")[0]
    assert re.findall(r'<a href="([^"]*)"[^>]* aria-current="page"', nav) == ["/archive"]


def test_a_page_comes_into_the_menu_and_entries_are_moved_and_removed(blog: Any) -> None:
    about(blog)
    blog.post(tags=["茶"])
    root = blog.visitor("root", "administrator")
    form = root.read("/studio/menu")
    assert '<option value="/about-us">About us</option>' in form
    assert '<option value="/archive">' not in form  # it is there already
    for fields in (
        {"add": "page", "target": "/about-us"},
        {"add": "tag", "tag": "茶"},
        {"add": "address", "label": "Shop", "address": "https://shop.example/?a=1&b=2"},
        {"up": "/about-us"},
        {"up": "/about-us"},
        {"down": "/archive"},
        {"remove": "/tags"},
    ):
        assert root.send("/studio/menu", **fields).status_code == 303
    assert links(blog.visitor()) == [
        ("/", "Home"),
        ("/about-us", "About us"),
        ("/archive", "Archive"),
        ("/tags/cha", "茶"),
        ("https://shop.example/?a=1&amp;b=2", "Shop"),
    ]
    for address in ("/", "/about-us", "/tags/cha"):
        assert blog.visitor().get(address).status_code == 200
    assert session().scalars(sa.select(AuditEvent.action).where(AuditEvent.subject == "menu")).all()
    for fields in ({"up": "/"}, {"down": "https://shop.example/?a=1&b=2"}, {"remove": "/nothing"}):
        assert root.send("/studio/menu", **fields).status_code == 303
    assert len(addresses(blog)) == 5


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"add": "address", "label": "x", "address": "javascript:alert(1)"}, "URLs start with / or https://"),
        ({"add": "address", "label": "x", "address": "//evil.example"}, "URLs start with / or https://"),
        ({"add": "address", "label": "x", "address": "/\\evil.example"}, "URLs start with / or https://"),
        ({"add": "address", "label": "x", "address": "http://a.example"}, "URLs start with / or https://"),
        ({"add": "address", "label": "x", "address": "/" + "x" * 500}, "URLs start with / or https://"),
        ({"add": "address", "label": "x", "address": "/a b"}, "URLs start with / or https://"),
        ({"add": "address", "label": "", "address": "/about"}, "Labels must have 1 to 40 characters"),
        ({"add": "address", "label": "x" * 41, "address": "/about"}, "Labels must have 1 to 40 characters"),
        ({"add": "address", "label": "x", "address": "/archive"}, "is already in the menu"),
        ({"add": "page", "target": "/nothing"}, "Choose a page"),
        ({"add": "page", "target": ""}, "Choose a page"),
        ({"add": "tag", "tag": "nobody"}, "There is no tag named “nobody”"),
    ],
)
def test_what_cannot_be_in_the_menu_is_refused_with_the_reason(blog: Any, fields: Any, message: str) -> None:
    answer = blog.visitor("root", "administrator").send("/studio/menu", **fields)
    assert answer.status_code == 422
    assert message in answer.text
    assert len(addresses(blog)) == 3


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_the_menu_has_a_bound_and_may_be_empty(blog: Any) -> None:
    set_menu(blog, *((f"L{number}", f"https://{number}.example") for number in range(MOST_ENTRIES)))
    root = blog.visitor("root", "administrator")
    answer = root.send("/studio/menu", add="address", label="x", address="/archive")
    assert answer.status_code == 422
    assert f"up to {MOST_ENTRIES} items" in answer.text
    set_menu(blog)
    assert addresses(blog) == []


def test_a_page_that_not_everybody_may_read_is_left_out_and_comes_back(blog: Any) -> None:
    post = about(blog)
    set_menu(blog, ("", "/"), ("About", "/about-us"))
    editor = blog.visitor("ed")
    fields = {"title": "About us", "text": "t", "kind": "page"}

    def is_there(**parts: str) -> bool:
        assert editor.send("/posts/about-us/edit", **(fields | parts)).status_code == 303
        return "/about-us" in addresses(blog)

    assert not is_there(action="draft")
    assert "Not shown: readers" in blog.visitor("root").read("/studio/menu")
    assert is_there(action="publish")
    assert "Not shown: readers" not in blog.visitor("root").read("/studio/menu")
    assert not is_there(action="publish", visibility="private")
    assert is_there(action="publish", visibility="public")
    tomorrow = now() + timedelta(days=1)
    assert not is_there(action="publish", date=f"{tomorrow:%Y-%m-%dT%H:%M}Z")
    with at_another_time(days=2):
        assert "/about-us" in addresses(blog)
    assert is_there(action="publish", date="2026-01-01T00:00")
    editor.send("/posts/about-us/delete")
    assert addresses(blog) == ["/"]
    editor.send(f"/posts/deleted/{post.id}", page="/posts/new")
    assert addresses(blog) == ["/", "/about-us"]
    editor.send("/studio/posts", action="unpublish", post=str(post.id))
    assert addresses(blog) == ["/"]


def test_a_page_with_another_address_or_kind_is_still_reached(blog: Any) -> None:
    about(blog)
    set_menu(blog, ("About", "/about-us"))
    editor = blog.visitor("ed")
    fields = {"title": "About us", "text": "t", "action": "publish"}
    for old, kind, slug in (("about-us", "page", "us"), ("us", "article", "we"), ("we", "article", "ourselves")):
        assert editor.send(f"/posts/{old}/edit", kind=kind, slug=slug, **fields).status_code == 303
        (address,) = addresses(blog)
        answer = blog.visitor().get(address, follow_redirects=True)
        assert (answer.status_code, answer.request.path.rpartition("/")[2]) == (200, slug)
    editor.send("/posts/ourselves/delete")
    assert addresses(blog) == []


def test_a_page_that_is_deleted_for_good_is_left_out_until_another_has_its_address(blog: Any) -> None:
    post = about(blog)
    set_menu(blog, ("About", "/about-us"), ("Soon", "/soon"), ("Post", "/posts/later"))
    with writing():
        session().rollback()
        delete_post(session(), session().get_one(Post, post.id))
        session().commit()
    assert addresses(blog) == []
    about(blog)
    blog.post("Later")
    assert addresses(blog) == ["/about-us", "/posts/later"]
    blog.post("Soon", kind="page", author=blog.user("ed"))
    assert addresses(blog) == ["/about-us", "/soon", "/posts/later"]


def test_the_menu_costs_no_query(blog: Any, count_queries: Any) -> None:
    blog.post()
    guest = blog.visitor()
    guest.get("/")
    before = len(count_queries(lambda: guest.get("/")))
    about(blog)
    set_menu(blog, ("", "/"), ("About", "/about-us"), ("Post", "/posts/title"))
    assert len(count_queries(lambda: guest.get("/"))) == before


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_only_administrators_change_the_menu_and_only_where_no_file_gives_it(blog: Any) -> None:
    for role in ("reader", "author", "editor"):
        visitor = blog.visitor(role, role)
        assert visitor.get("/studio/menu").status_code == 403
        assert visitor.send("/studio/menu", page="/account", remove="/").status_code == 403
    given = blog.app.extensions["qingbo_settings"]
    menu = [{"label": "Mine", "address": "/about"}]
    blog.app.extensions["qingbo_settings"] = given.model_validate(given.model_dump(exclude_unset=True) | {"menu": menu})
    root = blog.visitor("root", "administrator")
    assert "Set in qingbo.toml" in root.read("/studio/menu")
    assert root.send("/studio/menu", remove="/about").status_code == 403


def test_the_menu_of_a_file_or_the_environment_is_checked(tmp_path: Any) -> None:
    (tmp_path / "qingbo.toml").write_text('menu = [{label = "About", address = "/about/"}, {address = "/tags"}]')
    entries = (MenuEntry(label="About", address="/about"), MenuEntry(address="/tags"))
    assert read_settings(tmp_path, {}).menu == entries
    said = '[{"label": "X", "address": "https://x.example/"}]'
    assert read_settings(tmp_path, {"QINGBO_MENU": said}).menu == (MenuEntry(label="X", address="https://x.example/"),)
    for bad in ("About", '[{"label": "X"}]', '[{"address": "/about"}]', '[{"label": "X", "address": "//x"}]', "{}"):
        with pytest.raises(BadSettings, match="QINGBO_MENU"):
            read_settings(tmp_path, {"QINGBO_MENU": bad})
