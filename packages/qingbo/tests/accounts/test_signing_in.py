"""Signing in: remembered, with two factors, with recovery codes; new passwords; ending sessions; rate limits."""

import re
import time
from collections.abc import Iterator
from typing import Any

import bcrypt
import pyotp
import pytest
import sqlalchemy as sa
import time_machine
from blogs import PASSWORD, Visitor
from itsdangerous import URLSafeSerializer
from mailbox_reading import link_in, mails
from qingbo.accounts import throttling
from qingbo.accounts.models import User
from qingbo.accounts.names import key_of
from qingbo.audit.models import AuditEvent
from qingbo.clock import now
from qingbo.database import writing
from qingbo.extensions import session

pytestmark = pytest.mark.sqlite_first

NEW = "another horse entirely"


def sign_in(blog: Any, name: str = "ann", password: str = PASSWORD, **fields: str) -> tuple[Visitor, Any]:
    visitor = blog.visitor()
    return visitor, visitor.send("/login", name=name, password=password, **fields)


def is_in(visitor: Visitor) -> bool:
    return "/logout" in visitor.read("/")


def test_who_wants_to_be_remembered_is(blog: Any) -> None:
    blog.user("ann")
    visitor, answer = sign_in(blog, remember="y")
    cookies = answer.headers.getlist("Set-Cookie")
    remembered = next(cookie for cookie in cookies if cookie.startswith("qingbo_remember="))
    assert "HttpOnly" in remembered
    assert "SameSite=Lax" in remembered
    visitor.client.delete_cookie("qingbo_session")
    assert is_in(visitor)
    _other, answer = sign_in(blog)
    assert "qingbo_remember" not in str(answer.headers.getlist("Set-Cookie"))


def test_a_new_password_ends_other_sessions_and_remembered_ones(blog: Any) -> None:
    here, elsewhere = blog.visitor("ann"), sign_in(blog, remember="y")[0]
    fields = {"password": PASSWORD, "new_password": NEW, "new_password_confirm": NEW}
    wrong = here.send("/account/password", **(fields | {"password": "wrong password"}))
    assert (wrong.status_code, "Wrong password." in wrong.text) == (422, True)
    assert here.send("/account/password", **fields).status_code == 303
    assert is_in(here)
    assert not is_in(elsewhere)
    assert sign_in(blog)[1].status_code == 422
    assert sign_in(blog, password=NEW)[1].status_code == 303


def test_signing_out_everywhere(blog: Any) -> None:
    here, elsewhere = blog.visitor("ann"), sign_in(blog, remember="y")[0]
    here.send("/account/sessions/end", page="/account/security")
    assert not is_in(here)
    assert not is_in(elsewhere)


def test_a_forgotten_password_is_set_by_a_link_in_a_mail(mailing_blog: Any) -> None:
    visitor = mailing_blog.visitor("ann", email="ann@example.com")
    answers = [mailing_blog.visitor().send("/reset", email=each) for each in ("Ann@example.com", "no@example.com")]
    pages = [re.sub(r"[\w.]+@example.com|name=\"csrf_token\".*", "", answer.text) for answer in answers]
    assert pages[0] == pages[1], "nobody learns who has an account"
    assert mails("no@example.com") == []
    link = link_in(mails("ann@example.com")[0])
    mailing_blog.visitor().send(link, password="short", password_confirm="short")
    assert mailing_blog.visitor().send(link, password=NEW, password_confirm=NEW).location == "/login"
    assert not is_in(visitor)
    assert sign_in(mailing_blog, password=NEW)[1].status_code == 303
    again = mailing_blog.visitor().send(link, page="/login", password=PASSWORD, password_confirm=PASSWORD)
    assert again.location == "/reset", "the link works once"
    assert "was changed" in mails("ann@example.com")[1]


def test_without_mail_the_pages_say_what_to_do_instead(blog: Any) -> None:
    for path in ("/reset", "/confirm"):
        assert "Ask an administrator" in blog.visitor().read(path)
    blog.user("ann")
    root = blog.visitor("root", "administrator")
    link = link_in(root.send("/studio/people/ann/link", page="/studio/people/ann", kind="password").text)
    blog.visitor().send(link, password=NEW, password_confirm=NEW)
    assert sign_in(blog, password=NEW)[1].status_code == 303


def set_up_app(visitor: Visitor) -> pyotp.TOTP:
    page = visitor.send("/account/two-step", setup="authenticator").text
    key = re.search(r'class="key">([^<]+)<', page)
    target = re.search(r'action="(/account/two-step/[^"]+)"', page)
    assert key
    assert target
    app = pyotp.TOTP(key[1].replace("-", ""))
    wrong = visitor.send(target[1], page="/account/two-step", code="000000")
    assert wrong.location == "/account/two-step"
    assert visitor.send(target[1], page="/account/two-step", code=app.now()).location == "/account/security"
    return app


@pytest.fixture
def one_moment() -> Iterator[None]:
    """Stop the clock: the code of an app changes every half-minute."""
    with time_machine.travel(now(), tick=False):
        yield


@pytest.mark.usefixtures("one_moment")
def test_two_steps(blog: Any) -> None:
    app = set_up_app(blog.visitor("ann"))
    visitor, answer = sign_in(blog)
    assert answer.location.startswith("/login/code")
    assert not is_in(visitor)
    used = visitor.send("/login/code", code=app.now())
    assert used.status_code == 422, "the code that set it up was used: no code works twice"
    code = app.at(time.time() + 30)
    assert visitor.send("/login/code", code=code).status_code == 303
    assert is_in(visitor)
    other, _answer = sign_in(blog)
    assert other.send("/login/code", code=code).status_code == 422
    stored = session().scalar(sa.select(User.tf_totp_secret).where(User.name == "ann"))
    assert app.secret not in stored, "the key is kept encrypted"


def test_recovery_codes_stand_in_for_the_app_once_each(blog: Any) -> None:
    ann = blog.visitor("ann")
    set_up_app(ann)
    page = ann.send("/account/recovery-codes", generate_new_codes="yes").text
    codes = re.findall(r"<code>([0-9a-f-]{14})</code>", page)
    assert len(codes) == 8
    assert codes[0] not in str(session().execute(sa.text("SELECT mf_recovery_codes FROM users")).all())
    visitor, _answer = sign_in(blog)
    assert visitor.send("/login/recovery", code="0000-0000-0000").status_code == 422
    assert visitor.send("/login/recovery", code=codes[0].upper().replace("-", " ")).status_code == 303
    assert is_in(visitor)
    other, _answer = sign_in(blog)
    assert other.send("/login/recovery", code=codes[0]).status_code == 422
    assert "7 left" in visitor.read("/account/security")


def test_switching_two_steps_off_takes_the_codes_along(blog: Any) -> None:
    ann = blog.visitor("ann")
    set_up_app(ann)
    ann.send("/account/recovery-codes", generate_new_codes="yes")
    ann.send("/account/two-step", setup="disable")
    assert sign_in(blog)[1].location == "/"
    assert "None</span>" in ann.read("/account/security")


def test_who_changes_how_one_signs_in_is_told(mailing_blog: Any) -> None:
    ann = mailing_blog.visitor("ann", email="ann@example.com")
    set_up_app(ann)
    assert "Two-factor authentication was enabled" in mails("ann@example.com")[-1]
    ann.send("/account/two-step", setup="disable")
    assert "Two-factor authentication was disabled" in mails("ann@example.com")[-1]
    ann.send("/account/email", page="/account/security", email="new@example.com")
    ann.send(link_in(mails("new@example.com")[-1]))
    assert "Your email was changed." in mails("ann@example.com")[-1]
    ann.send("/account/password", password=PASSWORD, new_password=NEW, new_password_confirm=NEW)
    assert "was changed" in mails("new@example.com")[-1]


@pytest.mark.parametrize(
    "password",
    ["密码密码密码一二三四五六", "all small letters here", "🎉 tea and cake 🎂", "x" * 200 + " yz!"],
)
def test_a_password_may_be_any_words(blog: Any, password: str) -> None:
    ann = blog.visitor("ann")
    fields = {"password": PASSWORD, "new_password": password, "new_password_confirm": password}
    assert ann.send("/account/password", **fields).status_code == 303
    assert sign_in(blog, password=password)[1].status_code == 303


def test_signing_in_changes_the_token_of_forms(blog: Any) -> None:
    blog.user("ann")
    visitor = blog.visitor()
    token = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
    before = token.search(visitor.read("/login"))
    assert before
    fields = {"csrf_token": before[1], "name": "ann", "password": PASSWORD}
    assert visitor.post("/login", data=fields, headers=visitor.headers).status_code == 303
    old = visitor.post("/language", data={"csrf_token": before[1], "language": "zh"}, headers=visitor.headers)
    assert old.status_code == 400


def test_cookies_of_an_https_blog_are_secure_and_of_this_host(blog: Any) -> None:
    from qingbo.app import create_app

    blog.user("ann")
    file = blog.home / "qingbo.toml"
    file.write_text(file.read_text() + 'address = "https://blog.example.com"\n')
    app = create_app(blog.home)
    app.testing = True
    visitor = Visitor(app.test_client())
    client = visitor.client
    page = client.get("/login", base_url="https://blog.example.com").text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token
    fields = {"csrf_token": token[1], "name": "ann", "password": PASSWORD, "remember": "y"}
    headers = visitor.headers | {"Referer": "https://blog.example.com/login"}
    answer = client.post("/login", data=fields, headers=headers, base_url="https://blog.example.com")
    assert answer.status_code == 303
    cookies = answer.headers.getlist("Set-Cookie")
    assert sorted(cookie.partition("=")[0] for cookie in cookies) == [
        "__Host-qingbo_remember",
        "__Host-qingbo_session",
        "qingbo_device",
    ]
    for cookie in cookies:
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; ")), cookie
        assert "Domain" not in cookie
    with app.app_context():
        from qingbo.extensions import db

        db.engine.dispose()


def test_codes_cannot_be_guessed(blog: Any) -> None:
    set_up_app(blog.visitor("ann"))
    visitor, _answer = sign_in(blog)
    codes = [visitor.send("/login/code", code=f"{n:06}").status_code for n in range(12)]
    assert codes == [422] * 10 + [429] * 2


def test_what_changes_signing_in_asks_for_the_password_once_more(blog: Any) -> None:
    ann = blog.visitor("ann")
    with ann.client.session_transaction() as kept:
        kept["fs_paa"] = time.time() - 2 * 3600
    for path in ("/account/two-step", "/account/passkeys", "/account/recovery-codes"):
        answer = ann.get(path)
        assert answer.location.startswith("/login/again"), path
    assert ann.send(answer.location, password="wrong password").status_code == 422
    assert ann.send(answer.location, password=PASSWORD).location == "/account/recovery-codes"
    assert ann.get("/account/two-step").status_code == 200


def test_a_script_uses_up_its_own_tries_not_those_of_the_person(blog: Any) -> None:
    known = blog.visitor("ann")  # has signed in here before
    known.send("/logout", page="/logout")
    script = blog.visitor()
    codes = [script.send("/login", name="ann", password=f"guess {n}").status_code for n in range(15)]
    assert codes == [422] * 9 + [429] * 6, "one was the person's own"
    assert script.send("/login", name="ann", password=PASSWORD).status_code == 429
    assert known.send("/login", name="ann", password=PASSWORD).status_code == 303
    blog.user("ben")
    assert sign_in(blog, "ben")[1].status_code == 303, "another person behind the same address gets in, too"


def test_names_that_nobody_has_are_slowed_down_alike(blog: Any) -> None:
    visitor = blog.visitor()
    codes = [visitor.send("/login", name="nobody", password=f"guess {n}").status_code for n in range(12)]
    assert codes == [422] * 10 + [429] * 2


def test_a_device_token_is_not_taken_from_elsewhere(blog: Any) -> None:
    blog.user("ann")
    visitor = blog.visitor()
    visitor.client.set_cookie("qingbo_device", '{"id":"x","names":["ann"]}.forged')
    codes = [visitor.send("/login", name="ann", password=f"guess {n}").status_code for n in range(12)]
    assert codes == [422] * 10 + [429] * 2


def test_the_cookie_of_a_device_does_not_say_whose_it_is(blog: Any) -> None:
    visitor = blog.visitor("ann", email="ann@example.com")
    cookie = visitor.client.get_cookie("qingbo_device").value
    (content,) = URLSafeSerializer("any", salt="device").loads_unsafe(cookie)[1:]
    assert "ann" not in str(content)
    assert len(content["marks"]) == 2
    for name in ("ann", "ANN", "ann@example.com"):  # and goes on telling apart who signed in here
        with blog.app.test_request_context(headers={"Cookie": f"qingbo_device={cookie}"}):
            assert throttling._device_of(key_of(name)) == content["id"]
    with blog.app.test_request_context(headers={"Cookie": f"qingbo_device={cookie}"}):
        assert throttling._device_of("ben") == ""


def test_the_cookie_of_a_device_from_before_is_taken_and_replaced(blog: Any) -> None:
    blog.user("ann")
    stranger = blog.visitor()
    assert {stranger.send("/login", name="ann", password=f"guess {n}").status_code for n in range(10)} == {422}
    ann = blog.visitor()
    old = URLSafeSerializer(str(blog.app.secret_key), salt="device").dumps({"id": "x", "names": ["ann", "a@b.c"]})
    ann.client.set_cookie("qingbo_device", old)
    assert ann.send("/login", name="ann", password="wrong words").status_code == 422, "it has tries of its own"
    new = ann.client.get_cookie("qingbo_device")
    device = URLSafeSerializer(str(blog.app.secret_key), salt="device").loads(new.value)
    assert device["id"] == "x"
    assert "names" not in device
    assert "ann" not in str(device)
    assert ann.send("/login", name="ann", password=PASSWORD).status_code == 303


def test_the_log_has_who_signed_in_and_who_failed_to(blog: Any) -> None:
    sign_in(blog, "nobody")
    blog.visitor("ann")
    events = session().execute(sa.select(AuditEvent.action, AuditEvent.actor_name, AuditEvent.subject)).all()
    assert [tuple(event) for event in events] == [("sign-in-failed", "", "nobody"), ("sign-in", "ann", "password")]
    assert PASSWORD not in str(events)


def test_an_address_is_changed_by_a_link_to_the_new_one(mailing_blog: Any) -> None:
    mailing_blog.user("ben", email="ben@example.com")
    ann = mailing_blog.visitor("ann", email="old@example.com")
    assert ann.send("/account/email", page="/account/security", email="nonsense").status_code == 422
    for email in ("ben@example.com", "new@example.com"):
        assert ann.send("/account/email", page="/account/security", email=email).status_code == 303
    assert mails("ben@example.com") == [], "somebody else's address stays theirs, and nothing is said"
    link = link_in(mails("new@example.com")[0])
    assert mailing_blog.visitor().get(link).location.startswith("/login")
    ann.send(link)
    assert session().scalar(sa.select(User.email).where(User.name == "ann")) == "new@example.com"
    ann.send("/account/email/forged", page="/account/security")
    assert "This link is invalid" in ann.read("/account/security")


@pytest.mark.parametrize("name", ["ann", "ANN", "ann@example.com", " Ann@Example.com "])
def test_name_or_address(blog: Any, name: str) -> None:
    blog.user("ann", email="ann@example.com")
    assert sign_in(blog, name)[1].status_code == 303


@pytest.mark.parametrize("prefix", [b"2a", b"2b", b"2y"])
def test_an_imported_bcrypt_hash_signs_in_once_and_becomes_argon2(blog: Any, prefix: bytes) -> None:
    made = bcrypt.hashpw(b"correct horse", bcrypt.gensalt(4)).replace(b"2b", prefix, 1).decode()
    user = blog.user("old")
    with writing():
        user.password = made
        session().commit()
    visitor = blog.visitor()
    assert visitor.send("/login", name="old", password="wrong").status_code == 422
    session().expire_all()
    assert user.password == made
    assert visitor.send("/login", name="old", password="correct horse").status_code == 303
    session().expire_all()
    assert user.password.startswith("$argon2id$")
    assert blog.visitor().send("/login", name="old", password="correct horse").status_code == 303


def test_bcrypt_ignores_what_follows_72_bytes_as_the_old_blog_did(blog: Any) -> None:
    password = "长" * 40
    user = blog.user("old")
    with writing():
        user.password = bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(4)).decode()
        session().commit()
    assert blog.visitor().send("/login", name="old", password=password).status_code == 303
