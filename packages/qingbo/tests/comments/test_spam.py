"""Protection from spam: passes, the trap, the challenge, holding comments."""

import base64
import json
import re
from html import unescape
from typing import Any

import altcha
import pytest
import sqlalchemy as sa
from blogs import at_another_time
from qingbo.comments import passes
from qingbo.comments.holding import has_trigger_word, links_in, state_of_guests
from qingbo.comments.models import Comment, State
from qingbo.config import Settings
from qingbo.extensions import session

pytestmark = pytest.mark.sqlite_first


@pytest.fixture
def post(blog: Any) -> str:
    return f"/posts/{blog.post('Post').slug}"


def states() -> list[str]:
    session().rollback()
    return list(session().scalars(sa.select(Comment.state).order_by(Comment.id)))


def hidden_fields(page: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.partition('class="preview"')[2])
    return {name: unescape(value) for name, value in found if name not in {"back", "csrf_token"}}


def test_without_a_pass_the_comment_is_shown_once_more_and_sent_from_there(blog: Any, post: str) -> None:
    guest = blog.visitor()
    answer = guest.send(post, name="g", text="*hello*", email="g@example.com")
    assert answer.status_code == 200
    assert "<em>hello</em>" in answer.text
    assert states() == []
    fields = hidden_fields(answer.text)
    quick = guest.send(post, **fields)
    assert (quick.status_code, "too quickly" in quick.text) == (422, True)
    assert hidden_fields(quick.text) == fields
    with at_another_time(seconds=3):
        assert guest.send(post, **fields).status_code == 303
    assert states() == [State.HELD]
    comment = session().scalars(sa.select(Comment)).one()
    assert (comment.text, comment.guest_email) == ("*hello*", "g@example.com")


def test_a_pass_is_good_for_one_comment_and_not_for_ever(blog: Any, post: str) -> None:
    with at_another_time(minutes=-1):
        once = passes.new_pass()["started"]
    with at_another_time(hours=-7):
        old = passes.new_pass()["started"]
    codes = [blog.visitor().send(post, name="g", text="t", started=each).status_code for each in (once, once, old, "x")]
    assert codes == [303, 200, 200, 200]


def test_a_script_gets_its_pass_without_a_cookie(blog: Any) -> None:
    answer = blog.visitor().post("/comments/pass", headers={"Sec-Fetch-Site": "same-origin"})
    assert list(answer.json) == ["started"]
    assert "Set-Cookie" not in answer.headers
    assert blog.visitor().post("/comments/pass", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_the_trap_catches_programs_and_says_nothing(blog: Any, post: str) -> None:
    assert blog.comment(post, "buy", website="https://spam.example").status_code == 303
    assert states() == [State.SPAM]
    assert "buy" not in blog.visitor().read(post)


def solved(challenge: dict[str, Any]) -> str:
    solution = altcha.solve_challenge(altcha.Challenge.from_dict(challenge))
    assert solution
    payload = {"challenge": challenge, "solution": solution.to_dict()}
    return base64.b64encode(json.dumps(payload).encode()).decode()


def test_the_challenge_costs_work_or_waiting(blog: Any, post: str) -> None:
    blog.change_settings(comment_challenge=True)
    with at_another_time(seconds=-5):
        given = passes.new_pass()
        waiting = passes.new_pass()
    work = solved(given["challenge"])
    lazy = blog.visitor().send(post, name="g", text="t", started=waiting["started"])
    assert lazy.status_code == 422
    assert re.search(r"Wait 1?\d seconds", lazy.text)
    assert blog.visitor().send(post, name="g", text="t", started=given["started"], work=work).status_code == 303
    with at_another_time(seconds=-5):
        again = passes.new_pass()["started"]
    assert blog.visitor().send(post, name="g", text="t", started=again, work=work).status_code == 422, "solved once"
    forged = work[:-8] + "AAAAAAA="
    assert blog.visitor().send(post, name="g", text="t", started=again, work=forged).status_code == 422
    with at_another_time(seconds=16):
        assert blog.visitor().send(post, name="g", text="t", started=waiting["started"]).status_code == 303


def test_readers_with_an_account_do_not_wait(blog: Any, post: str) -> None:
    blog.change_settings(comment_hold="all", comment_challenge=True, comment_words="tea")
    reader = blog.visitor("rita", "reader")
    text = "tea https://a.example https://b.example https://c.example"
    assert reader.send(post, text=text).status_code == 303
    assert states() == [State.SHOWN]


def test_the_first_of_a_guest_waits_and_then_no_more(blog: Any, post: str) -> None:
    ann = blog.visitor("author")
    fields = {"name": "lin", "email": "lin@example.com"}
    blog.comment(post, "one", **fields)
    number = session().scalar(sa.select(Comment.id))
    ann.send(f"/comments/{number}/verdict", page="/studio/comments", verdict="approve")
    blog.comment(post, "two", **fields)
    blog.comment(post, "three", name="lin", email="other@example.com")
    blog.comment(post, "four", name="not lin", email="lin@example.com")
    blog.comment(post, "five", name="lin")
    assert states() == [State.SHOWN, State.SHOWN, State.HELD, State.HELD, State.HELD]


def test_a_guest_sees_that_the_comment_waits(blog: Any, post: str) -> None:
    guest = blog.visitor()
    answer = guest.comment(post, "my first")
    page = guest.read(answer.location.partition("#")[0])
    assert "my first" in page
    assert "Pending approval" in page
    assert "my first" not in blog.visitor().read(post)


def test_guests_can_be_kept_out(blog: Any, post: str) -> None:
    blog.change_settings(guest_comments=False)
    assert "Sign in to comment." in blog.visitor().read(post)
    assert "Sign in to comment." in blog.comment(post, "x").text
    assert blog.visitor("rita", "reader").send(post, text="x").status_code == 303


@pytest.mark.parametrize(
    ("settings", "text", "known", "expected"),
    [
        ({"comment_hold": "none"}, "hello", False, State.SHOWN),
        ({"comment_hold": "none"}, "https://a.example", False, State.SHOWN),
        ({"comment_hold": "none"}, "https://a.example www.b.example", False, State.HELD),
        ({"comment_hold": "none", "comment_links": 0}, "[x](https://a.example)", False, State.HELD),
        ({"comment_hold": "none", "comment_words": "casino，代开发票\nviagra"}, "澳门代开发票", False, State.HELD),
        ({"comment_hold": "none", "comment_words": "casino"}, "CASINO!", True, State.HELD),
        ({"comment_hold": "first"}, "hello", True, State.SHOWN),
        ({"comment_hold": "first"}, "hello", False, State.HELD),
        ({"comment_hold": "all"}, "hello", True, State.HELD),
    ],
)
def test_what_waits(settings: dict[str, Any], text: str, known: bool, expected: State) -> None:
    assert state_of_guests(text, "g", Settings(**settings), known=known, trapped=False) == expected


def test_counting_links_and_words() -> None:
    assert [links_in(text) for text in ("", "[a](https://b.example)", "HTTP://a www.b")] == [0, 1, 2]
    assert not has_trigger_word("anything", " , \n")
