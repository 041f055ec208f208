"""Threads of two levels, changing and deleting own comments, the moderation queue, and mails about replies."""

import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from mailbox_reading import link_in, mails
from qingbo.clock import now
from qingbo.comments.models import Comment, State, Subscription
from qingbo.database import writing
from qingbo.extensions import session
from qingbo.mail.models import OutgoingMail

pytestmark = pytest.mark.sqlite_first


@pytest.fixture
def post(blog: Any) -> str:
    blog.change_settings(comment_hold="none")
    return f"/posts/{blog.post('Post', author=blog.user('ann')).slug}"


def newest() -> Comment:
    session().rollback()
    return session().scalars(sa.select(Comment).order_by(Comment.id.desc())).first()  # type: ignore[return-value]


def texts(page: str) -> list[str]:
    return re.findall(r'<div class="prose"[^>]*><p>([^<]+)</p>', page.partition('id="comments"')[2])


def age(comment: Comment, **by: int) -> None:
    with writing():
        moved = sa.update(Comment).where(Comment.id == comment.id).values(created_at=now() - timedelta(**by))
        session().execute(moved)
        session().commit()


def test_replies_stand_under_what_they_reply_to_two_levels_deep(blog: Any, post: str) -> None:
    blog.comment(post, "first")
    first = newest()
    blog.comment(post, "second")
    blog.comment(post, "to the first", parent=str(first.id))
    reply = newest()
    assert "Reply to guest" in blog.visitor().read(f"{post}?reply={reply.id}")
    blog.comment(post, "to the reply", parent=str(reply.id))
    assert newest().parent_id == first.id
    assert texts(blog.visitor().read(post)) == ["first", "to the first", "to the reply", "second"]


@pytest.mark.parametrize("parent", ["0", "99999", "x", "9" * 30, "-1"])
def test_a_reply_to_nothing_is_refused_or_stands_alone(blog: Any, post: str, parent: str) -> None:
    answer = blog.comment(post, "my words", parent=parent)
    assert answer.status_code in {303, 422}
    if answer.status_code == 422:
        assert "my words" in answer.text
    assert blog.visitor().get(f"{post}?reply={parent}").status_code == 200


def test_nobody_replies_to_what_they_cannot_read(blog: Any, post: str) -> None:
    other = f"/posts/{blog.post('Other').slug}"
    blog.comment(other, "elsewhere")
    elsewhere = newest()
    assert blog.comment(post, "x", parent=str(elsewhere.id)).status_code == 422


def test_threads_come_in_pages_and_each_comment_is_on_one(blog: Any, post: str) -> None:
    number = session().scalar(sa.text("SELECT id FROM posts"))
    with writing():
        session().add_all(Comment(post_id=number, guest_name="g", text=f"c{n:03}") for n in range(60))
        session().commit()
        roots = session().scalars(sa.select(Comment.id).order_by(Comment.id)).all()
        replies = [(root, n) for n in range(3) for root in roots]
        session().add_all(Comment(post_id=number, guest_name="g", text=f"r{n}", parent_id=root) for root, n in replies)
        session().commit()
    seen: list[str] = []
    path: str | None = post
    while path:
        page = blog.visitor().read(path)
        seen += texts(page)
        more = re.search(r'rel="next" href="([^"#]+)#comments"', page)
        path = more[1] if more else None
    assert seen == [text for n in range(60) for text in (f"c{n:03}", "r0", "r1", "r2")]


def test_a_guest_changes_and_deletes_in_the_same_browser_for_15_minutes(blog: Any, post: str) -> None:
    guest = blog.visitor()
    guest.comment(post, "tpyo")
    comment = newest()
    path = f"/comments/{comment.id}/edit"
    assert path in guest.read(post)
    assert path not in blog.visitor().read(post)
    assert "tpyo" in guest.read(path)
    assert guest.send(path, text="").status_code == 422
    guest.send(path, text="typo")
    assert texts(blog.visitor().read(post)) == ["typo"]
    assert "Edited" in blog.visitor().read(post)
    assert guest.post(path, data={"text": "x"}, headers=guest.headers).status_code == 400, "without its token"
    age(comment, minutes=16)
    assert guest.get(path).status_code == 404
    assert guest.get(f"/comments/{comment.id}/delete").status_code == 404


def test_a_guest_cannot_smuggle_links_in_by_changing(blog: Any, post: str) -> None:
    guest = blog.visitor()
    guest.comment(post, "harmless")
    guest.send(f"/comments/{newest().id}/edit", text="https://a.example https://b.example https://c.example")
    assert newest().state == State.HELD
    assert texts(blog.visitor().read(post)) == []


def test_an_account_deletes_its_own_at_any_time_and_nobody_elses(blog: Any, post: str) -> None:
    ben, carl = blog.visitor("ben"), blog.visitor("carl", "reader")
    ben.send(post, text="mine")
    comment = newest()
    age(comment, days=400)
    assert ben.get(f"/comments/{comment.id}/edit").status_code == 404
    assert carl.get(f"/comments/{comment.id}/delete").status_code == 404
    assert ben.send(f"/comments/{comment.id}/delete").status_code == 303
    assert texts(blog.visitor().read(post)) == []


def test_a_deleted_comment_leaves_its_place_to_its_replies(blog: Any, post: str) -> None:
    ben = blog.visitor("ben")
    ben.send(post, text="regretted")
    root = newest()
    blog.comment(post, "an answer", parent=str(root.id))
    ben.send(f"/comments/{root.id}/delete")
    page = blog.visitor().read(post)
    assert "This comment was deleted." in page
    assert "regretted" not in page
    assert texts(page) == ["an answer"]
    assert session().scalar(sa.select(Comment.text).where(Comment.id == root.id)) == ""


def test_the_queue_judges_in_one_click_and_in_bulk(blog: Any, post: str) -> None:
    blog.change_settings(comment_hold="all")
    for text in ("one", "two", "three", "four"):
        blog.comment(post, text)
    assert texts(blog.visitor().read(post)) == []
    ann = blog.visitor("ann")
    page = ann.read("/studio/comments")
    assert "4 pending approval" in re.sub(r"<[^>]+>", "", page)
    numbers = re.findall(r'name="comment" value="(\d+)"', page)
    assert len(numbers) == 4
    ann.send(f"/comments/{numbers[0]}/verdict", page="/studio/comments", verdict="spam", back="studio")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    form = {"csrf_token": token[1], "verdict": "approve", "comment": numbers[1:3]}
    ann.post("/studio/comments", data=form, headers=ann.headers)
    assert texts(blog.visitor().read(post)) == ["two", "three"]
    assert "four" in ann.read("/studio/comments?state=spam")
    ann.send(f"/comments/{numbers[3]}/verdict", page="/studio/comments", verdict="reject")
    assert "one" in ann.read("/studio/comments?state=hidden")
    assert "No comments here." in ann.read("/studio/comments")
    assert ann.get("/studio/comments?state=nonsense").status_code == 404
    assert ann.send("/studio/comments", page="/studio/posts", verdict="explode").status_code == 400


def test_an_author_does_not_see_the_queue_of_others(blog: Any, post: str) -> None:
    blog.change_settings(comment_hold="all")
    blog.comment(post, "for ann alone")
    assert "for ann alone" not in blog.visitor("ben").read("/studio/comments")
    assert "for ann alone" in blog.visitor("ed", "editor").read("/studio/comments")


@pytest.fixture
def conversation(mailing_blog: Any) -> str:
    """A post on which a guest asked something, wanting to hear of replies; approved."""
    post = f"/posts/{mailing_blog.post('Tea', author=mailing_blog.user('ann')).slug}"
    mailing_blog.comment(post, "question?", email="Guest@Example.com", subscribe="y")
    ann = mailing_blog.visitor("ann")
    ann.send(f"/comments/{newest().id}/verdict", page="/studio/comments", verdict="approve")
    return post


def test_replies_are_told_by_mail(mailing_blog: Any, conversation: str) -> None:
    question = newest()
    assert mails() == []
    mailing_blog.visitor("ann").send(conversation, text="answer!", parent=str(question.id))
    (text,) = mails("guest@example.com")
    assert "answer!" in text
    assert texts(mailing_blog.visitor().read(link_in(text))) == ["question?", "answer!"]


def test_a_held_reply_is_told_when_it_is_approved(mailing_blog: Any, conversation: str) -> None:
    question = newest()
    mailing_blog.comment(conversation, "me too", name="stranger", parent=str(question.id))
    assert mails() == []
    ann = mailing_blog.visitor("ann")
    for verdict in ("approve", "approve", "reject", "approve"):
        ann.send(f"/comments/{newest().id}/verdict", page="/studio/comments", verdict=verdict)
    assert len(mails("guest@example.com")) == 2, "approving what is shown already tells nobody again"


def test_who_replies_to_themselves_is_not_told(mailing_blog: Any, conversation: str) -> None:
    question = newest()
    mailing_blog.comment(conversation, "PS", email="guest@example.com", parent=str(question.id))
    assert newest().state == State.SHOWN, "a guest who was approved before does not wait"
    assert mails() == []


def test_one_click_ends_the_mails(mailing_blog: Any, conversation: str) -> None:
    question = newest()
    ann = mailing_blog.visitor("ann")
    ann.send(conversation, text="answer", parent=str(question.id))
    session().rollback()
    url = session().scalar(sa.select(OutgoingMail.unsubscribe_url))
    path = link_in(str(url))
    assert "Stop receiving reply notifications" in mailing_blog.visitor().read(path)
    assert session().scalar(sa.select(sa.func.count(Subscription.id))) == 1, "a program that follows links ends nothing"
    # As a mail program sends it: no cookie, no token, no page before (RFC 8058).
    assert mailing_blog.visitor().post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    ann.send(conversation, text="another", parent=str(question.id))
    assert len(mails()) == 1
    assert mailing_blog.visitor().get(path).status_code == 404


def test_a_subscription_is_made_once(mailing_blog: Any, conversation: str) -> None:
    question = newest()
    for _ in range(2):
        fields = {"email": "guest@example.com", "subscribe": "y", "parent": str(question.id)}
        assert mailing_blog.comment(conversation, "again", **fields).status_code == 303
    assert session().scalar(sa.select(sa.func.count(Subscription.id))) == 1


def test_nobody_has_strangers_mailed(mailing_blog: Any, conversation: str) -> None:
    question = newest()
    victim = {"email": "victim@example.com", "subscribe": "y", "parent": str(question.id), "name": "mallory"}
    mailing_blog.comment(conversation, "held", **victim)
    mailing_blog.comment(conversation, "spam", website="x", **(victim | {"email": "other@example.com"}))
    ann = mailing_blog.visitor("ann")
    for number in range(14):
        ann.send(conversation, text=f"reply {number}", parent=str(question.id))
    assert mails("victim@example.com") == []
    assert mails("other@example.com") == []
    assert len(mails("guest@example.com")) == 10, "and a mailbox is not filled"
