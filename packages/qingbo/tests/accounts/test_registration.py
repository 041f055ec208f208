"""Registering: the four modes, invitations, approval, confirming an address with and without mail."""

import re
from typing import Any

import pytest
import sqlalchemy as sa
from blogs import PASSWORD, at_another_time
from mailbox_reading import link_in, mails
from qingbo.accounts.models import User
from qingbo.accounts.queries import user_named
from qingbo.extensions import session

pytestmark = pytest.mark.sqlite_first

FORM = {"name": "ben", "email": "Ben@Example.com", "password": PASSWORD, "repeated": PASSWORD}


def register(blog: Any, path: str = "/register", **fields: str) -> Any:
    return blog.visitor().send(path, **(FORM | fields))


def signs_in(blog: Any, name: str = "ben") -> tuple[int, str]:
    answer = blog.visitor().send("/login", name=name, password=PASSWORD)
    return answer.status_code, answer.text


@pytest.mark.parametrize(
    ("setting", "words"),
    [("closed", "Sign-up is closed."), ("invitation", "Sign-up is by invitation only.")],
)
def test_a_closed_door_says_so_and_takes_no_form(blog: Any, setting: str, words: str) -> None:
    blog.change_settings(registration=setting)
    assert words in blog.visitor().read("/register")
    assert "/register" not in blog.visitor().read("/")
    assert register(blog).status_code == 422
    assert user_named(session(), "ben") is None


def test_by_default_an_administrator_approves(blog: Any) -> None:
    assert register(blog).location == "/register/done"
    code, page = signs_in(blog)
    assert (code, "pending approval" in page) == (422, True)
    root = blog.visitor("root", "administrator")
    assert "ben" in root.read("/studio/people").partition("All users")[0]
    root.send("/studio/people/ben/approve", page="/studio/people")
    assert signs_in(blog)[0] == 303
    assert user_named(session(), "ben").role == "reader"  # type: ignore[union-attr]


def test_an_open_door_with_mail(mailing_blog: Any) -> None:
    mailing_blog.change_settings(registration="open", registration_role="author")
    register(mailing_blog)
    assert "not confirmed" in signs_in(mailing_blog)[1]
    (text,) = mails("ben@example.com")
    mailing_blog.visitor().send(link_in(text))
    assert signs_in(mailing_blog)[0] == 303
    assert signs_in(mailing_blog, "BEN@example.com")[0] == 303, "the address does for the name, too"
    assert user_named(session(), "ben").role == "author"  # type: ignore[union-attr]


def test_who_is_approved_is_told(mailing_blog: Any) -> None:
    register(mailing_blog)
    root = mailing_blog.visitor("root", "administrator")
    root.send("/studio/people/ben/approve", page="/studio/people")
    assert "has been approved" in mails("ben@example.com")[-1]


def test_nobody_learns_whose_address_is_known(mailing_blog: Any) -> None:
    mailing_blog.change_settings(registration="open")
    mailing_blog.user("ann", email="ann@example.com")
    known = register(mailing_blog, email="ANN@example.com")
    unknown = register(mailing_blog, name="carl", email="carl@example.com")
    assert (known.status_code, known.location) == (unknown.status_code, unknown.location) == (303, "/register/done")
    assert user_named(session(), "ben") is None
    assert "It already has an account." in mails("ann@example.com")[0]


def test_a_name_that_is_taken_is_said(blog: Any) -> None:
    blog.user("Ben")
    answer = register(blog)
    assert "The name ben is taken. Choose another one." in answer.text
    assert "Ben@Example.com" in answer.text, "what was typed stays"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"email": "nonsense"}, "Enter a valid email address."),
        ({"password": "short", "repeated": "short"}, "12 to 256"),
        ({"password": "aaaaaaaaaaaaaaa", "repeated": "aaaaaaaaaaaaaaa"}, "too few characters"),
        ({"password": "Qwerty123456", "repeated": "Qwerty123456"}, "too easy to guess"),
        ({"password": "ben@example.com", "repeated": "ben@example.com"}, "too easy to guess"),
        ({"repeated": "something else"}, "The passwords don’t match."),
        ({"name": "a b"}, "Usernames can have 1 to 64 letters"),
        ({"name": ""}, "This field is required."),
    ],
)
def test_what_cannot_be_is_said(blog: Any, fields: dict[str, str], said: str) -> None:
    answer = register(blog, **fields)
    assert answer.status_code == 422
    assert said in answer.text
    assert PASSWORD not in answer.text
    assert session().scalar(sa.select(sa.func.count(User.id))) == 0


def invitation(blog: Any, **fields: str) -> str:
    root = blog.visitor("root", "administrator")
    page = root.send("/studio/invitations", **({"email": "", "role": "editor"} | fields)).text
    return link_in(page)


def test_an_invitation_is_good_for_one_account(blog: Any) -> None:
    blog.change_settings(registration="closed")
    link = invitation(blog)
    assert register(blog, link).location == "/register/done?invited=yes"
    assert signs_in(blog)[0] == 303, "whoever invited vouches for the person where no mail can be sent"
    assert user_named(session(), "ben").role == "editor"  # type: ignore[union-attr]
    assert register(blog, link, name="carl", email="c@example.com").status_code == 422
    assert "was used" in blog.visitor().read(link)


def test_an_invitation_by_mail_still_has_its_address_confirmed(mailing_blog: Any) -> None:
    invitation(mailing_blog, email="ben@example.com")
    link = link_in(mails("ben@example.com")[0])
    assert 'value="ben@example.com"' in mailing_blog.visitor().read(link)
    register(mailing_blog, link)
    assert "not confirmed" in signs_in(mailing_blog)[1]
    mailing_blog.visitor().send(link_in(mails("ben@example.com")[1]))
    assert signs_in(mailing_blog)[0] == 303


def test_an_invitation_can_be_taken_back(blog: Any) -> None:
    link = invitation(blog)
    root = blog.visitor("root", "administrator")
    found = re.search(r"/studio/invitations/\d+/delete", root.read("/studio/invitations"))
    assert found
    root.send(found[0], page="/studio/invitations")
    assert register(blog, link).status_code == 422


def test_links_end(mailing_blog: Any) -> None:
    mailing_blog.change_settings(registration="open")
    with at_another_time(days=-6):
        register(mailing_blog)
    (text,) = mails("ben@example.com")
    answer = mailing_blog.visitor().send(link_in(text))
    assert answer.location == "/confirm"
    assert "not confirmed" in signs_in(mailing_blog)[1]
    mailing_blog.visitor().send("/confirm", email="ben@example.com")
    mailing_blog.visitor().send(link_in(mails("ben@example.com")[1]))
    assert signs_in(mailing_blog)[0] == 303
