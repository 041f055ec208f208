"""The pages for writing."""

import re
from html import unescape
from typing import Any

import pytest

pytestmark = pytest.mark.sqlite_first


def test_writing_a_post(blog: Any) -> None:
    author = blog.visitor("ann")
    response = author.send("/posts/new", title="你好 🎉", text="第一篇", tags="日常，编程", action="publish")
    assert (response.status_code, response.location) == (303, "/posts/ni-hao")
    page = blog.visitor().read("/posts/ni-hao")
    assert "你好 🎉" in page
    assert "日常" in page


def test_preview_shows_the_post_and_stores_nothing(blog: Any) -> None:
    author = blog.visitor("ann")
    response = author.send("/posts/new", title="t", text="*emph* <script>x</script>", tags="a", action="preview")
    assert "<em>emph</em>" in response.text
    assert "<script>x" not in response.text
    assert "&lt;script&gt;x" in response.text  # in the field, as it was written
    assert blog.visitor().get("/posts/t").status_code == 404


def test_preview_says_that_a_part_is_shown_plain(blog: Any) -> None:
    author = blog.visitor("ann")
    said = {"en": "Part of the text is shown without formatting", "zh": "部分内容未显示格式"}
    for language, line in said.items():
        author.send("/language", language=language)
        deep = author.send("/posts/new", title="t", text=f"{'>' * 40} a", tags="", action="preview")
        assert f'<p class="hint">{line}' in deep.text
        assert line not in author.send("/posts/new", title="t", text="> a", tags="", action="preview").text


REFUSED = """

*a* <b onclick=x>b</b>
<font color=red>c</font> <script>d</script>

- [e](javascript:f) `<form>`

<iframe src="https://a.example"></iframe> ==g== $h$

> <p class="i" style="j">k</p>"""


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_preview_names_what_is_not_allowed_with_its_line(blog: Any) -> None:
    author = blog.visitor("ann")
    page = author.send("/posts/new", title="t", text=REFUSED, action="preview").text
    assert re.findall("<li>(Line .*)</li>", unescape(page)) == [
        "Line 3: the attribute onclick of <b> was removed.",
        "Line 4: <script> isn’t allowed in posts and is shown as text.",
        "Line 4: <font> was removed; its content is shown.",
        "Line 6: the URL “javascript:f” isn’t allowed in posts and was removed.",
        "Line 8: <iframe> isn’t allowed in posts and was replaced with a link.",
        "Line 10: the attribute class of <p> was removed.",
        "Line 10: the attribute style of <p> was removed.",
    ]
    author.send("/language", language="zh")
    page = author.send("/posts/new", title="t", text=REFUSED, action="preview").text
    assert len(re.findall("<li>第 [0-9]+ 行：", page)) == 7


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_save_names_what_is_not_allowed_once(blog: Any) -> None:
    author = blog.visitor("ann")
    for path in ("/posts/new", "/posts/t/edit"):
        assert author.send(path, title="t", text=REFUSED, action="publish").status_code == 303
        page = unescape(author.read("/posts/t"))
        assert page.count("was removed") == 2
        assert "4 more. See the preview for the full list." in page
        assert "was removed" not in author.read("/posts/t")
    author.send("/posts/t/edit", title="t", text="*fine* $x$", action="publish")
    assert 'class="notice' not in author.read("/posts/t")


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.parametrize(("kind", "line"), [("article", 2), ("quote", 2), ("photos", 2), ("link", 2)])
def test_the_line_is_that_of_the_field_for_the_text(blog: Any, kind: str, line: int) -> None:
    parts = {"pictures": "https://a.example/1.png\nhttps://a.example/2.png", "link": "https://a.example"}
    answer = blog.visitor("ann").send("/posts/preview", page="/posts/new", kind=kind, text="a\n<font>b</font>", **parts)
    assert answer.json["removed"] == [f"Line {line}: <font> was removed; its content is shown."]


def test_a_draft_is_only_its_authors(blog: Any) -> None:
    author = blog.visitor("ann")
    author.send("/posts/new", title="Later", text="t", tags="", action="draft")
    assert "Later" in author.read("/studio/posts")
    assert "Draft" in author.read("/posts/later")
    for reader in (blog.visitor(), blog.visitor("ben")):
        assert reader.get("/posts/later").status_code == 404
        assert "Later" not in reader.read("/")
    author.send("/posts/later/edit", title="Later", text="t", tags="", action="publish")
    assert "Later" in blog.visitor().read("/")


def test_saving_keeps_the_date_and_unpublishing_takes_the_post_away(blog: Any) -> None:
    author = blog.visitor("ann")
    author.send("/posts/new", title="Day", text="t", tags="", action="publish")
    before = author.read("/posts/day").partition("<time")[2][:60]
    author.send("/posts/day/edit", title="Day two", text="t", tags="", action="publish")
    assert author.read("/posts/day").partition("<time")[2][:60] == before
    author.send("/posts/day/edit", title="Day two", text="t", tags="", action="draft")
    assert blog.visitor().get("/posts/day").status_code == 404
    author.send("/posts/day/edit", title="Day two", text="t", tags="", action="publish")
    assert author.read("/posts/day").partition("<time")[2][:60] == before


def test_only_the_author_and_administrators_may_change_a_post(blog: Any) -> None:
    slug = blog.post("Mine", author=blog.user("ann")).slug
    for path in (f"/posts/{slug}/edit", f"/posts/{slug}/delete"):
        assert blog.visitor().get(path).status_code == 302
        assert blog.visitor("ben").get(path).status_code == 404
        assert blog.visitor("ben").send(path, page="/posts/new", title="x", text="x").status_code == 404
        assert blog.visitor("root", role="administrator").get(path).status_code == 200
    assert "Mine" in blog.visitor().read(f"/posts/{slug}")
    assert "/edit" not in blog.visitor("ben").read(f"/posts/{slug}")
    blog.visitor("root").send(f"/posts/{slug}/edit", title="Theirs", text="x", tags="", action="publish")
    assert "Theirs" in blog.visitor().read(f"/posts/{slug}")


def test_a_post_is_deleted_after_a_question(blog: Any) -> None:
    author = blog.visitor("ann")
    author.send("/posts/new", title="Gone", text="t", tags="", action="publish")
    assert "will be moved to trash" in author.read("/posts/gone/delete")
    author.send("/posts/gone/delete")
    assert "“Gone” moved to trash." in author.read("/")
    assert author.get("/posts/gone").status_code == 404


def test_a_refused_post_keeps_what_was_written(blog: Any) -> None:
    response = blog.visitor("ann").send("/posts/new", title="x" * 256, text="long work", tags="a", action="publish")
    assert response.status_code == 422
    assert "(yours has 256)" in response.text
    assert "long work" in response.text


def test_a_form_without_its_token_is_refused_and_nothing_happens(blog: Any) -> None:
    author = blog.visitor("ann")
    response = author.post("/posts/new", data={"title": "x", "text": "x"}, headers=author.headers)
    assert response.status_code == 400
    assert "x\n\nx</textarea>" in response.text
    assert author.get("/posts/x").status_code == 404


def test_what_was_written_is_not_lost_when_the_session_is_over(blog: Any) -> None:
    more = {
        "link": "https://a.example/",
        "pictures": "https://b.example/1.jpg",
        "source": "Su Shi",
        "excerpt": "Briefly.",
    }
    fields = {"title": "Mine", "text": "a long evening's work", **more}
    response = blog.visitor().post("/posts/new", data=fields)
    assert response.status_code == 401
    assert [words for words in more.values() if words not in response.text] == []
    assert "a long evening&#39;s work" in response.text.partition("<textarea")[2].partition("</textarea>")[0]
    assert "Please sign in" in response.text


@pytest.mark.parametrize("path", ["/posts/new", "/studio/posts", "/posts/x/edit", "/account"])
def test_without_signing_in_one_is_asked_to(blog: Any, path: str) -> None:
    response = blog.visitor().get(path)
    assert response.status_code == 302
    assert response.location.startswith("/login?next=")
