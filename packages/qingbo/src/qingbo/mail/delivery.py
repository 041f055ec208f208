"""Sends the mails in the outbox from a thread of the server, so that no page waits for a mail server."""

import logging
import smtplib
import ssl
import threading
from datetime import timedelta
from email.message import EmailMessage
from email.utils import formataddr, formatdate, make_msgid

from flask import Flask, g
from sqlalchemy import delete, select, update

from qingbo.clock import now
from qingbo.config import Settings
from qingbo.database import writing
from qingbo.extensions import db
from qingbo.mail.models import OutgoingMail

log = logging.getLogger(__name__)

POLL_SECONDS = 20
"""How often the outbox is checked without being woken: another process may have written to it."""

SMTP_SECONDS = 20
CLAIM = timedelta(minutes=5)
"""How long a process that sends a mail reserves it."""

MOST_ATTEMPTS = 12
"""The waits between attempts double from a minute to a day: about four days in all."""

_wake = threading.Event()


def deliver_in_background(app: Flask) -> None:
    """Start the thread that sends mail, and let requests that write to the outbox wake it."""
    app.teardown_request(lambda error: _wake.set() if g.pop("mail_waits", False) else None)
    threading.Thread(target=_deliver_for_ever, args=[app], name="mail", daemon=True).start()


def deliver_due(app: Flask) -> int:
    """Send the mails that are due and return how many were sent."""
    settings: Settings = app.extensions["qingbo_settings"]
    sent = 0
    with app.app_context():
        while settings.sends_mail and (mail := _claim_next()) is not None:
            sent += _send(mail, settings)
    return sent


def check_server(settings: Settings) -> None:
    """Connect to the mail server, and sign in if the settings require it.

    Raises:
        OSError: if it cannot be reached.
        smtplib.SMTPException: if it refuses.
    """
    with _connected(settings) as server:
        server.noop()


def _deliver_for_ever(app: Flask) -> None:
    while True:
        try:
            deliver_due(app)
        except Exception:
            log.exception("The outbox could not be worked through; it is tried again in a while.")
        _wake.wait(POLL_SECONDS)
        _wake.clear()


def _claim_next() -> OutgoingMail | None:
    """Reserve the next due mail by moving its due time ahead, so that no other process sends it, and return it."""
    due = select(OutgoingMail).where(OutgoingMail.due_at <= now(), OutgoingMail.attempts < MOST_ATTEMPTS)
    due = due.order_by(OutgoingMail.due_at, OutgoingMail.id).limit(1)
    with db.engine.connect() as connection:
        if connection.execute(due).first() is None:  # the usual case; it takes no write lock
            return None
    with writing(), db.engine.begin() as connection:
        mail = connection.execute(due.with_for_update(skip_locked=True)).first()
        if mail is None:
            return None
        ahead = {"due_at": now() + CLAIM, "attempts": mail.attempts + 1}
        connection.execute(update(OutgoingMail).where(OutgoingMail.id == mail.id).values(ahead))
    return OutgoingMail(**(mail._asdict() | ahead))


def _send(mail: OutgoingMail, settings: Settings) -> bool:
    try:
        with _connected(settings) as server:
            server.send_message(message_of(mail, settings))
    except Exception as error:  # noqa: BLE001 - any error is stored, and the next mail is sent
        wait = timedelta(minutes=min(2**mail.attempts, 24 * 60))
        log.warning("A mail (%s) was not sent, it is tried again: %s", mail.id, error)
        values = {"due_at": now() + wait, "error": str(error)[:500]}
        _change(update(OutgoingMail).where(OutgoingMail.id == mail.id).values(values))
        return False
    _change(delete(OutgoingMail).where(OutgoingMail.id == mail.id))
    return True


def _change(statement: object) -> None:
    with writing(), db.engine.begin() as connection:
        connection.execute(statement)  # type: ignore[call-overload]


def message_of(mail: OutgoingMail, settings: Settings) -> EmailMessage:
    """Return the message to send."""
    message = EmailMessage()
    message["From"] = formataddr((settings.title, settings.mail_from or ""))
    message["To"] = mail.recipient
    message["Subject"] = mail.subject
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain=(settings.mail_from or "localhost").rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    if mail.unsubscribe_url:
        message["List-Unsubscribe"] = f"<{mail.unsubscribe_url}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(mail.text)
    return message


def _connected(settings: Settings) -> smtplib.SMTP:
    host, port = settings.mail_host or "", settings.mail_port
    context = ssl.create_default_context()
    if settings.mail_encryption == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=SMTP_SECONDS, context=context)
    else:
        server = smtplib.SMTP(host, port, timeout=SMTP_SECONDS)
    try:
        if settings.mail_encryption == "starttls":
            server.starttls(context=context)
        if settings.mail_user:
            password = settings.mail_password.get_secret_value() if settings.mail_password else ""
            server.login(settings.mail_user, password)
    except BaseException:
        server.close()
        raise
    return server
