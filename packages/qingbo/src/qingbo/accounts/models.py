"""Accounts, roles, invitations, passkeys, pictures. The columns of an account follow Flask-Security."""

import secrets
from datetime import datetime

from flask_security import AsaList, RoleMixin, UserMixin, WebAuthnMixin
from sqlalchemy import BigInteger, Column, ForeignKey, Index, LargeBinary, String, Table
from sqlalchemy.dialects import mysql
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, mapped_column, relationship

from qingbo.accounts.roles import ADMINISTRATOR, AUTHOR, EDITOR, RANKED
from qingbo.clock import now
from qingbo.database import TABLE_OPTIONS, UNNUMBERED_TABLE_OPTIONS, Base, Id, UtcDateTime, key_type, long_text

NAME_LENGTH = 64
EMAIL_LENGTH = 255
BIO_LENGTH = 1_000
MOST_LINKS = 5
LINK_LENGTH = 300

users_roles = Table(
    "users_roles",
    Base.metadata,
    Column("user_id", Id, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("role_id", Id, ForeignKey("roles.id", ondelete="CASCADE"), primary_key=True, index=True),
    **UNNUMBERED_TABLE_OPTIONS,
)


class Role(Base, RoleMixin):
    """What a person may do; see the table in docs/reference/roles.md."""

    __tablename__ = "roles"
    __table_args__ = TABLE_OPTIONS

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(key_type(80), unique=True)
    description: Mapped[str] = mapped_column(String(255), default="")


class User(Base, UserMixin):
    """A person with an account."""

    __tablename__ = "users"
    __table_args__ = (
        Index("ix_users_fs_webauthn_user_handle", "fs_webauthn_user_handle", unique=True),
        TABLE_OPTIONS,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    """The name to sign in with. Addresses contain `name_key` instead."""
    name_key: Mapped[str] = mapped_column(key_type(NAME_LENGTH), unique=True)
    """The name in the form that is compared and used in addresses."""
    display_name: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    email: Mapped[str | None] = mapped_column(key_type(EMAIL_LENGTH), unique=True)  # type: ignore[assignment]
    """In lower case, because it is compared byte by byte."""
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    waiting_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it began to wait for an administrator's approval; it is not active until then."""
    fs_uniquifier: Mapped[str] = mapped_column(key_type(64), unique=True, default=lambda: secrets.token_hex(32))
    """Sessions store it; a new value ends every session of the account."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the e-mail address was confirmed, by a link or by the administrator who made or invited the account."""
    bio: Mapped[str | None] = mapped_column(String(BIO_LENGTH))
    links: Mapped[str | None] = mapped_column(long_text())
    """Addresses on the web, one per line."""
    language: Mapped[str | None] = mapped_column(String(12))
    avatar: Mapped[str | None] = mapped_column(key_type(64))
    """The digest of the uploaded picture. Without one, a picture is drawn from the name."""
    tf_primary_method: Mapped[str | None] = mapped_column(String(64))
    tf_totp_secret: Mapped[str | None] = mapped_column(String(255))
    totp_counter: Mapped[int | None] = mapped_column(BigInteger)
    """The time step of the last code that was used; no code works twice."""
    mf_recovery_codes: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(AsaList()))
    fs_webauthn_user_handle: Mapped[str | None] = mapped_column(key_type(64))  # type: ignore[assignment]

    roles: Mapped[list[Role]] = relationship(secondary=users_roles, lazy="raise")  # type: ignore[assignment]
    webauthn: Mapped[list["Passkey"]] = relationship(  # type: ignore[assignment]
        lazy="select", back_populates="user", passive_deletes="all"
    )

    @property
    def shown_name(self) -> str:
        """The name that readers see."""
        return self.display_name or self.name

    @property
    def is_active(self) -> bool:
        """Whether the account may sign in."""
        return self.active

    @property
    def role(self) -> str:
        """The highest of its roles, or an empty string."""
        names = {role.name for role in self.roles}
        return next((name for name in RANKED if name in names), "")

    @property
    def is_administrator(self) -> bool:
        """Whether the account may do everything."""
        return self.role == ADMINISTRATOR

    @property
    def is_editor(self) -> bool:
        """Whether it may change any post and comment."""
        return self.role in {ADMINISTRATOR, EDITOR}

    @property
    def is_author(self) -> bool:
        """Whether it may write posts."""
        return self.role in {ADMINISTRATOR, EDITOR, AUTHOR}

    def get_id(self) -> str:
        """Return the value that the session stores for the account."""
        return self.fs_uniquifier

    def calc_username(self) -> str:
        """Return the account's name for an authenticator app."""
        return self.name


class Passkey(Base, WebAuthnMixin):
    """A passkey on a person's device, to sign in with."""

    __tablename__ = "passkeys"
    __table_args__ = (Index("ix_passkeys_user_id_name", "user_id", "name"), TABLE_OPTIONS)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    user_id: Mapped[int] = mapped_column(Id, ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(64))
    credential_id: Mapped[bytes] = mapped_column(
        LargeBinary(1024).with_variant(mysql.VARBINARY(1024), "mysql", "mariadb"), unique=True
    )
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger, default=0)
    transports: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(AsaList()))
    backup_state: Mapped[bool] = mapped_column(default=False)
    device_type: Mapped[str] = mapped_column(String(64))
    extensions: Mapped[str | None] = mapped_column(String(255))
    lastuse_datetime: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    usage: Mapped[str] = mapped_column(String(64))

    user: Mapped[User] = relationship(lazy="raise", back_populates="webauthn")


class Invitation(Base):
    """The right to make one account, given as a link."""

    __tablename__ = "invitations"
    __table_args__ = TABLE_OPTIONS

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    token_digest: Mapped[str] = mapped_column(key_type(64), unique=True)
    """The digest of the token in the link; the token itself is not stored."""
    email: Mapped[str | None] = mapped_column(key_type(EMAIL_LENGTH))
    role_name: Mapped[str] = mapped_column(key_type(80))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    used_by_name: Mapped[str | None] = mapped_column(String(NAME_LENGTH))


class Avatar(Base):
    """A person's picture, encoded again from the upload; the uploaded file itself is not stored."""

    __tablename__ = "avatars"
    __table_args__ = UNNUMBERED_TABLE_OPTIONS

    digest: Mapped[str] = mapped_column(key_type(64), primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary().with_variant(mysql.MEDIUMBLOB(), "mysql", "mariadb"))
    """WebP."""
