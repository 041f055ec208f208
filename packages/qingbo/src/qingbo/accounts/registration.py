"""Making accounts and changing what they may do. Flushes; the caller commits."""

import secrets

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from qingbo.accounts import passwords
from qingbo.accounts.models import ADMINISTRATOR, NAME_LENGTH, Role, User
from qingbo.accounts.names import clean, is_account_name, key_of
from qingbo.accounts.queries import user_named
from qingbo.errors import InputRefused, NameTaken, NotFound


def create_user(session: Session, name: str, password: str, *, administrator: bool = False) -> User:
    """Make an account.

    Raises:
        NameTaken: where another account has the name, in whatever letter case or width.
        InputRefused: for a name or password that cannot be one.
    """
    name = clean(name)
    refuse_taken_name(session, name)
    refuse_bad_password(password)
    user = User(name=name, name_key=key_of(name), password=passwords.hash_password(password))
    if administrator:
        user.roles.append(_administrator_role(session))
    try:
        with session.begin_nested():
            session.add(user)
    except IntegrityError:  # another one was quicker
        raise NameTaken(_("There is already an account named %(name)s.", name=name)) from None
    return user


def promote(session: Session, name: str) -> User:
    """Make an account an administrator's.

    Raises:
        NotFound: where there is no such account.
    """
    user = require_user(session, name)
    if not user.is_administrator:
        user.roles.append(_administrator_role(session))
        session.flush()
    return user


def change_password(session: Session, name: str, password: str) -> User:
    """Give an account a new password, which ends its sessions.

    Raises:
        NotFound: where there is no such account.
        InputRefused: for a password that is too short or too long.
    """
    refuse_bad_password(password)
    user = require_user(session, name)
    user.password = passwords.hash_password(password)
    user.fs_uniquifier = secrets.token_hex(32)
    session.flush()
    return user


def refuse_taken_name(session: Session, name: str) -> None:
    """Raise `InputRefused` for what cannot be the name of a new account, `NameTaken` where somebody has it."""
    if not name or len(name) > NAME_LENGTH or len(key_of(name)) > NAME_LENGTH or not is_account_name(name):
        raise InputRefused(
            _("A name has 1 to %(most)s letters or digits, with . _ or - only inside.", most=NAME_LENGTH)
        )
    if user_named(session, name):
        raise NameTaken(_("There is already an account named %(name)s.", name=name))


def refuse_bad_password(password: str) -> None:
    """Raise `InputRefused` for a password that is too short or too long."""
    if not passwords.MIN_LENGTH <= len(password) <= passwords.MAX_LENGTH:
        raise InputRefused(
            _(
                "A password has %(least)s to %(most)s characters.",
                least=passwords.MIN_LENGTH,
                most=passwords.MAX_LENGTH,
            )
        )


def require_user(session: Session, name: str) -> User:
    """Return the account of a name, or raise `NotFound`."""
    if (user := user_named(session, name)) is None:
        raise NotFound(_("There is no account named %(name)s.", name=name))
    return user


def _administrator_role(session: Session) -> Role:
    role = session.scalar(select(Role).where(Role.name == ADMINISTRATOR))
    if role is None:
        role = Role(name=ADMINISTRATOR, description="May do everything")
        session.add(role)
    return role
