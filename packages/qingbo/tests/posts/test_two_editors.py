"""Two people, or two windows, edit one post: the second save is refused, and no text is lost."""

from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa
from blogs import form_on
from qingbo.extensions import session
from qingbo.posts.models import Post
from werkzeug.test import TestResponse

pytestmark = pytest.mark.sqlite_first

EDITORS = 5


def opened(visitor: Any, path: str = "/posts/shared/edit") -> dict[str, str]:
    """Return the form as somebody opened it."""
    return form_on(visitor.get(path).text)


def send(visitor: Any, form: dict[str, str], path: str = "/posts/shared/edit", **fields: str) -> TestResponse:
    response: TestResponse = visitor.post(path, data={"action": "publish"} | form | fields, headers=visitor.headers)
    return response


@pytest.fixture
def ann(blog: Any) -> Any:
    blog.post("Shared", "First.", author=blog.user("ann"), tags=["one"])
    return blog.visitor("ann")


@pytest.fixture
def root(blog: Any) -> Any:
    return blog.visitor("root", "administrator")


def text_now() -> str:
    session().rollback()
    return session().scalars(sa.select(Post.text)).one()


def test_the_second_save_is_refused_with_both_texts_on_the_page(ann: Any, root: Any) -> None:
    mine, theirs = opened(ann), opened(root)
    assert send(root, theirs, title="Root's", text="Root's <words>.", tags="two").status_code == 303
    answer = send(ann, mine, title="Ann's", text="Ann's long\n\nevening.", tags="three")
    assert answer.status_code == 409
    assert text_now() == "Root's <words>."
    kept = form_on(answer.text)
    assert (kept["title"], kept["text"], kept["tags"]) == ("Ann's", "Ann's long\n\nevening.", "three, two")
    beside = unescape(answer.text.partition("saved-version")[2])
    assert all(each in beside for each in ("Root's", "Root's <words>.", "two"))
    assert "changed this post while you were editing it" in answer.text


def test_a_merge_keeps_the_cover(ann: Any, root: Any) -> None:
    send(ann, opened(ann), cover="https://a.example/c.jpg", cover_alt="Tea")
    mine, theirs = opened(ann), opened(root)
    send(root, theirs, excerpt="In short.")
    kept = form_on(send(ann, mine, text="Second.").text)
    assert (kept["cover"], kept["cover_alt"]) == ("https://a.example/c.jpg", "Tea")
    assert (kept["text"], kept["excerpt"]) == ("Second.", "In short.")


def test_whatever_both_changed_is_on_the_page_of_the_refused_save(ann: Any, root: Any) -> None:
    fields = {
        "link": "https://{}.example/",
        "pictures": "https://{}.example/1.jpg",
        "source": "{} said",
        "cover": "https://{}.example/2.jpg",
        "excerpt": "{}!",
    }
    mine, theirs = opened(ann), opened(root)
    send(
        root,
        theirs,
        kind="quote",
        visibility="private",
        language="fr",
        date="2020-02-29T18:30",
        **named("root", fields),
    )
    answer = send(ann, mine, kind="link", visibility="unlisted", language="de", **named("ann", fields))
    assert answer.status_code == 409
    kept = form_on(answer.text.partition("saved-version")[0])
    assert {name: kept[name] for name in fields} == named("ann", fields)
    beside = unescape(answer.text.partition("saved-version")[2])
    chosen = ("Type: Quote", "Only the author and editors", "Français", "2020-02-29T18:30")
    assert [each for each in (*named("root", fields).values(), *chosen) if each not in beside] == []


def named(name: str, fields: dict[str, str]) -> dict[str, str]:
    return {field: words.format(name) for field, words in fields.items()}


def test_who_discards_their_version_has_the_saved_one_in_the_form(ann: Any, root: Any) -> None:
    mine = opened(ann)
    send(root, opened(root), text="Root's.")
    page = form_on(send(ann, mine, text="Ann's.").text.partition("saved-version")[0])
    answer = send(ann, page, action="discard")
    assert opened(ann, answer.location)["text"] == "Root's."


def test_saving_again_replaces_knowingly(ann: Any, root: Any) -> None:
    mine = opened(ann)
    send(root, opened(root), text="Root's.")
    page = send(ann, mine, text="Ann's.").text
    assert send(ann, form_on(page)).status_code == 303
    assert text_now() == "Ann's."


def test_saving_again_does_not_replace_what_is_newer_still(ann: Any, root: Any) -> None:
    mine = opened(ann)
    send(root, opened(root), text="Second.")
    page = send(ann, mine, text="Ann's.").text
    send(root, opened(root), text="Third.")
    answer = send(ann, form_on(page))
    assert answer.status_code == 409
    assert "Third." in answer.text
    assert text_now() == "Third."


def test_a_preview_between_changes_nothing_of_that(ann: Any, root: Any) -> None:
    mine = opened(ann)
    send(root, opened(root), text="Root's.")
    page = send(ann, mine, text="Ann's.", action="preview")
    assert page.status_code == 200
    assert send(ann, form_on(page.text)).status_code == 409


def test_a_refused_form_still_knows_its_version(ann: Any, root: Any) -> None:
    page = send(ann, opened(ann), title="x" * 256, text="Ann's.")
    assert page.status_code == 422
    send(root, opened(root), text="Root's.")
    assert send(ann, form_on(page.text), title="x").status_code == 409


@pytest.mark.parametrize(
    "change", [{"title": "Other"}, {"text": "Other."}, {"tags": "one, two"}, {"language": "de"}, {"action": "draft"}]
)
@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_every_change_makes_another_version(ann: Any, root: Any, change: dict[str, str]) -> None:
    mine = opened(ann)
    assert send(root, opened(root), **change).status_code == 303
    assert send(ann, mine, text="Ann's.").status_code == 409


def test_sending_the_same_twice_is_no_conflict(ann: Any) -> None:
    mine = opened(ann)
    for _ in range(2):
        assert send(ann, mine, text="Ann's.", tags="ONE, two").status_code == 303


def test_one_person_with_two_windows_is_two_editors(ann: Any) -> None:
    first, second = opened(ann), opened(ann)
    assert send(ann, first, text="In the first.").status_code == 303
    assert send(ann, second, text="In the second.").status_code == 409


def test_a_text_for_a_post_that_is_deleted_can_be_saved_as_a_new_one(ann: Any, root: Any) -> None:
    mine = opened(ann)
    assert send(root, opened(root, "/posts/shared/delete"), "/posts/shared/delete").status_code == 303
    answer = send(ann, mine, text="Ann's evening.")
    assert answer.status_code == 404
    assert 'action="/posts/new"' in answer.text
    assert form_on(answer.text)["text"] == "Ann's evening."
    assert send(ann, form_on(answer.text), "/posts/new").status_code == 303
    session().rollback()
    assert session().scalars(sa.select(Post.text).order_by(Post.id)).all() == ["First.", "Ann's evening."]


def test_who_deletes_has_seen_what_is_deleted(ann: Any, root: Any) -> None:
    question = opened(root, "/posts/shared/delete")
    send(ann, opened(ann), text="Worth keeping.")
    answer = send(root, question, "/posts/shared/delete")
    assert answer.status_code == 409
    assert "so it was not deleted" in answer.text
    assert text_now() == "Worth keeping."
    assert send(root, form_on(answer.text), "/posts/shared/delete").status_code == 303


def test_of_many_at_the_same_moment_one_is_saved_and_nobody_loses_a_word(blog: Any, ann: Any) -> None:
    forms = [(visitor, opened(visitor)) for visitor in (blog.visitor("ann") for _ in range(EDITORS))]
    session().close()

    def save(number: int) -> TestResponse:
        visitor, form = forms[number]
        data = form | {"text": f"Words of {number}.", "action": "publish"}
        answer: TestResponse = visitor.client.post("/posts/shared/edit", data=data, headers=visitor.headers)
        return answer

    answers = at_once(save)
    assert sorted(answer.status_code for answer in answers) == [303] + [409] * (EDITORS - 1)
    (winner,) = [number for number, answer in enumerate(answers) if answer.status_code == 303]
    assert text_now() == f"Words of {winner}."
    for number, answer in enumerate(answers):
        if number != winner:
            assert form_on(answer.text)["text"] == f"Words of {number}."
            assert f"Words of {winner}." in answer.text


def test_of_a_save_and_a_deletion_at_the_same_moment_one_happens(blog: Any, ann: Any) -> None:
    visitors = [blog.visitor("ann") for _ in range(2)]
    paths = ("/posts/shared/edit", "/posts/shared/delete")
    forms = [opened(visitor, path) for visitor, path in zip(visitors, paths, strict=True)]
    session().close()

    def act(number: int) -> TestResponse:
        data = forms[number] | {"text": "Saved.", "action": "publish"}
        answer: TestResponse = visitors[number].client.post(paths[number], data=data, headers=visitors[number].headers)
        return answer

    saved, deleted = at_once(act, 2)
    assert (saved.status_code, deleted.status_code) in {(303, 409), (404, 303)}
    assert form_on(saved.text)["text"] == "Saved." if saved.status_code == 404 else text_now() == "Saved."


def at_once(act: Any, count: int = EDITORS) -> list[TestResponse]:
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(lambda number: Context().run(act, number), range(count)))
