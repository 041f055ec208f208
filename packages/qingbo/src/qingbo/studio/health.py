"""What the health page shows beside the findings of `qingbo doctor`: mail that waits."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from qingbo.mail.models import OutgoingMail


def waiting_mail(session: Session) -> Sequence[OutgoingMail]:
    """Return the mails that were tried and not sent, the newest first."""
    tried = select(OutgoingMail).where(OutgoingMail.attempts > 0)
    return session.scalars(tried.order_by(OutgoingMail.id.desc()).limit(50)).all()
