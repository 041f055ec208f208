"""Delivery of mail to a real mail server of the test."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from aiosmtpd.smtp import AuthResult, LoginPassword
from blogs import at_another_time
from mail_server import Inbox, mail_server
from pydantic import SecretStr
from qingbo.app import create_app
from qingbo.clock import now
from qingbo.database import writing
from qingbo.extensions import db, session
from qingbo.mail import delivery
from qingbo.mail.models import OutgoingMail
from qingbo.mail.outbox import put_mail

pytestmark = pytest.mark.sqlite_first


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with mail_server() as inbox:
        yield inbox


@pytest.fixture
def sending(mailing_blog: Any, inbox: Inbox) -> Any:
    settings = mailing_blog.app.extensions["qingbo_settings"]
    change(mailing_blog, mail_port=inbox.port)
    yield mailing_blog
    mailing_blog.app.extensions["qingbo_settings"] = settings


def change(blog: Any, **values: Any) -> None:
    settings = blog.app.extensions["qingbo_settings"]
    blog.app.extensions["qingbo_settings"] = settings.model_copy(update=values)


def put(*recipients: str, subject: str = "你好 🎉", text: str = "第一行\n.\nlast") -> None:
    with writing():
        for recipient in recipients:
            put_mail(session(), recipient, subject, text, unsubscribe_url="https://blog.example.com/comments/mail/x")
        session().commit()


def waiting() -> list[tuple[int, str | None]]:
    session().rollback()
    return [tuple(row) for row in session().execute(sa.select(OutgoingMail.attempts, OutgoingMail.error))]


def test_a_mail_arrives_as_it_was_written(sending: Any, inbox: Inbox) -> None:
    put("ann@example.com")
    assert delivery.deliver_due(sending.app) == 1
    (mail,) = inbox.mails
    assert mail["Subject"] == "你好 🎉"
    assert mail["To"] == "ann@example.com"
    assert "blog@example.com" in mail["From"]
    assert mail.get_content().replace("\r\n", "\n") == "第一行\n.\nlast\n"
    assert mail["List-Unsubscribe"] == "<https://blog.example.com/comments/mail/x>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert waiting() == []
    assert delivery.deliver_due(sending.app) == 0


def test_a_header_cannot_be_smuggled_in(sending: Any, inbox: Inbox) -> None:
    put("ann@example.com", subject="Hello\r\nBcc: everybody@example.com")
    delivery.deliver_due(sending.app)
    (mail,) = inbox.mails
    assert mail["Bcc"] is None
    assert mail["Subject"] == "Hello Bcc: everybody@example.com"


def test_one_that_is_refused_does_not_hold_the_others_up_and_is_tried_again(sending: Any, inbox: Inbox) -> None:
    put("refused@example.com", "ann@example.com")
    assert delivery.deliver_due(sending.app) == 1
    assert len(inbox.mails) == 1
    ((attempts, error),) = waiting()
    assert attempts == 1
    assert error is not None
    assert "Not now" in error
    due = session().scalar(sa.select(OutgoingMail.due_at))
    assert timedelta(minutes=1) < due - now() < timedelta(minutes=3)  # type: ignore[operator]
    assert "Not now" in sending.visitor("root", "administrator").read("/studio/health")


def test_without_a_server_mail_waits_and_is_not_tried_for_ever(mailing_blog: Any) -> None:
    put("ann@example.com")
    for attempt in range(1, delivery.MOST_ATTEMPTS + 3):
        assert delivery.deliver_due(mailing_blog.app) == 0
        assert waiting()[0][0] == min(attempt, delivery.MOST_ATTEMPTS)
        with writing(), db.engine.begin() as connection:
            connection.execute(sa.update(OutgoingMail).values(due_at=now()))


def test_what_is_rolled_back_is_not_sent(sending: Any, inbox: Inbox) -> None:
    with writing():
        put_mail(session(), "ann@example.com", "s", "t")
        session().rollback()
    assert delivery.deliver_due(sending.app) == 0
    assert inbox.mails == []


def test_two_who_send_at_once_send_each_mail_once(sending: Any, inbox: Inbox) -> None:
    from concurrent.futures import ThreadPoolExecutor

    put(*(f"reader{number}@example.com" for number in range(12)))
    session().close()
    with ThreadPoolExecutor(3) as pool:
        counts = list(pool.map(delivery.deliver_due, [sending.app] * 3))
    assert sum(counts) == 12
    assert len({mail["To"] for mail in inbox.mails}) == len(inbox.mails) == 12


def test_without_mail_settings_nothing_is_put(blog: Any) -> None:
    put("ann@example.com")
    assert waiting() == []


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_signing_in_at_the_server(mailing_blog: Any) -> None:
    seen: list[tuple[bytes, bytes]] = []

    def authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        seen.append((data.login, data.password))
        return AuthResult(success=data.password == b"geheim")

    with mail_server(auth_required=True, auth_require_tls=False, authenticator=authenticate) as inbox:
        put("ann@example.com")
        change(mailing_blog, mail_port=inbox.port, mail_user="blog", mail_password=SecretStr("geheim"))
        assert delivery.deliver_due(mailing_blog.app) == 1
    assert seen == [(b"blog", b"geheim")]


def test_starttls_is_not_given_up_silently(sending: Any, inbox: Inbox) -> None:
    change(sending, mail_encryption="starttls")
    put("ann@example.com")
    assert delivery.deliver_due(sending.app) == 0
    assert inbox.mails == []
    assert "STARTTLS" in str(waiting()[0][1])


def test_a_server_that_says_nothing_is_an_error_not_a_hang(mailing_blog: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "SMTP_SECONDS", 0.3)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        change(mailing_blog, mail_port=silent.getsockname()[1])
        put("ann@example.com")
        assert delivery.deliver_due(mailing_blog.app) == 0
    assert "timed out" in str(waiting()[0][1])


def test_two_processes_send_each_mail_once(sending: Any, inbox: Inbox) -> None:
    put(*(f"reader{number}@example.com" for number in range(30)))
    second = create_app(sending.home)
    second.extensions["qingbo_settings"] = sending.app.extensions["qingbo_settings"]
    with ThreadPoolExecutor(2) as pool:
        sent = list(pool.map(delivery.deliver_due, [sending.app, second]))
    assert sum(sent) == 30
    assert sorted(mail["To"] for mail in inbox.mails) == sorted(f"reader{number}@example.com" for number in range(30))
    assert waiting() == []
    second.extensions["qingbo_page_cache"].close()
    with second.app_context():
        db.engine.dispose()


def test_a_mail_that_another_process_takes_right_now_is_passed_over(sending: Any, inbox: Inbox) -> None:
    if sending.engine_name == "sqlite":
        pytest.skip("only one process writes at a time there")
    put("ann@example.com", "ben@example.com")
    with db.engine.begin() as other:
        other.execute(sa.select(OutgoingMail).order_by(OutgoingMail.id).limit(1).with_for_update())
        assert delivery.deliver_due(sending.app) == 1
        assert [mail["To"] for mail in inbox.mails] == ["ben@example.com"]
    assert delivery.deliver_due(sending.app) == 1


def test_a_mail_whose_process_was_killed_is_sent_later(sending: Any, inbox: Inbox) -> None:
    put("ann@example.com")
    assert delivery._claim_next() is not None
    assert delivery.deliver_due(sending.app) == 0
    with at_another_time(minutes=6):
        assert delivery.deliver_due(sending.app) == 1
