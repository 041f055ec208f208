"""The health page: what `qingbo doctor` looks at, the attic, and mail that waits."""

from collections.abc import Iterator, Sequence

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from qingbo.doctor import Finding
from qingbo.doctor import examine as examine_blog
from qingbo.mail.models import OutgoingMail


def examine(app: Flask) -> Iterator[Finding]:
    """Look at one thing after the other."""
    yield from examine_blog(app)


def waiting_mail(session: Session) -> Sequence[OutgoingMail]:
    """Return the mails that were tried and not sent, the newest first."""
    tried = select(OutgoingMail).where(OutgoingMail.attempts > 0)
    return session.scalars(tried.order_by(OutgoingMail.id.desc()).limit(50)).all()
