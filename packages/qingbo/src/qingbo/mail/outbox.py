"""Writes mail to the outbox. Flushes; the caller commits, and the mail is sent only then."""

from flask import g
from sqlalchemy.orm import Session

from qingbo.mail.models import OutgoingMail
from qingbo.rendering.characters import on_one_line
from qingbo.site_settings import current_settings

SUBJECT_LENGTH = 200


def put_mail(session: Session, recipient: str, subject: str, text: str, unsubscribe_url: str | None = None) -> None:
    """Put a mail into the outbox; do nothing if no mail server is set up."""
    if not current_settings().sends_mail:
        return
    line = on_one_line(subject)[:SUBJECT_LENGTH]
    session.add(
        OutgoingMail(recipient=recipient, subject=line, text=text.strip() + "\n", unsubscribe_url=unsubscribe_url)
    )
    session.flush()
    g.mail_waits = True
