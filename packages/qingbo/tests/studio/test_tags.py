"""Tags in the studio: list, names and descriptions."""

import re
from typing import Any

import pytest
import sqlalchemy as sa
from qingbo.extensions import session
from qingbo.posts.models import Tag
from qingbo.studio import tags as studio_tags

pytestmark = pytest.mark.sqlite_first


@pytest.fixture
def editor(blog: Any) -> Any:
    return blog.visitor("ed", "editor")


def listed(visitor: Any, path: str = "/studio/tags") -> list[str]:
    page = visitor.read(path).partition('<ul class="rows">')[2].partition("</ul>")[0]
    return re.findall(r'/studio/tags/\d+"[^>]*>([^<]+)</a>', page)


def number_of(name: str) -> int:
    session().rollback()
    number: int = session().scalars(sa.select(Tag.id).where(Tag.name == name)).one()
    return number


def test_tags_are_listed_by_name_page_by_page_and_by_their_beginning(
    blog: Any, editor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studio_tags, "TAGS_PER_PAGE", 2)
    blog.post(tags=["Tea", "茶", "tent"])
    blog.post(tags=["Tea", "apple"])
    pages, path = [], "/studio/tags"
    while path:
        page = editor.read(path)
        pages.append(listed(editor, path))
        more = re.search(r'rel="next" href="([^"]+)"', page)
        path = more[1] if more else ""
    assert pages == [["apple", "Tea"], ["tent", "茶"]]
    assert listed(editor, "/studio/tags?begin=TE") == ["Tea", "tent"]
    assert listed(editor, "/studio/tags?begin=%E8%8C%B6") == ["茶"]
    assert "No tags match your filter." in editor.read("/studio/tags?begin=zzz")
    assert "2 posts" in editor.read("/studio/tags?begin=tea")
    for wrong in ("x", "99999999999999999999"):
        assert editor.get(f"/studio/tags?after={wrong}").status_code == 404


def test_a_description_stands_under_the_heading_of_the_tag(blog: Any, editor: Any) -> None:
    blog.post(tags=["Tea"])
    path = f"/studio/tags/{number_of('Tea')}"
    assert 'name="description"' not in blog.visitor().read("/tags/tea")
    assert editor.send(path, name="Tea", description="All about\n<tea>.").status_code == 303
    page = blog.visitor().read("/tags/tea")
    assert '<p class="lead-in">All about <tea>.</p>' in page
    assert '<meta name="description" content="All about <tea>." property="og:description">' in page
    assert "All about <tea>." in editor.read(path)


def test_a_name_is_changed_and_the_address_stays(blog: Any, editor: Any) -> None:
    blog.post(tags=["Tea", "Other"])
    path = f"/studio/tags/{number_of('Tea')}"
    assert editor.send(path, name="  Ｔｅａ   and more ", description="").status_code == 303
    assert "<h1>Tea and more</h1>" in blog.visitor().read("/tags/tea")
    assert editor.send(path, name="TEA AND MORE", description="").status_code == 303
    for name, message in (
        ("other", "A tag named “Other” already exists. Tags can’t be merged."),
        (" ", "Enter a name for the tag."),
        ("x" * 51, "longer than 50 characters"),
        ("a, b", "can’t contain commas"),
        ("a；b", "can’t contain commas"),
    ):
        answer = editor.send(path, name=name, description="kept")
        assert answer.status_code == 422
        assert message in answer.text
        assert ">kept</textarea>" in answer.text
    assert "up to 500 characters" in editor.send(path, name="Tea", description="x" * 501).text
    assert [tag.name for tag in session().scalars(sa.select(Tag).order_by(Tag.name_key))] == ["Other", "TEA AND MORE"]


def test_only_editors_change_tags(blog: Any) -> None:
    blog.post(tags=["Tea"])
    path = f"/studio/tags/{number_of('Tea')}"
    for role in ("reader", "author"):
        visitor = blog.visitor(role, role)
        assert "/studio/tags" not in visitor.read("/account")
        for each in ("/studio/tags", path):
            assert visitor.get(each).status_code == 403
        assert visitor.send(path, page="/account", name="x", description="").status_code == 403
    assert blog.visitor("root", "administrator").get("/studio/tags/999999").status_code == 404


def test_a_page_of_tags_costs_a_constant_number_of_queries(blog: Any, editor: Any, count_queries: Any) -> None:
    blog.post(tags=["a", "b", "c"])
    editor.get("/studio/tags")
    first = len(count_queries(lambda: editor.get("/studio/tags")))
    for number in range(4):
        blog.post(tags=[f"{number} {letter}" for letter in "abcdefghijklmnopqrst"])
    assert len(count_queries(lambda: editor.get("/studio/tags"))) == first
