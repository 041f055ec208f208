"""Reads of accounts."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, selectinload

from qingbo.accounts.models import Avatar, Invitation, Role, User, users_roles
from qingbo.accounts.names import key_of
from qingbo.accounts.roles import ADMINISTRATOR, READER
from qingbo.clock import now

PEOPLE_PER_PAGE = 50
MOST_WRITERS = 200
MOST_ADMINISTRATORS = 3
"""How many are named on a page that says whom to contact."""


def user_named(session: Session, name: str) -> User | None:
    """Return the account with a name, in any letter case or width."""
    found: User | None = session.scalar(_with_roles().where(User.name_key == key_of(name)))
    return found


@dataclass(frozen=True, slots=True)
class Person:
    """The public part of an account, for pages that are cached."""

    id: int
    name_key: str
    shown_name: str
    bio: str | None
    links: str | None
    avatar: str | None

    @classmethod
    def of(cls, user: User) -> "Person":
        """Return the public part of an account."""
        return cls(user.id, user.name_key, user.shown_name, user.bio, user.links, user.avatar)


def public_user(session: Session, name: str) -> User | None:
    """Return the account with a name if it is public: approved, and its e-mail address, if any, confirmed."""
    user = user_named(session, name)
    return user if user and not user.waiting_since and (user.email is None or user.confirmed_at) else None


def user_with_email(session: Session, email: str) -> User | None:
    """Return the account with an e-mail address, given in lower case."""
    found: User | None = session.scalar(_with_roles().where(User.email == email))
    return found


def user_signing_in(session: Session, name_or_email: str) -> User | None:
    """Return the account for a name or an e-mail address, as typed in the sign-in form."""
    if "@" in name_or_email:  # names contain no @
        return user_with_email(session, name_or_email.strip().lower())
    return user_named(session, name_or_email)


def is_name_of_another(session: Session, name: str, but: User | None = None) -> bool:
    """Return whether an account other than `but` has this name or display name."""
    key = key_of(name)
    wanted = select(User.id).where(or_(User.name_key == key, func.lower(User.display_name) == key))
    if but is not None:
        wanted = wanted.where(User.id != but.id)
    return bool(session.scalar(select(exists(wanted))))


def all_users(session: Session) -> list[User]:
    """Return every account, the oldest first."""
    return list(session.scalars(_with_roles().order_by(User.id)))


def writers(session: Session) -> Sequence[User]:
    """Return accounts that may write posts, by name, at most `MOST_WRITERS`."""
    roles = select(users_roles.c.user_id).join(Role, Role.id == users_roles.c.role_id).where(Role.name != READER)
    return session.scalars(select(User).where(User.id.in_(roles)).order_by(User.name_key).limit(MOST_WRITERS)).all()


def people_page(session: Session, search: str = "", after: int = 0) -> Sequence[User]:
    """Return a page of accounts whose name or address begins with a text, and one more."""
    statement = _with_roles().where(User.id > after)
    if key := key_of(search):
        statement = statement.where(
            or_(User.name_key.startswith(key, autoescape=True), User.email.startswith(key, autoescape=True))
        )
    return session.scalars(statement.order_by(User.id).limit(PEOPLE_PER_PAGE + 1)).all()


def waiting_people(session: Session, *, unconfirmed: bool) -> Sequence[User]:
    """Return the accounts that wait for an administrator, the longest-waiting first.

    Args:
        session: only read.
        unconfirmed: include accounts with an unconfirmed address; for a blog that sends no mail.
    """
    waits: ColumnElement[bool] = User.waiting_since.is_not(None)
    if unconfirmed:
        waits = or_(waits, and_(User.active, User.email.is_not(None), User.confirmed_at.is_(None)))
    longest_first = (func.coalesce(User.waiting_since, User.created_at), User.id)
    return session.scalars(_with_roles().where(waits).order_by(*longest_first).limit(PEOPLE_PER_PAGE)).all()


def administrators(session: Session) -> Sequence[User]:
    """Return at most `MOST_ADMINISTRATORS` active administrators, the oldest accounts first."""
    wanted = select(User).join(User.roles).where(Role.name == ADMINISTRATOR, User.active)
    return session.scalars(wanted.order_by(User.id).limit(MOST_ADMINISTRATORS)).all()


def has_administrator(session: Session, but: User | None = None) -> bool:
    """Return whether there is an active administrator other than `but`."""
    wanted = select(User.id).join(User.roles).where(Role.name == ADMINISTRATOR, User.active)
    if but is not None:
        wanted = wanted.where(User.id != but.id)
    return bool(session.scalar(select(exists(wanted))))


def open_invitations(session: Session) -> Sequence[Invitation]:
    """Return the invitations that can still be used, the newest first."""
    return session.scalars(select(Invitation).where(_is_open()).order_by(Invitation.id.desc()).limit(200)).all()


def invitation_of(session: Session, token: str) -> Invitation | None:
    """Return the invitation with a token, if it can still be used."""
    return session.scalar(select(Invitation).where(Invitation.token_digest == digest_of(token), _is_open()))


def picture(session: Session, digest: str) -> bytes | None:
    """Return an uploaded picture as WebP."""
    return session.scalar(select(Avatar.data).where(Avatar.digest == digest))


def digest_of(token: str) -> str:
    """Return the digest of a link's token, which is what the database stores."""
    return hashlib.sha256(token.encode()).hexdigest()


def _is_open() -> Any:
    return and_(Invitation.used_at.is_(None), Invitation.expires_at > now())


def _with_roles() -> Select[Any]:
    return select(User).options(selectinload(User.roles))
