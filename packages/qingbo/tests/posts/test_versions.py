"""The versions of a post: who saved what and when, the differences, and restoring one."""

import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from qingbo.clock import now
from qingbo.database import writing
from qingbo.extensions import session
from qingbo.posts.models import Post, PostVersion
from qingbo.posts.publishing import Draft, update_post

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)]


def numbers(visitor: Any, path: str = "/posts/p/versions") -> list[int]:
    """Return the versions that a page lists."""
    return [int(number) for number in re.findall(r'/versions/(\d+)"', visitor.read(path))]


def saved(blog: Any, *texts: str, **fields: str) -> Any:
    ann = blog.visitor("ann")
    blog.post("p", texts[0], author=blog.user("ann"))
    for text in texts[1:]:
        assert ann.send("/posts/p/edit", title="p", text=text, action="publish", **fields).status_code == 303
    return ann


def test_each_save_is_listed_with_who_and_when(blog: Any) -> None:
    ann = saved(blog, "One.", "Two.")
    blog.visitor("root", "administrator").send("/posts/p/edit", title="p", text="Three.", action="publish")
    assert len(numbers(ann)) == 3
    page = ann.read("/posts/p/versions").partition("<ol")[2].partition("</ol>")[0]
    assert re.findall(r"<span>(\w+)</span>", page) == ["root", "ann", "ann"]
    assert page.count("Current") == 1
    assert ann.send("/posts/p/edit", title="p", text="Three.", action="publish").status_code == 303
    assert len(numbers(ann)) == 3  # nothing changed


def test_what_was_typed_and_then_saved_is_listed_once(blog: Any) -> None:
    ann = saved(blog, "One.", "Two.")
    root, number = blog.visitor("root", "administrator"), session().scalars(sa.select(Post.id)).one()
    typed = {"draft": f"post-{number}", "post": str(number), "title": "p", "text": "Three."}
    root.send("/posts/autosave", page="/posts/p/edit", **typed)
    assert len(numbers(ann)) == 3
    ann.send("/posts/p/edit", title="p", text="Two and a half.", action="publish")
    root.send("/posts/p/edit", title="p", text="Three.", action="publish")
    assert len(numbers(ann)) == 4
    assert "Autosaved" not in ann.read("/posts/p/versions")


def test_a_version_shows_what_changed_since_in_words(blog: Any) -> None:
    ann = saved(blog, "今天去了西湖。天气很好。", "今天去了太湖。天气很好。<b>", tags="湖")
    page = ann.get(f"/posts/p/versions/{numbers(ann)[-1]}").text
    assert "今天去了<del>西</del><ins>太</ins>湖。" in page or "<del>西湖</del><ins>太湖</ins>" in page
    assert "&lt;b&gt;</ins>" in page
    assert "<ins>湖</ins>" in page
    assert "is the same as the current post" in ann.read(f"/posts/p/versions/{numbers(ann)[0]}")


def test_a_version_comes_back_through_the_form(blog: Any) -> None:
    ann = saved(blog, "One.", "Two.", visibility="private")
    ann.send(f"/posts/p/versions/{numbers(ann)[-1]}")
    assert session().scalars(sa.select(Post.text)).one() == "Two."  # until it is saved
    page = ann.read("/posts/p/edit")
    assert "One.</textarea>" in page
    assert re.search(r'<option selected value="private"', page)  # who may read it is not brought back
    version = re.search(r'name="version"[^>]*value="(\w+)"', page)
    assert version
    fields = {"title": "p", "text": "One.", "version": version[1], "action": "publish"}
    assert ann.send("/posts/p/edit", **fields).status_code == 303
    session().rollback()
    assert session().scalars(sa.select(Post.text)).one() == "One."
    assert len(numbers(ann)) == 3


def test_only_who_may_change_a_post_sees_its_versions(blog: Any) -> None:
    ann = saved(blog, "One.", "Two.")
    blog.post("other", author=blog.user("ann"))
    number = numbers(ann)[0]
    paths = ("/posts/p/versions", f"/posts/p/versions/{number}")
    for path in paths:
        assert blog.visitor().get(path).status_code == 302
        assert blog.visitor("ben").get(path).status_code == 404
    assert blog.visitor("ben").send(paths[1], page="/posts/new").status_code == 404
    assert ann.get(f"/posts/other/versions/{number}").status_code == 404
    for wrong in ("/posts/p/versions/999", "/posts/p/versions/" + "9" * 30, "/posts/p/versions?before=x"):
        assert ann.get(wrong).status_code == 404


def test_a_deleted_account_leaves_its_versions(blog: Any) -> None:
    ann = saved(blog, "One.", "Two.")
    session().execute(sa.update(PostVersion).values(writer_id=None))
    session().commit()
    assert "ann" in ann.read("/posts/p/versions")


def test_old_versions_are_thinned_when_somebody_saves(blog: Any) -> None:
    start = now()
    number = blog.post("p", "0").id
    for hour in range(60):
        with time_machine.travel(start + timedelta(minutes=20 * hour), tick=False), writing():
            session().rollback()
            update_post(session(), session().get_one(Post, number), Draft("p", str(hour + 1), [], start))
            session().commit()
    with time_machine.travel(start + timedelta(days=3), tick=False), writing():
        session().rollback()
        update_post(session(), session().get_one(Post, number), Draft("p", "last", [], start))
        session().commit()
    kept = list(session().scalars(sa.select(PostVersion.made_at).order_by(PostVersion.made_at)))
    assert 20 <= len(kept) <= 23  # of 62: one of each hour, the oldest and the newest
    assert kept[0] < start + timedelta(minutes=1)
    assert len({f"{at:%d %H}" for at in kept[1:]}) == len(kept) - 1
