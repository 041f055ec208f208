"""People delete their account, and choose what becomes of their posts."""

from typing import Any

import pytest
import sqlalchemy as sa
from media_uploads import take
from qingbo.accounts.models import User
from qingbo.comments.models import Comment
from qingbo.extensions import session
from qingbo.media.addresses import address_of
from qingbo.media.models import Media
from qingbo.posts.models import Post
from sample_media import jpeg

pytestmark = pytest.mark.sqlite_first


@pytest.fixture
def ann(blog: Any) -> Any:
    """An author with a post and a picture, in a blog with an administrator."""
    blog.user("root", "administrator")
    media = take(blog, jpeg(40, 30), "tea.jpg", "ann")
    blog.post("Tea", f"![]({address_of(media)}) 龙井", author=blog.user("ann"), tags=["茶"])
    return blog.visitor("ann")


def names() -> list[str]:
    session().expire_all()
    return list(session().scalars(sa.select(User.name).order_by(User.id)))


def count(model: Any) -> int:
    return session().scalar(sa.select(sa.func.count()).select_from(model)) or 0


def test_posts_stay_under_an_administrators_name(blog: Any, ann: Any) -> None:
    assert "Keep them, under the name of root" in ann.read("/account/deletion")
    assert ann.send("/account/deletion", name="ann", posts="keep").status_code == 303
    assert names() == ["root"]
    page = blog.visitor().read("/posts/tea")
    assert "root" in page
    assert "ann" not in blog.visitor().read("/")
    assert "Tea" in blog.visitor().read("/search?q=龙井&author=root")
    assert ann.get("/account").status_code in {302, 303}


def test_posts_and_pictures_are_deleted_if_asked(blog: Any, ann: Any) -> None:
    ann.send("/account/deletion", name="ANN", posts="delete")
    assert names() == ["root"]
    assert (count(Post), count(Media)) == (0, 0)
    assert blog.visitor().get("/posts/tea").status_code == 404


def test_comments_are_deleted_and_leave_a_place_only_for_replies_of_others(blog: Any, ann: Any) -> None:
    slug = blog.post("Coffee", author=blog.user("bob")).slug
    ann.send(f"/posts/{slug}", text="alone")
    ann.send(f"/posts/{slug}", text="answered")
    session().rollback()
    answered = session().scalar(sa.select(Comment.id).where(Comment.text == "answered"))
    blog.visitor("bob").send(f"/posts/{slug}", text="an answer", parent=str(answered))
    ann.send("/account/deletion", name="ann", posts="delete")
    session().expire_all()
    left = session().execute(sa.select(Comment.text, Comment.state).order_by(Comment.id)).all()
    assert [text for text, _state in left] == ["", "an answer"]
    page = blog.visitor().read(f"/posts/{slug}")
    assert "an answer" in page
    assert "ann<" not in page


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"name": "bob", "posts": "delete"}, "Enter your name to confirm."),
        ({"name": "ann"}, "Choose what happens to your posts."),
        ({"name": "ann", "posts": "sell"}, "Choose what happens to your posts."),
    ],
)
def test_nothing_is_deleted_by_mistake(ann: Any, fields: dict[str, str], problem: str) -> None:
    answer = ann.send("/account/deletion", **fields)
    assert answer.status_code == 422
    assert problem in answer.text
    assert "ann" in names()


def test_the_last_administrator_stays(blog: Any) -> None:
    root = blog.visitor("root", "administrator")
    answer = root.send("/account/deletion", name="root", posts="delete")
    assert answer.status_code == 422
    assert "at least one administrator" in answer.text
    assert names() == ["root"]
