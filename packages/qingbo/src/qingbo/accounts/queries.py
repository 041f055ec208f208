"""Reads of accounts."""

from typing import Any

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session, selectinload

from qingbo.accounts.models import ADMINISTRATOR, Role, User
from qingbo.accounts.names import key_of


def user_named(session: Session, name: str) -> User | None:
    """Return the account of a name, however it is written."""
    found: User | None = session.scalar(_with_roles().where(User.name_key == key_of(name)))
    return found


def user_of_session(session: Session, uniquifier: str) -> User | None:
    """Return the account that a session belongs to."""
    wanted = _with_roles().where(User.fs_uniquifier == uniquifier, User.active)
    found: User | None = session.scalar(wanted)
    return found


def all_users(session: Session) -> list[User]:
    """Return every account, the oldest first."""
    return list(session.scalars(_with_roles().order_by(User.id)))


def has_administrator(session: Session) -> bool:
    """Return whether anybody may administer the blog."""
    wanted = select(User.id).join(User.roles).where(Role.name == ADMINISTRATOR, User.active)
    return bool(session.scalar(select(exists(wanted))))


def _with_roles() -> Select[Any]:
    return select(User).options(selectinload(User.roles))
