"""Accounts: creating them, signing in and out, the set-up link."""

import re
from typing import Any

import pytest
from qingbo.accounts import passwords, registration
from qingbo.accounts.names import key_of
from qingbo.accounts.queries import user_named
from qingbo.database import writing
from qingbo.errors import InputRefused, NameTaken, NotFound
from qingbo.extensions import session
from qingbo.home import DataFolder

pytestmark = pytest.mark.sqlite_first

PASSWORD = "correct horse"


@pytest.mark.parametrize("again", ["Zhang", "ZHANG", "zhang", " zhang ", "ｚｈａｎｇ"])
def test_names_that_look_the_same_are_taken(blog: Any, again: str) -> None:
    blog.user("Zhang")
    with writing(), pytest.raises(NameTaken):
        registration.create_user(session(), again, PASSWORD)


def test_names_that_only_some_engines_confuse_are_free(blog: Any) -> None:
    for name in ("resume", "résumé", "ßa", "张三", "張三", "café"):
        blog.user(name)
    assert user_named(session(), "RÉSUMÉ").name == "résumé"  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ["", " ", "a b", "a/b", "<b>", "-a", "a.", "x" * 65, "a\x00b", "😀", "..", "_"])
def test_what_cannot_stand_in_an_address_is_no_name(blog: Any, name: str) -> None:
    with writing(), pytest.raises(InputRefused):
        registration.create_user(session(), name, PASSWORD)


def test_a_key_of_a_key_is_itself() -> None:
    for name in ("İstanbul", "ẞ", "ﬁ", "Ǆ", "ΐ"):
        assert key_of(key_of(name)) == key_of(name)


def test_signing_in_and_out(blog: Any) -> None:
    visitor = blog.visitor("ann")
    assert "/logout" in visitor.read("/")
    assert visitor.send("/logout").status_code == 303
    assert "/logout" not in visitor.read("/")


def test_a_wrong_password_says_no_more_than_that(blog: Any) -> None:
    blog.user("ann")
    answers = []
    for name, password in (("ann", "wrong password"), ("nobody", PASSWORD)):
        response = blog.visitor().send("/login", name=name, password=password)
        assert response.status_code == 422
        assert "qingbo_device" not in str(response.headers)
        answers.append(re.sub(r'name="csrf_token".*', "", response.text.replace(name, "")))
    assert answers[0] == answers[1]


def test_an_account_that_is_switched_off_cannot_sign_in(blog: Any) -> None:
    visitor = blog.visitor("ann")
    with writing():
        blog.user("ann").active = False
        session().commit()
    assert "/logout" not in visitor.read("/")
    assert blog.visitor().send("/login", name="ann", password=PASSWORD).status_code == 422


def test_guessing_is_slowed_down(blog: Any) -> None:
    visitor = blog.visitor()
    codes = [visitor.send("/login", name="ann", password=f"guess {n}").status_code for n in range(12)]
    assert codes == [422] * 10 + [429] * 2


def test_a_new_password_ends_all_sessions(blog: Any) -> None:
    visitor = blog.visitor("ann")
    with writing():
        registration.change_password(session(), "ANN", "another horse")
        session().commit()
    assert "/logout" not in visitor.read("/")
    assert blog.visitor().send("/login", name="ann", password="another horse").status_code == 303


def test_a_password_of_wrong_length_is_refused(blog: Any) -> None:
    for password in ("short", "x" * 257):
        with writing(), pytest.raises(InputRefused, match="12 to 256"):
            registration.create_user(session(), "ann", password)


def test_passwords_are_kept_as_argon2(blog: Any) -> None:
    stored = blog.user("ann").password
    assert stored.startswith("$argon2id$")
    assert passwords.is_right(stored, PASSWORD)
    assert not passwords.is_right(None, "the password of nobody")


@pytest.mark.parametrize(
    ("target", "location"),
    [
        ("/posts/new", "/posts/new"),
        ("/posts/a?x=1", "/posts/a?x=1"),
        ("https://evil.example", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/%5Cevil.example"),  # a path of this site, which there is not
        ("/\t/evil.example", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_after_signing_in_one_stays_on_this_site(blog: Any, target: str, location: str) -> None:
    blog.user("ann")
    response = blog.visitor().send("/login", name="ann", password=PASSWORD, next=target)
    assert response.location == location


def test_the_session_cookie_is_for_this_site_and_no_script(blog: Any) -> None:
    blog.user("ann")
    cookie = blog.visitor().send("/login", name="ann", password=PASSWORD).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_the_setup_link_makes_one_administrator_once(blog: Any) -> None:
    token = DataFolder(blog.home).make_setup_token()
    path = f"/setup/{token}"
    visitor = blog.visitor()
    assert visitor.get("/setup/guess").status_code == 404
    assert visitor.send(path, name="root", password="short", repeated="short").status_code == 422
    assert visitor.send(path, name="root", password=PASSWORD, repeated="other horse").status_code == 422
    response = visitor.send(path, name="root", password=PASSWORD, repeated=PASSWORD)
    assert (response.status_code, response.location) == (303, "/studio/settings")
    assert user_named(session(), "root").is_administrator  # type: ignore[union-attr]
    assert visitor.get("/posts/new").status_code == 200
    for again in (path, f"/setup/{DataFolder(blog.home).make_setup_token()}"):
        assert blog.visitor().get(again).status_code == 404
        fields = {"name": "second", "password": PASSWORD, "repeated": PASSWORD}
        assert blog.visitor().post(again, data=fields).status_code == 404


def test_promoting(blog: Any) -> None:
    blog.user("ann")
    with writing():
        assert registration.promote(session(), "Ann").is_administrator
        registration.promote(session(), "ann")
        with pytest.raises(NotFound, match="There is no user named bob"):
            registration.promote(session(), "bob")
        session().commit()
    assert len(user_named(session(), "ann").roles) == 1  # type: ignore[union-attr]
