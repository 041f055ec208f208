"""Signing in and out."""

import logging

from flask import Flask
from flask_login import login_user
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from qingbo.accounts import passwords
from qingbo.accounts.models import User
from qingbo.accounts.queries import user_named, user_of_session
from qingbo.database import writing
from qingbo.extensions import login, session

log = logging.getLogger(__name__)


def prepare_sessions(app: Flask) -> None:
    """Bind Flask-Login: a session holds the account's uniquifier, never its number."""
    login.init_app(app)
    login.user_loader(_load)


def sign_in(session: Session, name: str, password: str) -> bool:
    """Sign the browser in where name and password belong together.

    It takes as long where there is no such name: nobody learns who has an account.
    """
    with writing(False):  # checking a password takes its time; nobody should wait to write for it
        user = user_named(session, name)
    if not passwords.is_right(user.password if user else None, password) or user is None or not user.active:
        return False
    return bool(login_user(user))


def _load(uniquifier: str) -> User | None:
    try:
        return user_of_session(session(), uniquifier)
    except SQLAlchemyError:  # the page that says so asks who is signed in, too
        log.exception("The account of a session could not be read.")
        return None
