"""Making accounts and changing what they may do. Flushes; the caller commits."""

import secrets
from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from qingbo.accounts import passwords
from qingbo.accounts.models import NAME_LENGTH, Invitation, Role, User
from qingbo.accounts.names import clean, is_account_name, key_of
from qingbo.accounts.queries import digest_of, has_administrator, is_name_of_another, user_named, user_with_email
from qingbo.accounts.roles import ADMINISTRATOR, AUTHOR, EDITOR, RANKED, READER
from qingbo.clock import now
from qingbo.errors import InputRefused, NameTaken, NotFound

DESCRIPTIONS = {
    ADMINISTRATOR: "May do everything",
    EDITOR: "May change any post and comment",
    AUTHOR: "May write posts",
    READER: "May comment without waiting",
}

INVITATION_LASTS = timedelta(days=14)


def create_user(session: Session, name: str, password: str, *, role: str = AUTHOR, email: str | None = None) -> User:
    """Make an account.

    Raises:
            NameTaken: if another account has the name, in any letter case or width.
            InputRefused: if the name or password is invalid.
    """
    name = clean(name)
    refuse_taken_name(session, name)
    refuse_bad_password(password, name, email)
    user = User(name=name, name_key=key_of(name), password=passwords.hash_password(password), email=email)
    user.roles.append(_role(session, role))
    try:
        with session.begin_nested():
            session.add(user)
    except IntegrityError:  # another request took it first
        raise NameTaken(_("The name %(name)s is taken. Choose another one.", name=name)) from None
    return user


def add_imported_user(session: Session, name: str, *, role: str, email: str | None, password: str | None) -> User:
    """Make an account for a person of another blog, with the hash of its password there, if this blog can read it.

    Without a hash nobody can sign in until the password is reset by mail or set by `qingbo user password`. The e-mail
    address is taken as confirmed.

    Raises:
        NameTaken: if another account has the name.
        InputRefused: if the name is invalid.
    """
    refuse_taken_name(session, name)
    known = password if password and passwords.is_bcrypt(password) else None
    user = User(name=name, name_key=key_of(name), password=known, email=email, confirmed_at=now())
    user.roles.append(_role(session, role))
    session.add(user)
    session.flush()
    return user


def register(session: Session, name: str, password: str, email: str, role: str, *, approve: bool) -> User | None:
    """Make an account for a visitor. Return None, after as long a time, if the address has one already.

    The answer does not reveal which addresses have an account; names are public anyway.

    Raises:
        NameTaken: if another account has the name.
        InputRefused: if the name or password is invalid.
    """
    holder = user_named(session, name)
    if user_with_email(session, email) or (holder and holder.confirmed_at is None):
        # An unconfirmed account's name is not reported as taken: somebody who registers a name with one address, and
        # the same name with another address, could tell from it whether the first address was free.
        if holder is None or holder.confirmed_at is not None:
            refuse_taken_name(session, clean(name))
        refuse_bad_password(password, name, email)
        passwords.hash_password(password)
        return None
    user = create_user(session, name, password, role=role, email=email)
    if approve:
        user.active, user.waiting_since = False, now()
    session.flush()
    return user


def approve(session: Session, user: User, *, confirm: bool) -> None:
    """Approve a waiting account.

    Args:
        session: is flushed.
        user: the account.
        confirm: confirm the e-mail address, too, because no mail can confirm it.
    """
    if user.waiting_since:
        user.active, user.waiting_since = True, None
    if confirm:
        user.confirmed_at = user.confirmed_at or now()
    session.flush()


def set_role(session: Session, user: User, role: str) -> None:
    """Replace an account's roles with one role.

    Raises:
        InputRefused: if no administrator would be left, or there is no such role.
    """
    if role not in RANKED:
        raise InputRefused(_("This role doesn’t exist."))
    if user.is_administrator and role != ADMINISTRATOR:
        _refuse_the_last(session, user)
    user.roles[:] = [_role(session, role)]
    session.flush()


def switch_off(session: Session, user: User) -> None:
    """Disable an account and end its sessions. Its posts and comments stay.

    Raises:
        InputRefused: if no administrator would be left.
    """
    if user.is_administrator:
        _refuse_the_last(session, user)
    user.active = False
    end_sessions(session, user)


def switch_on(session: Session, user: User) -> None:
    """Enable an account again."""
    user.active = True
    session.flush()


def end_sessions(session: Session, user: User) -> None:
    """End every session of an account, on every device."""
    user.fs_uniquifier = secrets.token_hex(32)
    session.flush()


def promote(session: Session, name: str) -> User:
    """Make an account an administrator.

    Raises:
        NotFound: if there is no such account.
    """
    user = require_user(session, name)
    if not user.is_administrator:
        set_role(session, user, ADMINISTRATOR)
    return user


def change_password(session: Session, name: str, password: str) -> User:
    """Set a new password, which ends the account's sessions.

    Raises:
        NotFound: if there is no such account.
        InputRefused: if the password is refused.
    """
    user = require_user(session, name)
    refuse_bad_password(password, user.name, user.email)
    user.password = passwords.hash_password(password)
    end_sessions(session, user)
    return user


def invite(session: Session, role: str, email: str | None) -> tuple[Invitation, str]:
    """Make an invitation and return it with the token of its link, which is not stored.

    Raises:
        InputRefused: if there is no such role.
    """
    if role not in RANKED:
        raise InputRefused(_("This role doesn’t exist."))
    token = secrets.token_urlsafe(24)
    expires = now() + INVITATION_LASTS
    invitation = Invitation(token_digest=digest_of(token), email=email, role_name=role, expires_at=expires)
    session.add(invitation)
    session.flush()
    return invitation, token


def use_invitation(session: Session, invitation: Invitation, user: User) -> None:
    """Mark an invitation as used: it is valid for one account."""
    invitation.used_at, invitation.used_by_name = now(), user.name
    session.flush()


def refuse_taken_name(session: Session, name: str) -> None:
    """Raise `InputRefused` if the name is invalid for a new account, `NameTaken` if another account has it."""
    if not name or len(name) > NAME_LENGTH or len(key_of(name)) > NAME_LENGTH or not is_account_name(name):
        raise InputRefused(
            _("Usernames can have 1 to %(most)s letters or digits, with . _ or - in between.", most=NAME_LENGTH)
        )
    if is_name_of_another(session, name):
        raise NameTaken(_("The name %(name)s is taken. Choose another one.", name=name))


def refuse_bad_password(password: str, *taken: str | None) -> None:
    """Raise `InputRefused` if the password is refused."""
    if problem := passwords.problem_with(password, *taken):
        raise InputRefused(problem)


def require_user(session: Session, name: str) -> User:
    """Return the account with a name, or raise `NotFound`."""
    if (user := user_named(session, name)) is None:
        raise NotFound(_("There is no user named %(name)s.", name=name))
    return user


def _refuse_the_last(session: Session, user: User) -> None:
    if not has_administrator(session, but=user):
        raise InputRefused(_("The blog needs at least one administrator. Make someone else an administrator first."))


def _role(session: Session, name: str) -> Role:
    role = session.scalar(select(Role).where(Role.name == name))
    if role is None:
        role = Role(name=name, description=DESCRIPTIONS[name])
        session.add(role)
    return role
