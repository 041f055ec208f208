"""Attacks on accounts."""

import re
from typing import Any

import pyotp
import pytest
import sqlalchemy as sa
from blogs import PASSWORD, Visitor
from mailbox_reading import link_in, mails
from qingbo.accounts.models import User
from qingbo.accounts.profiles import change_profile
from qingbo.accounts.registration import create_user
from qingbo.database import writing
from qingbo.errors import InputRefused
from qingbo.extensions import client_address, session
from work_counting import cpu_seconds

pytestmark = pytest.mark.sqlite_first

NEW = "another horse entirely"
FORM = {"name": "eve", "email": "eve@example.com", "password": PASSWORD, "repeated": PASSWORD}


def from_address(visitor: Visitor, address: str) -> Visitor:
    visitor.client.environ_base["REMOTE_ADDR"] = address
    return visitor


def test_links_in_mails_go_to_the_blog_whatever_the_request_says(mailing_blog: Any) -> None:
    settings = mailing_blog.app.extensions["qingbo_settings"]
    address = {"address": "https://blog.example.com"}
    mailing_blog.app.extensions["qingbo_settings"] = settings.model_copy(update=address)
    mailing_blog.user("ann", email="ann@example.com")
    visitor = mailing_blog.visitor()
    page = visitor.get("/reset", headers={"Host": "evil.example"}).text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token
    data = {"email": "ann@example.com", "csrf_token": token[1]}
    headers = visitor.headers | {"Host": "evil.example"}
    visitor.post("/reset", data=data, headers=headers)
    (text,) = mails("ann@example.com")
    assert "https://blog.example.com/reset/" in text
    assert "evil.example" not in text


def test_registering_twice_does_not_tell_whose_address_is_known(mailing_blog: Any) -> None:
    mailing_blog.change_settings(registration="open")
    mailing_blog.user("ann", email="ann@example.com")
    for name, email in (("known", "ann@example.com"), ("unknown", "new@example.com")):
        form = FORM | {"name": name, "email": email}
        answers = [mailing_blog.visitor().send("/register", **form).status_code for _ in range(2)]
        assert answers == [303, 303]
        assert mailing_blog.visitor().get(f"/users/{name}").status_code == 404


def test_a_link_is_made_as_quickly_as_none(mailing_blog: Any) -> None:
    """The digest inside a link costs nothing beside a password's, which every branch computes once."""
    from flask_security.utils import hash_data

    with mailing_blog.app.test_request_context():
        assert cpu_seconds(lambda: hash_data("ann@example.com")) < 0.05


def test_codes_are_limited_for_the_account_from_everywhere(blog: Any) -> None:
    ann = blog.visitor("ann")
    page = ann.send("/account/two-step", setup="authenticator").text
    key = re.search(r'class="key">([^<]+)<', page)
    target = re.search(r'action="(/account/two-step/[^"]+)"', page)
    assert key
    assert target
    ann.send(target[1], page="/account/two-step", code=pyotp.TOTP(key[1].replace("-", "")).now())
    tried = 0
    for household in range(6):
        script = from_address(blog.visitor(), f"10.0.{household}.1")
        script.send("/login", name="ann", password=PASSWORD)
        tried += [script.send("/login/code", code=f"{n:06}").status_code for n in range(6)].count(422)
    assert tried <= 10


def test_a_household_of_ipv6_is_one_address(blog: Any) -> None:
    seen = set()
    for address in ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1", "192.0.2.1"):
        with blog.app.test_request_context(environ_base={"REMOTE_ADDR": address}):
            seen.add(client_address())
    assert seen == {"2001:db8:1:2::/64", "2001:db8:1:3::/64", "192.0.2.1"}


def test_nobody_uses_up_the_mails_of_another(mailing_blog: Any) -> None:
    mailing_blog.change_settings(registration="open")
    for _ in range(4):
        mailing_blog.visitor().send("/reset", email="eve@example.com")
    mailing_blog.visitor().send("/register", **FORM)
    assert len(mails("eve@example.com")) == 1


def test_looking_at_a_link_confirms_nothing(mailing_blog: Any) -> None:
    mailing_blog.change_settings(registration="open")
    mailing_blog.visitor().send("/register", **FORM)
    link = link_in(mails("eve@example.com")[0])
    for method in ("head", "get", "options"):
        getattr(mailing_blog.visitor().client, method)(link)
    session().rollback()
    assert session().scalar(sa.select(User.confirmed_at).where(User.name == "eve")) is None


def test_a_picture_signs_nobody_out(blog: Any) -> None:
    ann = blog.visitor("ann")
    for path in ("/login/code", "/login/recovery", "/login/method", "/login/help", "/logout", "/login/passkey"):
        ann.get(path)
        assert "/logout" in ann.read("/"), path


def test_an_old_link_ends_with_the_old_address(mailing_blog: Any) -> None:
    ann = mailing_blog.visitor("ann", email="old@example.com")
    elsewhere = mailing_blog.visitor("ann")
    mailing_blog.visitor().send("/reset", email="old@example.com")
    old = link_in(mails("old@example.com")[0])
    ann.send("/account/email", page="/account/security", email="new@example.com")
    change = link_in(mails("new@example.com")[0])
    ann.send(change)
    assert "/logout" in ann.read("/")
    assert "/logout" not in elsewhere.read("/")
    answer = mailing_blog.visitor().send(old, page="/login", password=NEW, password_confirm=NEW)
    assert answer.location == "/reset"
    ann.send("/account/email", page="/account/security", email="third@example.com")
    ann.send(link_in(mails("third@example.com")[0]))
    ann.send(change, page="/account/security")
    assert session().scalar(sa.select(User.email).where(User.name == "ann")) == "third@example.com"


def test_who_registers_an_address_of_another_does_not_keep_the_account(mailing_blog: Any) -> None:
    mailing_blog.change_settings(registration="open")
    mailing_blog.visitor().send("/register", **FORM)
    mailing_blog.visitor().send("/reset", email="eve@example.com")
    link = link_in(mails("eve@example.com")[1])
    assert mailing_blog.visitor().send(link, password=NEW, password_confirm=NEW).location == "/login"
    assert mailing_blog.visitor().send("/login", name="eve", password=PASSWORD).status_code == 422
    assert mailing_blog.visitor().send("/login", name="eve", password=NEW).status_code == 303


def test_asking_for_another_address_again_and_again_is_slowed_down(mailing_blog: Any) -> None:
    ann = mailing_blog.visitor("ann", email="ann@example.com")
    codes = [
        ann.send("/account/email", page="/account/security", email=f"a{n}@example.com").status_code for n in range(8)
    ]
    assert codes == [303] * 5 + [429] * 3


@pytest.mark.parametrize("body", ["[1]", '"x"', "5", '{"name": 5}', '{"name": {"a": 1}}', "{", '{"next": 5}'])
def test_json_is_no_form(blog: Any, body: str) -> None:
    visitor = blog.visitor("ann")
    headers = visitor.headers | {"Content-Type": "application/json"}
    for path in ("/login", "/register", "/login/passkey", "/account", "/account/password", "/reset"):
        assert visitor.post(path, data=body, headers=headers).status_code == 415


@pytest.mark.parametrize("credential", ["", "[" * 5_000, "x" * 30_000, "{}", "[]", '{"id": 1}', "null"])
def test_nonsense_of_a_passkey_is_refused(blog: Any, credential: str) -> None:
    visitor = blog.visitor()
    page = visitor.send("/login/passkey").text
    target = re.search(r'action="(/login/passkey/[^"]+)"', page)
    assert target
    answer = visitor.send(target[1], page="/login/passkey", credential=credential)
    assert answer.status_code in {303, 400}
    assert "/logout" not in visitor.read("/")


def test_removing_a_passkey_without_a_name(blog: Any) -> None:
    ann = blog.visitor("ann")
    assert ann.send("/account/passkeys/delete", page="/account/passkeys", name="").status_code == 303
    assert ann.send("/account/passkeys/delete", page="/account/passkeys").status_code == 303


def test_shown_names_are_compared_like_names(blog: Any) -> None:
    def show(name: str, shown: str) -> None:
        with writing():
            user = blog.user(name)
            change_profile(session(), user, display_name=shown, bio="", links="", language="")
            session().commit()

    show("ann", "Big Boss")
    for other in ("big boss", "BIG  BOSS", "ANN"):
        with pytest.raises(InputRefused):
            show("ben", other)
        session().rollback()
    show("carl", "Chief")
    with writing(), pytest.raises(InputRefused):
        create_user(session(), "chief", PASSWORD)
