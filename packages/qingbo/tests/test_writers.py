"""Many concurrent writers: each gets a turn, and no acknowledged write is lost."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from typing import Any

import pytest
import sqlalchemy as sa
from blogs import PASSWORD
from qingbo.comments.models import Comment
from qingbo.extensions import session
from qingbo.posts.models import Post, PostTag, Tag

WRITERS, ROUNDS = 6, 8


@pytest.mark.slow
def test_many_writers_take_turns_and_lose_nothing(blog: Any) -> None:
    slug = blog.post("Here").slug
    session().close()
    visitors = [blog.visitor(f"writer{number}") for number in range(WRITERS)]
    session().close()
    statuses: list[int] = []
    lock = threading.Lock()

    def write(visitor: Any) -> None:
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', visitor.client.get(f"/posts/{slug}").text)
        assert token
        for number in range(ROUNDS):
            fields = {"csrf_token": token[1], "text": f"text {number}"}
            post = {"title": f"Title {number % 3}", "tags": "shared, other", "action": "publish"}
            codes = [
                visitor.client.post(f"/posts/{slug}", data=fields, headers=visitor.headers).status_code,
                visitor.client.post("/posts/new", data=fields | post, headers=visitor.headers).status_code,
            ]
            with lock:
                statuses.extend(codes)

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(lambda visitor: Context().run(write, visitor), visitors))
    assert set(statuses) == {303}
    assert session().scalar(sa.select(sa.func.count(Comment.id))) == WRITERS * ROUNDS
    assert session().scalar(sa.select(sa.func.count(Post.id))) == WRITERS * ROUNDS + 1
    assert session().scalar(sa.select(sa.func.count()).select_from(PostTag)) == 2 * WRITERS * ROUNDS
    assert set(session().scalars(sa.select(Tag.post_count))) == {WRITERS * ROUNDS}


def test_a_form_that_was_taken_asks_the_database_nothing_after_its_commit(blog: Any, count_queries: Any) -> None:
    post = f"/posts/{blog.post('Here').slug}"
    writer, guest = blog.visitor("writer"), blog.visitor()
    page = writer.get(post).text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token
    fields = {"csrf_token": token[1], "text": "text"}
    article = fields | {"title": "Title", "tags": "tag", "action": "publish"}

    def last_statement(send: Any, *words: Any, **named: Any) -> str:
        answers = []
        statements: list[str] = count_queries(lambda: answers.append(send(*words, **named)))
        assert [answer.status_code for answer in answers] == [303]
        return statements[-1]

    for sent in (
        last_statement(writer.client.post, post, data=fields, headers=writer.headers),
        last_statement(writer.client.post, "/posts/new", data=article, headers=writer.headers),
        last_statement(writer.client.post, "/posts/title/edit", data=article, headers=writer.headers),
        last_statement(guest.comment, post),
    ):
        assert "public_changes" in sent
    signed_in = last_statement(blog.visitor().send, "/login", name="writer", password=PASSWORD)
    assert signed_in.startswith("INSERT INTO audit_events")


@pytest.mark.parametrize("engine_name", ["sqlite"])
def test_a_refused_comment_does_not_wait_for_itself(blog: Any) -> None:
    import time

    from qingbo.database import BUSY_TIMEOUT_SECONDS, writing
    from qingbo.renderings import Rendering

    slug = blog.post("Here").slug
    with writing():
        session().execute(sa.delete(Rendering))
        session().commit()
    begun = time.monotonic()
    assert blog.visitor().send(f"/posts/{slug}", name="", text="").status_code == 422
    assert time.monotonic() - begun < BUSY_TIMEOUT_SECONDS
