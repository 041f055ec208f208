"""The five kinds of posts: required fields, their Markdown, and their titles if they have none."""

from typing import Any

import pytest
import sqlalchemy as sa
from qingbo.clock import now
from qingbo.extensions import session
from qingbo.posts.kinds import Parts, markdown_of
from qingbo.posts.models import Post
from qingbo.posts.titles import first_words

pytestmark = pytest.mark.sqlite_first

FORMS = {
    "article": {"title": "An evening", "text": "Long *words*."},
    "note": {"text": "今天的云很低。明天会下雨吗？"},
    "photos": {"pictures": "https://a.example/1.jpg 西湖 [春]\nhttps://a.example/2.jpg", "text": "Two."},
    "quote": {"text": "未知生，\n\n焉知死？", "source": "孔子，《[论语](https://b.example)》"},
    "link": {"link": "https://www.example.com/a_b*c?x=[1]", "text": "Worth it."},
}
SHOWN = {
    "article": ["<p>Long <em>words</em>.</p>"],
    "note": ["<p>今天的云很低。明天会下雨吗？</p>"],
    "photos": ['src="https://a.example/1.jpg" alt="西湖 [春]"', 'src="https://a.example/2.jpg"', "<p>Two.</p>"],
    "quote": ["<blockquote>\n<p>未知生，</p>\n<p>焉知死？</p>\n<p>— 孔子，《<a", 'href="https://b.example"'],
    "link": ['<a href="https://www.example.com/a_b*c?x=%5B1%5D"', ">example.com/a_b*c?x=[1]</a>", "<p>Worth it.</p>"],
}


@pytest.mark.parametrize("kind", FORMS)
def test_each_kind_from_blank_to_published(blog: Any, kind: str) -> None:
    ann = blog.visitor("ann")
    answer = ann.send("/posts/new", kind=kind, action="publish", **FORMS[kind])
    assert answer.status_code == 303
    page = blog.visitor().read(answer.location)
    for part in SHOWN[kind]:
        assert part in page
    feed = blog.visitor().read("/feed.atom")
    assert "<title></title>" not in feed
    edit = ann.read(f"{answer.location}/edit")
    assert FORMS[kind]["text"].partition("\n")[0] in edit


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"kind": "note"}, "The text can’t be empty."),
        ({"kind": "article", "title": "Only a title"}, "The text can’t be empty."),
        ({"kind": "quote", "source": "s"}, "The text can’t be empty."),
        ({"kind": "link", "text": "t"}, "A link needs a URL"),
        ({"kind": "link", "link": "javascript:alert(1)"}, "A link needs a URL"),
        ({"kind": "link", "link": "https://a b"}, "A link needs a URL"),
        ({"kind": "link", "link": "https://" + "x" * 2000}, "A link needs a URL"),
        ({"kind": "photos", "text": "t"}, "A photo post needs at least one image"),
        ({"kind": "photos", "pictures": "file:///etc/passwd"}, "a valid image URL"),
        ({"kind": "photos", "pictures": "\n".join(["https://a.example/x"] * 101)}, "up to 100 images"),
        ({"kind": "quote", "text": "t", "source": "s" * 1001}, "The source can have up to 1000"),
        ({"kind": "film", "text": "t"}, "This post type or visibility"),
        ({"kind": "note", "text": "t", "visibility": "friends"}, "This post type or visibility"),
        ({"kind": "note", "text": "t", "excerpt": "e" * 401}, "(yours has 401)"),
    ],
)
def test_what_a_kind_needs_is_said_and_what_was_written_stays(blog: Any, fields: dict[str, str], message: str) -> None:
    answer = blog.visitor("ann").send("/posts/new", action="publish", **fields)
    assert answer.status_code == 422
    assert message in answer.text
    assert all(value.partition("\n")[0] in answer.text for name, value in fields.items() if name in {"text", "link"})
    assert session().scalar(sa.select(sa.func.count(Post.id))) == 0


def test_a_post_keeps_what_its_other_kinds_had(blog: Any) -> None:
    ann = blog.visitor("ann")
    fields = {
        "title": "t",
        "text": "words",
        "source": "who",
        "link": "https://a.example",
        "pictures": "https://b.example",
    }
    path = ann.send("/posts/new", kind="quote", action="publish", **fields).location
    for kind in ("link", "photos", "note", "article", "quote"):
        assert ann.send(f"{path}/edit", kind=kind, action="publish", **fields).status_code == 303
    session().rollback()
    post = session().scalars(sa.select(Post)).one()
    assert Parts.read(post.parts) == Parts("who", "https://a.example", "https://b.example")
    assert post.title == "t"


def test_without_a_title_a_post_is_called_by_its_first_words(blog: Any) -> None:
    blog.post("", "今天的云很低。明天会下雨吗？", kind="note")
    for path in ("/archive/2026", "/feed.atom", "/studio/posts"):
        assert "今天的云很低<" in blog.visitor("author").read(path)
    assert "<p>今天的云很低。明天会下雨吗？</p>" in blog.visitor().read("/")


def test_without_a_title_the_address_is_date_and_number(blog: Any) -> None:
    moment = now().replace(year=2026, month=3, day=4, hour=20)  # the fifth in Shanghai
    slugs = [blog.post("", "words", kind="note", published_at=moment).slug for _ in range(3)]
    assert slugs == ["2026-03-05-1", "2026-03-05-2", "2026-03-05-3"]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("Short.", "Short"),
        ("One sentence. And another.", "One sentence"),
        ("3.5 metres of snow fell. Then it stopped.", "3.5 metres of snow fell"),
        ("好。今天去了西湖。", "好。今天去了西湖"),
        ("字" * 60, "字" * 40 + "…"),
        ("word " * 20, "word word word word word word word word…"),
        ("", ""),
    ],
)
def test_first_words(line: str, words: str) -> None:
    assert first_words(line.strip()) == words


def test_a_quote_keeps_its_lists_and_blank_lines() -> None:
    assert markdown_of("quote", "a\n\n* b\n", Parts("s\nt")) == "> a\n>\n> * b\n>\n> — s t"
