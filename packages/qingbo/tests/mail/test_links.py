"""Links in mails use the setting `address`, never the Host header of a request, which anybody can choose."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa
from blogs import PASSWORD, Blog, Visitor
from mailbox_reading import mails
from qingbo.accounts.queries import user_named
from qingbo.accounts.registration import register
from qingbo.database import writing
from qingbo.extensions import session
from qingbo.mail.models import OutgoingMail
from werkzeug.middleware.proxy_fix import ProxyFix

ADDRESS = "https://blog.example.com"
HOSTILE = "evil.example"


@dataclass
class Intruder(Visitor):
    """Somebody whose requests all say that the blog is elsewhere."""

    def _call(self, method: Callable[..., Any], path: str, **options: Any) -> Any:
        said = {"Host": HOSTILE, "X-Forwarded-Host": HOSTILE, "Forwarded": f"host={HOSTILE}"}
        return super()._call(method, path, **options | {"headers": said | options.get("headers", {})})

    def signed_in(self, name: str) -> "Intruder":
        assert self.send("/login", name=name, password=PASSWORD).status_code == 303
        return self


def intruder(blog: Blog) -> Intruder:
    return Intruder(blog.app.test_client())


def ask_for_a_new_password(blog: Blog) -> Any:
    return intruder(blog).send("/reset", email="ann@example.com")


def ask_for_the_confirmation_again(blog: Blog) -> Any:
    with writing():
        register(session(), "eve", PASSWORD, "eve@example.com", "reader", approve=False)
        session().commit()
    return intruder(blog).send("/confirm", email="eve@example.com")


def make_an_account(blog: Blog) -> Any:
    blog.change_settings(registration="open")
    fields = {"name": "ben", "email": "ben@example.com", "password": PASSWORD, "repeated": PASSWORD}
    browser = intruder(blog)
    return browser.get(browser.send("/register", **fields).location)


def make_an_account_with_a_known_address(blog: Blog) -> Any:
    blog.change_settings(registration="open")
    fields = {"name": "ben", "email": "ann@example.com", "password": PASSWORD, "repeated": PASSWORD}
    return intruder(blog).send("/register", **fields)


def change_the_address(blog: Blog) -> Any:
    return intruder(blog).signed_in("ann").send("/account/email", page="/account/security", email="new@example.com")


def change_the_password(blog: Blog) -> Any:
    fields = {"password": PASSWORD, "new_password": "another horse", "new_password_confirm": "another horse"}
    return intruder(blog).signed_in("ann").send("/account/password", **fields)


def open_a_handed_link(blog: Blog) -> Any:
    page = intruder(blog).signed_in("root").send("/studio/people/ann/link", page="/studio/people/ann").text
    found = re.search(r">([^<]*)(/reset/[^<]+)<", page)
    assert found, page
    assert found[1] in {"", ADDRESS}
    return intruder(blog).send(found[2], password="another horse", password_confirm="another horse")


def approve(blog: Blog) -> Any:
    with writing():
        register(session(), "eve", PASSWORD, "eve@example.com", "reader", approve=True)
        session().commit()
    return intruder(blog).signed_in("root").send("/studio/people/eve/approve", page="/studio/people")


def invite(blog: Blog) -> Any:
    return intruder(blog).signed_in("root").send("/studio/invitations", email="new@example.com", role="author")


def reply(blog: Blog) -> Any:
    blog.change_settings(comment_hold="none")
    path = f"/posts/{blog.post('Title').slug}"
    blog.visitor("ann").comment(path, "Hello.", subscribe="y")
    number = session().scalar(sa.text("SELECT max(id) FROM comments"))
    return intruder(blog).comment(path, "Me too.", parent=str(number))


ROUTES = [
    ask_for_a_new_password, ask_for_the_confirmation_again, make_an_account, make_an_account_with_a_known_address,
    change_the_address, change_the_password, open_a_handed_link, approve, invite, reply,
]  # fmt: skip

NOTICES = {make_an_account_with_a_known_address, change_the_address, change_the_password, open_a_handed_link, approve}
"""Their mail tells of something. It is sent without its link, too."""


@pytest.fixture
def addressless(mailing_blog: Any) -> Any:
    return _with_address(mailing_blog, None)


@pytest.fixture
def addressed(mailing_blog: Any) -> Any:
    return _with_address(mailing_blog, ADDRESS)


def _with_address(blog: Any, address: str | None) -> Any:
    settings = blog.app.extensions["qingbo_settings"]
    blog.app.extensions["qingbo_settings"] = settings.model_copy(update={"address": address})
    blog.user("ann", email="ann@example.com")
    blog.user("root", "administrator")
    return blog


@pytest.fixture(params=["direct", "behind a proxy"])
def _proxies(request: Any, mailing_blog: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param != "direct":
        monkeypatch.setattr(mailing_blog.app, "wsgi_app", ProxyFix(mailing_blog.app.wsgi_app, x_host=1))


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.usefixtures("_proxies")
@pytest.mark.parametrize("act", ROUTES)
def test_links_lead_to_the_address_whatever_the_request_says(addressed: Any, act: Any) -> None:
    answer = act(addressed)
    assert answer.status_code in {200, 303}
    assert HOSTILE not in answer.text
    texts = mails()
    assert texts
    for text in texts + _unsubscribing():
        assert HOSTILE not in text
        found = re.findall(r"\w+://[^/\s]+", text)
        assert found
        assert set(found) == {ADDRESS}


@pytest.mark.parametrize("engine_name", ["sqlite"])
@pytest.mark.usefixtures("_proxies")
@pytest.mark.parametrize("act", ROUTES)
def test_without_an_address_no_mail_has_a_link(addressless: Any, act: Any) -> None:
    answer = act(addressless)
    assert HOSTILE not in answer.text
    assert answer.status_code < 500
    assert bool(mails()) == (act in NOTICES)
    assert not [text for text in mails() + _unsubscribing() if "://" in text or HOSTILE in text]


def _unsubscribing() -> list[str]:
    return [url for url in session().scalars(sa.select(OutgoingMail.unsubscribe_url)) if url]


@pytest.mark.parametrize("path", ["/reset", "/confirm"])
def test_without_an_address_the_page_says_what_to_do(addressless: Any, path: str) -> None:
    assert "Ask an administrator" in addressless.visitor().read(path)
    refused = addressless.visitor().send(path, page="/login", email="ann@example.com")
    assert refused.status_code == 422
    assert "Ask an administrator" in refused.text
    assert "has been sent" not in addressless.visitor().read("/")


def test_without_an_address_an_account_is_let_in_by_a_link_that_is_handed_over(addressless: Any) -> None:
    assert "so you won’t be notified" in make_an_account(addressless).text
    answer = addressless.visitor().send("/login", name="ben", password=PASSWORD)
    assert "send email: ask" in answer.text
    page = addressless.visitor("root").send("/studio/people/ben/link", page="/studio/people/ben", kind="confirm").text
    link = re.search(r"(/confirm/[^<]+)<", page)
    assert link
    assert "Put the blog’s address in front of this link" in page
    addressless.visitor().send(link[1])
    assert user_named(session(), "ben").confirmed_at


def test_without_an_address_replies_are_not_offered_by_mail(addressless: Any) -> None:
    path = f"/posts/{addressless.post('Title').slug}"
    assert "subscribe" not in addressless.visitor("ann").read(path)


def test_the_studio_says_what_to_set(addressless: Any) -> None:
    page = addressless.visitor("root").read("/studio/settings")
    assert 'address = "https://blog.example.com"' in page
    assert 'address = "' not in addressless.visitor("ann").read("/studio/posts")


def test_no_page_repeats_the_host_of_a_request(addressless: Any) -> None:
    post = addressless.post("Title")
    for path in ("/", f"/posts/{post.slug}", "/archive", "/login", "/register", "/reset", "/nothing"):
        assert HOSTILE not in intruder(addressless).get(path).text, path
    assert f'rel="canonical" href="/posts/{post.slug}"' in intruder(addressless).get(f"/posts/{post.slug}").text
