"""Writing posts, on every engine."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from qingbo.clock import now
from qingbo.database import writing
from qingbo.errors import InputRefused
from qingbo.extensions import session
from qingbo.posts.bin import delete_post
from qingbo.posts.models import TEXT_LENGTH, Post, PostTag, Tag
from qingbo.posts.publishing import Draft, update_post
from qingbo.posts.tagging import split_tags
from qingbo.renderings import Rendering


@pytest.fixture(autouse=True)
def _writing() -> Any:
    with writing():
        yield


def test_every_character_survives(blog: Any) -> None:
    text = "轻博 🎉 𠮷 👩‍👩‍👧 \\ % _ ' \" \t trailing  \n\nnew paragraph"
    number = blog.post("标题 🎉", text).id
    session().expire_all()
    post = session().get_one(Post, number)
    assert (post.title, post.text) == ("标题 🎉", text)


def test_times_are_utc_to_the_microsecond(blog: Any) -> None:
    moment = now().replace(microsecond=123456) - timedelta(days=1)
    number = blog.post(published_at=moment).id
    session().expire_all()
    assert session().get_one(Post, number).published_at == moment


def test_the_same_title_gets_the_next_address(blog: Any) -> None:
    assert [blog.post("你好，世界").slug for _ in range(3)] == [
        "ni-hao-shi-jie",
        "ni-hao-shi-jie-2",
        "ni-hao-shi-jie-3",
    ]


def test_a_title_of_emoji_and_one_that_is_a_page_get_an_address(blog: Any) -> None:
    assert blog.post("🎉").slug == "post"
    assert blog.post("New").slug == "new-2"


def test_tags_that_differ_in_case_or_width_are_one(blog: Any) -> None:
    blog.post("a", tags=["Flask", "编程"])
    blog.post("b", tags=["FLASK", "ｆｌａｓｋ"])
    tags = session().scalars(sa.select(Tag).order_by(Tag.name_key)).all()
    assert [(tag.name, tag.slug, tag.post_count) for tag in tags] == [("Flask", "flask", 2), ("编程", "bian-cheng", 1)]


def test_tags_that_look_alike_to_some_collations_are_two(blog: Any) -> None:
    blog.post("a", tags=["resume", "résumé", "straße", "strasse1"])
    assert session().scalar(sa.select(sa.func.count(Tag.id))) == 4


def test_changing_a_post_changes_tags_counts_and_excerpt_and_keeps_the_address(blog: Any) -> None:
    post = blog.post("a", tags=["one", "two"])
    slug = post.slug
    update_post(session(), post, Draft("b", "New text.", ["two", "three"], post.published_at))
    session().commit()
    counts = dict(session().execute(sa.select(Tag.name, Tag.post_count)).all())
    assert counts == {"one": 0, "two": 1, "three": 1}
    assert (post.slug, post.title, post.excerpt) == (slug, "b", "New text.")


def test_a_draft_does_not_count_for_its_tags(blog: Any) -> None:
    blog.post("a", tags=["one"], published_at=None)
    assert session().scalar(sa.select(Tag.post_count)) == 0


def test_deleting_a_post_takes_its_comments_and_tags_along(blog: Any) -> None:
    from qingbo.comments.models import Comment

    post = blog.post("a", tags=["one"])
    session().add(Comment(post_id=post.id, guest_name="g", text="t"))
    session().commit()
    delete_post(session(), post)
    session().commit()
    assert session().scalar(sa.select(sa.func.count()).select_from(Comment)) == 0
    assert session().scalar(sa.select(sa.func.count()).select_from(PostTag)) == 0
    assert session().scalar(sa.select(Tag.post_count)) == 0


def test_the_number_of_a_deleted_post_is_never_given_again(blog: Any) -> None:
    post = blog.post()
    number = post.id
    delete_post(session(), post)
    session().commit()
    assert blog.post().id > number


@pytest.mark.parametrize(
    ("title", "text", "tags", "message"),
    [
        ("x" * 256, "t", [], "Titles can have up to 255 characters (yours has 256)."),
        ("x", " \n ", [], "The text can’t be empty."),
        ("x", "t" * (TEXT_LENGTH + 1), [], "The text can have up to 500000 characters (yours has 500001)."),
        ("x", "t", ["t" * 51], "is longer than 50 characters."),
        ("x", "t", [str(number) for number in range(21)], "A post can have up to 20 tags."),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_stored(
    blog: Any, title: str, text: str, tags: list[str], message: str
) -> None:
    with pytest.raises(InputRefused) as error:
        blog.post(title, text, tags=tags)
    assert message in str(error.value)
    session().rollback()
    assert session().scalar(sa.select(sa.func.count(Post.id))) == 0


def test_a_text_of_the_greatest_length_fits(blog: Any) -> None:
    number = blog.post("long", "𠮷" * TEXT_LENGTH).id
    session().expire_all()
    assert len(session().get_one(Post, number).text) == TEXT_LENGTH


def test_html_is_made_once_and_again_for_a_newer_renderer(blog: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    slug = blog.post(text="*a*").slug
    assert "<em>a</em>" in blog.visitor().read(f"/posts/{slug}")
    session().execute(sa.update(Rendering).values(html="<p>kept</p>"))
    session().commit()
    blog.forget_pages()
    assert "<p>kept</p>" in blog.visitor().read(f"/posts/{slug}")
    monkeypatch.setattr("qingbo.renderings.VERSION", 99)
    blog.forget_pages()
    assert "<em>a</em>" in blog.visitor().read(f"/posts/{slug}")
    session().rollback()
    assert session().execute(sa.select(Rendering.version, Rendering.html)).all() == [(99, "<p><em>a</em></p>\n")]


def test_tags_are_split_at_chinese_and_latin_commas() -> None:
    assert split_tags(" a, b，c、A ;d；； ") == ["a", "b", "c", "d"]
