"""A blog that sends no mail, or no links: everybody with an account can sign in, and learns whom to contact."""

from html import unescape
from typing import Any

import pytest
from blogs import PASSWORD
from mailbox_reading import link_in, mails
from qingbo.accounts.models import User
from qingbo.accounts.queries import user_named
from qingbo.clock import now
from qingbo.extensions import session

pytestmark = pytest.mark.sqlite_first

FORM = {"name": "ben", "email": "ben@example.com", "password": PASSWORD, "repeated": PASSWORD}
NEW = "another long one"


@pytest.fixture
def root(blog: Any) -> Any:
    """The administrator, who is shown by another name and has an address that nobody is told."""
    visitor = blog.visitor("root", "administrator", email="root@secret.example")
    visitor.send("/account", display_name="林夏", bio="", links="", language="")
    return visitor


def signs_in(blog: Any, password: str = PASSWORD) -> tuple[int, str]:
    answer = blog.visitor().send("/login", name="ben", password=password)
    return answer.status_code, unescape(answer.text)


def ben() -> User:
    user = user_named(session(), "ben")
    assert user
    return user


@pytest.mark.parametrize("mode", ["approval", "open"])
def test_a_new_account_is_approved_and_can_sign_in(blog: Any, root: Any, mode: str) -> None:
    blog.change_settings(registration=mode)
    assert "must approve" in blog.visitor().read("/register")
    done = blog.visitor().send("/register", **FORM).location
    page = blog.visitor().read(done)
    assert "pending approval by an administrator" in page
    assert "林夏" in page
    code, said = signs_in(blog)
    assert code == 422
    assert "林夏" in said
    assert "ben" in root.read("/studio/people").partition("Everybody")[0]
    assert root.send("/studio/people/ben/approve", page="/studio/people").status_code == 303
    assert ben().confirmed_at
    assert "Pending approval" not in root.read("/studio/people")
    assert signs_in(blog)[0] == 303
    assert blog.visitor("ben").get("/account").status_code == 200


@pytest.mark.parametrize("mode", ["approval", "open"])
def test_mail_without_an_address_is_as_good_as_none(mailing_blog: Any, root: Any, mode: str) -> None:
    settings = mailing_blog.app.extensions["qingbo_settings"]
    mailing_blog.app.extensions["qingbo_settings"] = settings.model_copy(update={"address": None})
    mailing_blog.change_settings(registration=mode)
    mailing_blog.visitor().send("/register", **FORM)
    assert "林夏" in signs_in(mailing_blog)[1]
    root.send("/studio/people/ben/approve", page="/studio/people")
    assert "has been approved" in mails("ben@example.com")[-1]
    assert signs_in(mailing_blog)[0] == 303


@pytest.mark.parametrize("mode", ["invitation", "closed"])
def test_where_nobody_may_register_an_invitation_opens(blog: Any, root: Any, mode: str) -> None:
    blog.change_settings(registration=mode)
    assert "林夏" in blog.visitor().read("/register")
    link = link_in(root.send("/studio/invitations", email="", role="author").text)
    done = blog.visitor().send(link, **FORM).location
    assert "You can now sign in." in blog.visitor().read(done)
    assert signs_in(blog)[0] == 303


def test_a_link_confirms_too(blog: Any, root: Any) -> None:
    blog.change_settings(registration="open")
    blog.visitor().send("/register", **FORM)
    link = link_in(root.send("/studio/people/ben/link", page="/studio/people/ben", kind="confirm").text)
    assert "Click the button" in blog.visitor().read(link)
    assert "not confirmed" in signs_in(blog)[1], "a link that is only looked at confirms nothing"
    blog.visitor().send(link)
    assert signs_in(blog)[0] == 303


def test_a_forgotten_password_is_no_dead_end(blog: Any, root: Any) -> None:
    blog.visitor().send("/register", **FORM)
    root.send("/studio/people/ben/approve", page="/studio/people")
    assert "林夏" in blog.visitor().read("/reset")
    link = link_in(root.send("/studio/people/ben/link", page="/studio/people/ben", kind="password").text)
    blog.visitor().send(link, password=NEW, password_confirm=NEW)
    assert signs_in(blog, NEW)[0] == 303


@pytest.mark.parametrize("path", ["/register/done", "/reset", "/confirm"])
def test_no_page_names_an_address_or_who_is_switched_off(blog: Any, root: Any, path: str) -> None:
    blog.user("gone", "administrator").active = False
    session().commit()
    for page in (blog.visitor().read(path), blog.visitor().get(path, headers={"Accept-Language": "zh"}).text):
        assert "林夏" in page
        assert "secret.example" not in page
        assert "gone" not in page


def test_without_an_administrator_the_pages_still_make_sense(blog: Any) -> None:
    assert "ask an administrator" in blog.visitor().read("/register/done")


def test_who_is_switched_off_is_not_let_in_by_an_approval(blog: Any, root: Any) -> None:
    blog.user("ben", email="ben@example.com").active = False
    session().commit()
    root.send("/studio/people/ben/approve", page="/studio/people")
    assert not ben().active


def test_with_mail_an_approval_confirms_no_address(mailing_blog: Any) -> None:
    mailing_blog.visitor().send("/register", **FORM)
    root = mailing_blog.visitor("root", "administrator")
    root.send("/studio/people/ben/approve", page="/studio/people")
    assert ben().confirmed_at is None
    assert "not confirmed" in signs_in(mailing_blog)[1]


def test_an_address_that_was_confirmed_keeps_its_time(blog: Any, root: Any) -> None:
    user = blog.user("ben", email="ben@example.com")
    user.active, user.waiting_since, before = False, now(), user.confirmed_at
    session().commit()
    root.send("/studio/people/ben/approve", page="/studio/people")
    assert (ben().active, ben().confirmed_at) == (True, before)
