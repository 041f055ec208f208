"""Typed text is stored before it is saved, and offered again; two tabs or two people overwrite nothing."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from blogs import form_on
from qingbo.clock import now
from qingbo.database import writing
from qingbo.extensions import session
from qingbo.posts.models import Post, PostDraft, PostVersion

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("engine_name", ["sqlite", "mariadb"], indirect=True)]


def type_into(visitor: Any, status: int = 200, **fields: str) -> dict[str, Any]:
    answer = visitor.send("/posts/autosave", page="/posts/new", **{"draft": "new-draft", "opened": "tab1.", **fields})
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = json.loads(answer.text) if answer.is_json else {}
    return found


def drafts() -> list[dict[str, str]]:
    session().rollback()
    return [json.loads(text) for text in session().scalars(sa.select(PostDraft.content).order_by(PostDraft.id))]


def test_a_text_that_was_never_saved_is_offered_again(blog: Any) -> None:
    ann = blog.visitor("ann")
    type_into(ann, title="晚上", text="Half a sen", tags="a, b")
    type_into(ann, title="晚上", text="Half a sentence", tags="a, b")
    assert [each["text"] for each in drafts()] == ["Half a sentence"]
    assert "/posts/new?draft=new-draft" in ann.read("/posts/new")
    page = ann.read("/posts/new?draft=new-draft")
    assert "Half a sentence</textarea>" in page
    assert ">晚上</textarea>" in page
    assert "Half a sentence" not in blog.visitor("ben").read("/posts/new?draft=new-draft")
    ann.send("/posts/new", draft="new-draft", opened="tab1.", text="Half a sentence", action="publish")
    assert drafts() == []


def test_changes_to_a_published_post_wait_beside_it_until_it_is_updated(blog: Any) -> None:
    ann = blog.visitor("ann")
    post = blog.post("p", "Public words.", author=blog.user("ann"))
    fields = {"draft": f"post-{post.id}", "title": "p", "text": "Better words.", "post": str(post.id)}
    answer = type_into(ann, **fields)
    assert answer["others"] == []
    assert "Public words." in blog.visitor().read("/posts/p")
    assert "Better words.</textarea>" in ann.read("/posts/p/edit")
    assert "Public words.</textarea>" in blog.visitor("root", "administrator").read("/posts/p/edit")
    ann.send("/posts/p/edit", **fields, opened="tab1.", action="publish")
    assert "Better words." in blog.visitor().read("/posts/p")
    assert drafts() == []


def test_discarded_changes_are_gone(blog: Any) -> None:
    ann = blog.visitor("ann")
    post = blog.post("p", "Public words.", author=blog.user("ann"))
    type_into(ann, draft=f"post-{post.id}", text="Worse.", post=str(post.id))
    ann.send("/posts/p/edit", draft=f"post-{post.id}", opened="tab1.", action="discard")
    assert drafts() == []
    assert "Public words.</textarea>" in ann.read("/posts/p/edit")


def test_who_discards_leaves_what_another_tab_wrote_since(blog: Any) -> None:
    ann = blog.visitor("ann")
    type_into(ann, text="In one tab.")
    type_into(ann, opened="tab2.", text="In the other.")
    ann.send("/posts/new", draft="new-draft", opened="tab1.", text="In one tab.", action="discard")
    assert "In the other." in [each["text"] for each in drafts()]


def test_two_tabs_overwrite_nothing(blog: Any) -> None:
    ann = blog.visitor("ann")
    post = blog.post("p", "First.", author=blog.user("ann"))
    common = {"draft": f"post-{post.id}", "post": str(post.id)}
    type_into(ann, **common, opened="tab1.", text="In one tab.")
    type_into(ann, **common, opened="tab2.", text="In the other.")
    type_into(ann, **common, opened="tab1.", text="In one tab, on and on.")
    texts = {each["text"] for each in drafts()}
    assert {"In the other.", "In one tab, on and on."} <= texts
    ann.send("/posts/p/edit", **common, opened="tab2.", text="In the other.", action="publish")
    assert "In one tab, on and on." in {each["text"] for each in drafts()}


def test_who_goes_on_with_a_draft_in_a_new_tab_replaces_it(blog: Any) -> None:
    ann = blog.visitor("ann")
    type_into(ann, text="One.")
    page = ann.read("/posts/new?draft=new-draft")
    opened = page.partition('name="opened"')[2].partition('value="')[2].partition('"')[0]
    type_into(ann, text="One, two.", opened=opened)
    assert [each["text"] for each in drafts()] == ["One, two."]


def test_the_text_for_a_post_that_is_gone_is_kept_as_one_of_a_new_post(blog: Any) -> None:
    ann = blog.visitor("ann")
    post = blog.post("p", author=blog.user("ann"))
    number = post.id
    ann.send("/posts/p/delete")
    type_into(ann, 409, draft=f"post-{number}", post=str(number), text="Still here.")
    assert "Still here." in ann.read(f"/posts/new?draft=was-post-{number}")


def test_a_refused_save_is_a_draft_too(blog: Any) -> None:
    ann, root = blog.visitor("ann"), blog.visitor("root", "administrator")
    post = blog.post("p", "One.", author=blog.user("ann"))
    version = ann.read("/posts/p/edit").partition('name="version"')[2].partition('value="')[2].partition('"')[0]
    root.send("/posts/p/edit", title="p", text="Root's.", action="publish")
    fields = {"title": "p", "text": "Ann's.", "version": version, "draft": f"post-{post.id}", "opened": "t."}
    assert ann.send("/posts/p/edit", **fields, action="publish").status_code == 409
    assert [each["text"] for each in drafts()] == ["Ann's."]


def test_changes_that_do_not_touch_are_merged_and_shown_before_they_are_saved(blog: Any) -> None:
    ann, root = blog.visitor("ann"), blog.visitor("root", "administrator")
    blog.post("p", "第一句。第二句。第三句。", author=blog.user("ann"), tags=["one"])
    version = ann.read("/posts/p/edit").partition('name="version"')[2].partition('value="')[2].partition('"')[0]
    root.send("/posts/p/edit", title="p", text="第一句。第二句。新的第三句。", tags="one, two", action="publish")
    fields = {"title": "New title", "text": "新的第一句。第二句。第三句。", "tags": "one", "version": version}
    answer = ann.send("/posts/p/edit", **fields, action="publish")
    assert answer.status_code == 409
    assert "新的第一句。第二句。新的第三句。</textarea>" in answer.text
    assert 'value="one, two"' in answer.text
    assert ">New title</textarea>" in answer.text
    assert "saved-version" not in answer.text


def test_who_else_has_the_post_open_is_said(blog: Any) -> None:
    ann, root = blog.visitor("ann"), blog.visitor("root", "administrator")
    post = blog.post("p", author=blog.user("ann"))
    common = {"draft": f"post-{post.id}", "post": str(post.id), "text": "x"}
    assert type_into(ann, **common)["others"] == []
    assert type_into(root, **common)["others"] == ["ann"]
    assert type_into(ann, **common)["others"] == ["root"]
    with time_machine.travel(now() + timedelta(minutes=3), tick=False):
        assert type_into(root, **common)["others"] == []


def test_a_newer_save_is_said(blog: Any) -> None:
    ann, root = blog.visitor("ann"), blog.visitor("root", "administrator")
    post = blog.post("p", author=blog.user("ann"))
    version = ann.read("/posts/p/edit").partition('name="version"')[2].partition('value="')[2].partition('"')[0]
    common = {"draft": f"post-{post.id}", "post": str(post.id), "text": "x", "version": version}
    assert type_into(ann, **common)["newer"] is False
    root.send("/posts/p/edit", title="p", text="Newer.", action="publish")
    assert type_into(ann, **common)["newer"] is True


def test_five_minutes_of_typing_make_a_version_and_so_does_each_save(blog: Any) -> None:
    ann = blog.visitor("ann")
    post = blog.post("p", "0", author=blog.user("ann"))
    start = now()
    for minute in range(12):
        with time_machine.travel(start + timedelta(minutes=minute), tick=False):
            type_into(ann, draft=f"post-{post.id}", post=str(post.id), text=str(minute))
    ann.send("/posts/p/edit", title="p", text="12", action="publish")
    session().rollback()
    kept = session().execute(sa.select(PostVersion.content, PostVersion.is_saved).order_by(PostVersion.id)).all()
    assert [(json.loads(content)["text"], saved) for content, saved in kept] == [
        ("0", False), ("5", False), ("10", False), ("0", True), ("12", True),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["", "x" * 41, "中文"])
def test_a_draft_needs_a_name(blog: Any, name: str) -> None:
    assert "problem" in type_into(blog.visitor("ann"), 422, draft=name, text="t")


def test_only_authors_are_helped_and_only_with_what_they_may_change(blog: Any) -> None:
    post = blog.post("p", "Public.", author=blog.user("ann"))
    for path in ("/posts/autosave", "/posts/preview", "/posts/pasted"):
        assert blog.visitor().send(path, page="/login", text="x").status_code == 401
    assert blog.visitor().get("/posts/tags?begin=a").status_code == 302
    type_into(blog.visitor("ben"), 409, draft=f"post-{post.id}", post=str(post.id), text="Ben's.")
    assert session().scalar(sa.select(sa.func.count()).select_from(PostVersion)) == 0
    assert session().scalars(sa.select(Post.text)).one() == "Public."


def test_a_preview_is_what_the_page_will_show(blog: Any) -> None:
    ann = blog.visitor("ann")
    answer = ann.send("/posts/preview", page="/posts/new", kind="quote", text="*a* <script>", source="me")
    assert json.loads(answer.text) == {
        "html": "<blockquote>\n<p><em>a</em> &lt;script&gt;</p>\n<p>— me</p>\n</blockquote>\n",
        "is_cut": False,
        "removed": ["Line 1: <script> isn’t allowed in posts and is shown as text."],
        "notes": answer.json["notes"],
    }
    assert "<li>Line 1: &lt;script&gt; is" in answer.json["notes"]
    assert "problem" in json.loads(ann.send("/posts/preview", page="/posts/new", text="x" * 500_001).text)


def test_rich_text_becomes_markdown(blog: Any) -> None:
    ann = blog.visitor("ann")
    html = "<h2>标题</h2><p onclick='x()'>a <b>bold</b> <script>x</script><a href='https://a.example'>link</a></p>"
    answer = ann.send("/posts/pasted", page="/posts/new", html=html)
    assert json.loads(answer.text) == {"text": "## 标题\n\na **bold** [link](https://a.example)"}
    assert "problem" in json.loads(ann.send("/posts/pasted", page="/posts/new", html="x" * 2_000_001).text)


def test_previews_and_pastes_are_limited_for_each_writer(blog: Any) -> None:
    ann = blog.visitor("ann")
    token = form_on(ann.read("/posts/new"))["csrf_token"]
    for path, most in (("/posts/pasted", 30), ("/posts/preview", 180)):
        answers = [ann.post(path, data={"csrf_token": token}, headers=ann.headers) for _ in range(most + 2)]
        assert [answer.status_code for answer in answers] == [200] * most + [429] * 2
        assert "in a short time" in answers[-1].json["problem"]
        assert blog.visitor("ben").send(path, page="/posts/new").status_code == 200


def test_unfinished_texts_are_told_apart_by_when_they_were_typed(blog: Any) -> None:
    ann = blog.visitor("ann")
    for day in (1, 2):
        type_into(ann, draft=f"new-{day}", kind="photos", pictures="https://example.com/tea.jpg")
        with writing():
            moment = datetime(2026, 3, day, 4, 5, tzinfo=UTC)
            session().execute(sa.update(PostDraft).where(PostDraft.name == f"new-{day}").values(saved_at=moment))
            session().commit()
    for page in (ann.read("/posts/new"), ann.read("/studio/posts")):
        listed = page.partition("Unfinished posts")[2].partition("</ul>")[0]
        assert re.findall(r'datetime="([^T]+)', listed) == ["2026-03-02", "2026-03-01"]
        assert listed.count("https://example.com/tea.jpg") == 2


def test_the_bin_shows_that_a_post_has_unsaved_changes(blog: Any) -> None:
    ann = blog.visitor("ann")
    post = blog.post("p", "Public words.", author=blog.user("ann"))
    blog.post("other", author=blog.user("ann"))
    type_into(ann, draft=f"post-{post.id}", post=str(post.id), title="p", text="Better words.")
    for slug in ("p", "other"):
        ann.send(f"/posts/{slug}/delete")
    assert ann.read("/studio/posts?state=binned").count("Autosaved changes") == 1
    ann.send(f"/posts/deleted/{post.id}", page="/studio/posts?state=binned")
    assert "Better words.</textarea>" in ann.read("/posts/p/edit")


def test_tags_are_completed_the_most_used_first(blog: Any) -> None:
    for tags in (["旅行", "旅行笔记"], ["旅行笔记"], ["Travel", "100%"]):
        blog.post(tags=tags)
    ann = blog.visitor("ann")
    assert json.loads(ann.read("/posts/tags?begin=旅")) == ["旅行笔记", "旅行"]
    assert json.loads(ann.read("/posts/tags?begin=TRA")) == ["Travel"]
    assert json.loads(ann.read("/posts/tags?begin=%25")) == []
    assert json.loads(ann.read("/posts/tags")) == []
