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
        NameTaken: where another account has the name, in whatever letter case or width.
        InputRefused: for a name or password that cannot be one.
    """
    name = clean(name)
    refuse_taken_name(session, name)
    refuse_bad_password(password, name, email)
    user = User(name=name, name_key=key_of(name), password=passwords.hash_password(password), email=email)
    user.roles.append(_role(session, role))
    try:
        with session.begin_nested():
            session.add(user)
    except IntegrityError:  # another one was quicker
        raise NameTaken(_("The name %(name)s is taken. Choose another one.", name=name)) from None
    return user


def register(session: Session, name: str, password: str, email: str, role: str, *, approve: bool) -> User | None:
    """Make the account that somebody asks for; None, after as long a time, where the address has one already.

    Nobody learns from the answer who has an account; names are public anyway.

    Raises:
        NameTaken: where another account has the name.
        InputRefused: for a name or password that cannot be one.
    """
    holder = user_named(session, name)
    if user_with_email(session, email) or (holder and holder.confirmed_at is None):
        # Who registered and did not confirm yet is nobody's business either: a name that is taken only since would
        # say that the address before was free.
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
    """Let somebody in who waited for it.

    Args:
        session: is flushed.
        user: who waited.
        confirm: take the address as confirmed, too: no mail can prove it.
    """
    if user.waiting_since:
        user.active, user.waiting_since = True, None
    if confirm:
        user.confirmed_at = user.confirmed_at or now()
    session.flush()


def set_role(session: Session, user: User, role: str) -> None:
    """Give an account one role, in place of those it has.

    Raises:
        InputRefused: where nobody would administer the blog any more.
    """
    if role not in RANKED:
        raise InputRefused(_("This role doesn’t exist."))
    if user.is_administrator and role != ADMINISTRATOR:
        _refuse_the_last(session, user)
    user.roles[:] = [_role(session, role)]
    session.flush()


def switch_off(session: Session, user: User) -> None:
    """Keep an account from signing in, and end its sessions. What it wrote stays.

    Raises:
        InputRefused: where nobody would administer the blog any more.
    """
    if user.is_administrator:
        _refuse_the_last(session, user)
    user.active = False
    end_sessions(session, user)


def switch_on(session: Session, user: User) -> None:
    """Let an account sign in again."""
    user.active = True
    session.flush()


def end_sessions(session: Session, user: User) -> None:
    """End every session of an account, on every device."""
    user.fs_uniquifier = secrets.token_hex(32)
    session.flush()


def promote(session: Session, name: str) -> User:
    """Make an account an administrator's.

    Raises:
        NotFound: where there is no such account.
    """
    user = require_user(session, name)
    if not user.is_administrator:
        set_role(session, user, ADMINISTRATOR)
    return user


def change_password(session: Session, name: str, password: str) -> User:
    """Give an account a new password, which ends its sessions.

    Raises:
        NotFound: where there is no such account.
        InputRefused: for a password that cannot be one.
    """
    user = require_user(session, name)
    refuse_bad_password(password, user.name, user.email)
    user.password = passwords.hash_password(password)
    end_sessions(session, user)
    return user


def invite(session: Session, role: str, email: str | None) -> tuple[Invitation, str]:
    """Make an invitation and return it with the token of its link, which is kept nowhere.

    Raises:
        InputRefused: for a role that there is not.
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
    """Mark an invitation as used: it is good for one account."""
    invitation.used_at, invitation.used_by_name = now(), user.name
    session.flush()


def refuse_taken_name(session: Session, name: str) -> None:
    """Raise `InputRefused` for what cannot be the name of a new account, `NameTaken` where somebody has it."""
    if not name or len(name) > NAME_LENGTH or len(key_of(name)) > NAME_LENGTH or not is_account_name(name):
        raise InputRefused(
            _("Usernames can have 1 to %(most)s letters or digits, with . _ or - in between.", most=NAME_LENGTH)
        )
    if is_name_of_another(session, name):
        raise NameTaken(_("The name %(name)s is taken. Choose another one.", name=name))


def refuse_bad_password(password: str, *taken: str | None) -> None:
    """Raise `InputRefused` for what cannot be a password."""
    if problem := passwords.problem_with(password, *taken):
        raise InputRefused(problem)


def require_user(session: Session, name: str) -> User:
    """Return the account of a name, or raise `NotFound`."""
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
