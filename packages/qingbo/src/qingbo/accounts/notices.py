"""Mails that tell people that their way of signing in was changed. Flushes; the caller commits."""

from flask import render_template
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from qingbo.accounts.models import User
from qingbo.mail.outbox import put_mail


def tell_of_change(session: Session, user: User, email: str, what: str) -> None:
    """Send a mail about a change to the owner of an account at an address."""
    text = render_template("accounts/mail/changed.txt", user=user, what=what)
    put_mail(session, email, _("Your sign-in settings were changed"), text)
