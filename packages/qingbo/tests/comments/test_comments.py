"""Comments: by guests and accounts, hidden and deleted."""

from typing import Any

import pytest
import sqlalchemy as sa
from qingbo.comments.models import Comment
from qingbo.extensions import session

pytestmark = pytest.mark.sqlite_first


@pytest.fixture
def post(blog: Any) -> str:
    blog.change_settings(comment_hold="none")
    return f"/posts/{blog.post('Post', author=blog.user('ann')).slug}"


def test_a_guest_comments_under_a_name(blog: Any, post: str) -> None:
    response = blog.comment(post, name="林夏", text="写得好 🎉 **真的**")
    assert response.status_code == 303
    page = blog.visitor().read(post)
    assert "林夏" in page
    assert "写得好 🎉 <strong>真的</strong>" in page


def test_an_account_comments_under_its_name(blog: Any, post: str) -> None:
    blog.visitor("ben").send(post, name="somebody else", text="hello")
    page = blog.visitor().read(post)
    assert 'href="/users/ben"' in page
    assert "somebody else" not in page


def test_a_script_in_a_comment_is_text(blog: Any, post: str) -> None:
    blog.comment(post, name="<script>alert(1)</script>", text="<script>alert(2)</script>")
    page = blog.visitor().get(post).text
    assert "<script>" not in page
    assert "&lt;script&gt;alert(2)" in page


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("", "x", "Enter your name."),
        ("g", "  ", "Comments can’t be empty."),
        ("g" * 65, "x", "Names can have up to 64 characters (yours has 65)."),
        ("g", "x" * 10_001, "Comments can have up to 10000 characters (yours has 10001)."),
        ("g", "x" * 5 * 1024 * 1024, "Comments can have up to 10000 characters (yours has 5242880)."),
        ("\u200b", "x", "Enter your name."),
        ("ANN", "x", "This name belongs to a registered user."),
    ],
)
def test_a_comment_that_cannot_be_taken_is_refused_with_its_text_kept(
    blog: Any, post: str, name: str, text: str, message: str
) -> None:
    response = blog.comment(post, name=name, text=text)
    assert response.status_code == 422
    assert message in response.text
    assert text.strip() in response.text
    assert session().scalar(sa.select(sa.func.count(Comment.id))) == 0


def test_a_form_of_eight_megabytes_is_refused_on_a_page(blog: Any, post: str) -> None:
    response = blog.visitor().send(post, name="g", text="x" * 8 * 1024 * 1024)
    assert response.status_code == 413
    assert "nothing was saved" in response.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "http://localhost"}, 303),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://[::"}, 403),
        ({"Referer": "https://evil.example/localhost"}, 403),
        ({}, 303),
    ],
)
def test_a_comment_sent_by_another_site_is_refused(blog: Any, post: str, headers: dict[str, str], status: int) -> None:
    visitor = blog.visitor()
    visitor.headers = headers
    assert visitor.comment(post).status_code == status


def test_a_guest_who_comments_too_often_is_asked_to_wait(blog: Any, post: str) -> None:
    visitor = blog.visitor()
    codes = [visitor.comment(post, text=str(number)).status_code for number in range(7)]
    assert codes == [303] * 5 + [429] * 2
    assert blog.visitor("ben").send(post, text="I have an account").status_code == 303


def test_the_author_of_the_post_hides_and_shows_a_comment(blog: Any, post: str) -> None:
    blog.comment(post, text="rude words")
    number = session().scalar(sa.select(Comment.id))
    author = blog.visitor("ann")
    author.send(f"/comments/{number}/verdict", page=post, verdict="reject")
    assert "rude words" not in blog.visitor().read(post)
    assert "rude words" in author.read(post)
    author.send(f"/comments/{number}/verdict", page=post, verdict="approve")
    assert "rude words" in blog.visitor().read(post)


def test_only_who_moderates_may_hide_or_delete(blog: Any, post: str) -> None:
    blog.comment(post, text="words")
    number = session().scalar(sa.select(Comment.id))
    other = blog.visitor("ben")
    assert other.send(f"/comments/{number}/verdict", page="/posts/new", verdict="spam").status_code == 404
    assert other.send(f"/comments/{number}/delete", page="/posts/new").status_code == 404
    assert "/delete" not in other.read(post)
    root = blog.visitor("root", role="administrator")
    assert "words" in root.read(f"/comments/{number}/delete")
    assert root.send(f"/comments/{number}/delete").status_code == 303
    assert "words" not in blog.visitor().read(post)


def test_many_comments_come_in_pages(blog: Any, post: str) -> None:
    number = session().scalar(sa.text("SELECT id FROM posts"))
    session().add_all(Comment(post_id=number, guest_name="g", text=f"comment {n:03}") for n in range(205))
    session().commit()
    seen: list[str] = []
    path: str | None = post
    while path:
        import re

        page = blog.visitor().read(path)
        seen += re.findall(r"comment \d{3}", page)
        more = re.search(r'rel="next" href="([^"#]+)#comments"', page)
        path = more[1] if more else None
    assert seen == [f"comment {n:03}" for n in range(205)]
    response = blog.comment(post, text="the last")
    assert "the last" in blog.visitor().read(response.location.partition("#")[0])


def test_no_comment_on_what_one_may_not_read(blog: Any) -> None:
    slug = blog.post("Draft", published_at=None).slug
    assert blog.visitor().post(f"/posts/{slug}", data={"name": "g", "text": "t"}).status_code == 404
    assert blog.visitor().get("/comments/99999999999999999999/delete").status_code in {302, 404}
    assert blog.visitor("ben").get("/comments/99999999999999999999/delete").status_code == 404
