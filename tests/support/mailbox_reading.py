"""Reads the outbox of a blog under test."""

import re

import sqlalchemy as sa
from qingbo.extensions import session
from qingbo.mail.models import OutgoingMail


def mails(to: str | None = None) -> list[str]:
    """Return the texts of the mails that wait, the oldest first."""
    session().rollback()
    wanted = sa.select(OutgoingMail.text).order_by(OutgoingMail.id)
    return list(session().scalars(wanted.where(OutgoingMail.recipient == to) if to else wanted))


def link_in(text: str) -> str:
    """Return the first address of the blog in a mail or page, as a path."""
    found = re.search(r"(?:http://localhost(?::\d+)?|class=\"key\">)(/[^\s<\"]+)", text)
    assert found, text
    return found[1]
