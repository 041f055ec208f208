"""Data of the health page besides the findings of `qingbo doctor`: unsent mail."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from qingbo.mail.models import OutgoingMail


def waiting_mail(session: Session) -> Sequence[OutgoingMail]:
    """Return the mails that could not be sent yet, the newest first."""
    tried = select(OutgoingMail).where(OutgoingMail.attempts > 0)
    return session.scalars(tried.order_by(OutgoingMail.id.desc()).limit(50)).all()
