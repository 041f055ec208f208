"""Accounts and roles. The columns are those Flask-Security expects, so that it can take over."""

import secrets
from datetime import datetime

from flask_login import UserMixin
from sqlalchemy import Column, ForeignKey, String, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from qingbo.clock import now
from qingbo.database import TABLE_OPTIONS, UNNUMBERED_TABLE_OPTIONS, Base, Id, UtcDateTime, key_type

ADMINISTRATOR = "administrator"
NAME_LENGTH = 64

users_roles = Table(
    "users_roles",
    Base.metadata,
    Column("user_id", Id, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("role_id", Id, ForeignKey("roles.id", ondelete="CASCADE"), primary_key=True, index=True),
    **UNNUMBERED_TABLE_OPTIONS,
)


class Role(Base):
    """What a person may do beyond writing posts of their own."""

    __tablename__ = "roles"
    __table_args__ = TABLE_OPTIONS

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(key_type(80), unique=True)
    description: Mapped[str] = mapped_column(String(255), default="")


class User(Base, UserMixin):
    """A person with an account."""

    __tablename__ = "users"
    __table_args__ = TABLE_OPTIONS

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    name_key: Mapped[str] = mapped_column(key_type(NAME_LENGTH), unique=True)
    """The name as it is compared, and as it stands in addresses."""
    email: Mapped[str | None] = mapped_column(key_type(255), unique=True)
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(key_type(64), unique=True, default=lambda: secrets.token_hex(32))
    """What a session holds; a new one ends every session of the account."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    roles: Mapped[list[Role]] = relationship(secondary=users_roles, lazy="raise")

    @property
    def is_active(self) -> bool:
        """Whether the account may sign in."""
        return self.active

    @property
    def is_administrator(self) -> bool:
        """Whether the account may do everything."""
        return any(role.name == ADMINISTRATOR for role in self.roles)

    def get_id(self) -> str:
        """Return what the session holds of the account."""
        return self.fs_uniquifier
