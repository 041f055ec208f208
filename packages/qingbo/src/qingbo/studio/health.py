"""Data of the health page besides the findings of `qingbo doctor`: unsent mail, backups."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from qingbo.backups.places import Listed, listed
from qingbo.hints import for_pages
from qingbo.home import DataFolder
from qingbo.mail.models import OutgoingMail

SHOWN_BACKUPS = 20


@dataclass(frozen=True, slots=True)
class Backups:
    """The newest backups on this machine, and the commands to make one and to restore the newest."""

    newest: list[Listed]
    making: str
    restoring: str


def newest_backups(folder: DataFolder) -> Backups:
    """Return the newest backups in the data folder."""
    newest = listed(folder)[:SHOWN_BACKUPS]
    path = shlex.quote(str(newest[0].path)) if newest else "FILE"
    restoring = for_pages(f"qingbo restore --replace {path}", folder)
    return Backups(newest, for_pages("qingbo backup", folder), restoring)


def waiting_mail(session: Session) -> Sequence[OutgoingMail]:
    """Return the mails that could not be sent yet, the newest first."""
    tried = select(OutgoingMail).where(OutgoingMail.attempts > 0)
    return session.scalars(tried.order_by(OutgoingMail.id.desc()).limit(50)).all()
