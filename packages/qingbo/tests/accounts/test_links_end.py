"""How long links in mails are valid, as SECURITY.md promises in 2.5.1."""

from collections.abc import Callable
from typing import Any

import pytest
from blogs import PASSWORD, Visitor, at_another_time
from mailbox_reading import link_in, mails
from qingbo.accounts.models import User
from qingbo.accounts.queries import user_named
from qingbo.accounts.registration import register
from qingbo.database import writing
from qingbo.extensions import session

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"])

NEW = "another horse entirely"


def new_password(blog: Any) -> Callable[[], bool]:
    before = blog.user("ann", email="ann@example.com").password
    blog.visitor().send("/reset", email="ann@example.com")
    link = link_in(mails("ann@example.com")[0])

    def open_link() -> bool:
        blog.visitor().send(link, password=NEW, password_confirm=NEW)
        return bool(_again("ann").password != before)

    return open_link


def confirmed_address(blog: Any) -> Callable[[], bool]:
    with writing():
        register(session(), "ben", PASSWORD, "ben@example.com", "reader", approve=False)
        session().commit()
    blog.visitor().send("/confirm", email="ben@example.com")
    link = link_in(mails("ben@example.com")[0])

    def open_link() -> bool:
        blog.visitor().send(link)
        return _again("ben").confirmed_at is not None

    return open_link


def changed_address(blog: Any) -> Callable[[], bool]:
    ann: Visitor = blog.visitor("ann", email="ann@example.com")
    ann.send("/account/email", page="/account/security", email="new@example.com")
    link = link_in(mails("new@example.com")[0])

    def open_link() -> bool:
        ann.send(link)
        return bool(_again("ann").email == "new@example.com")

    return open_link


def invitation(blog: Any) -> Callable[[], bool]:
    link = link_in(blog.visitor("root", "administrator").send("/studio/invitations", role="author", email="").text)
    return lambda: (
        "Sign-up is by invitation only." not in blog.visitor().read(link)
        and 'name="password"' in blog.visitor().read(link)
    )


LIFETIMES = {new_password: 24, changed_address: 24, confirmed_address: 5 * 24, invitation: 14 * 24}
"""In hours."""


def _again(name: str) -> User:
    session().rollback()
    session().expire_all()
    user = user_named(session(), name)
    assert user
    return user


@pytest.mark.parametrize("make", LIFETIMES)
def test_links_end_when_the_table_of_security_says(mailing_blog: Any, make: Any) -> None:
    mailing_blog.change_settings(registration="invitation")
    with at_another_time(hours=-LIFETIMES[make] - 1):
        open_late = make(mailing_blog)
    assert not open_late()


@pytest.mark.parametrize("make", LIFETIMES)
def test_links_last_as_long_as_the_table_of_security_says(mailing_blog: Any, make: Any) -> None:
    mailing_blog.change_settings(registration="invitation")
    with at_another_time(hours=-LIFETIMES[make] + 1):
        open_in_time = make(mailing_blog)
    assert open_in_time()
