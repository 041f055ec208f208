"""Numbers of views by day, and the marks that tell today's readers apart."""

from datetime import date

from sqlalchemy import Date, ForeignKey, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from qingbo.database import UNNUMBERED_TABLE_OPTIONS, Base, Id, key_type

SITE = 0
"""Used in place of an author's number for the posts of all authors."""

HOST_LENGTH = 100
OTHER = "*"
"""Used in place of a host for all hosts above the limit; no host has this name."""


class ViewSalt(Base):
    """The random salt of a day. It is deleted after the day, so that its digests cannot be computed again."""

    __tablename__ = "view_salts"
    __table_args__ = UNNUMBERED_TABLE_OPTIONS

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    salt: Mapped[str] = mapped_column(key_type(64))


class ViewMark(Base):
    """A salted digest of a reader who was counted for a post that day. Deleted with the salt."""

    __tablename__ = "view_marks"
    __table_args__ = UNNUMBERED_TABLE_OPTIONS

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    digest: Mapped[str] = mapped_column(key_type(32), primary_key=True)


class PostViews(Base):
    """The number of a post's readers on a day."""

    __tablename__ = "post_views"
    __table_args__ = UNNUMBERED_TABLE_OPTIONS

    post_id: Mapped[int] = mapped_column(Id, ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    views: Mapped[int] = mapped_column(Integer)


class PostMonth(Base):
    """The views of a post in a month. Its indexes find the most viewed posts without adding up all views."""

    __tablename__ = "post_view_months"
    __table_args__ = (
        Index("ix_post_view_months_month_views", "month", "views"),
        Index("ix_post_view_months_author_id_month_views", "author_id", "month", "views"),
        UNNUMBERED_TABLE_OPTIONS,
    )

    post_id: Mapped[int] = mapped_column(Id, ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True)
    month: Mapped[date] = mapped_column(Date, primary_key=True)
    """The first day of the month."""
    author_id: Mapped[int] = mapped_column(Id)
    views: Mapped[int] = mapped_column(Integer)


class PostReferrer(Base):
    """The number of a post's readers who came from a host on a day."""

    __tablename__ = "post_referrers"
    __table_args__ = UNNUMBERED_TABLE_OPTIONS

    post_id: Mapped[int] = mapped_column(Id, ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    host: Mapped[str] = mapped_column(key_type(HOST_LENGTH), primary_key=True)
    views: Mapped[int] = mapped_column(Integer)


class AuthorViews(Base):
    """The number of readers of an author's posts, or of all posts (`SITE`), on a day. Stays when a post is deleted."""

    __tablename__ = "author_views"
    __table_args__ = UNNUMBERED_TABLE_OPTIONS

    author_id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    views: Mapped[int] = mapped_column(Integer)


class AuthorReferrer(Base):
    """The number of readers of an author's posts, or of all posts (`SITE`), who came from a host on a day."""

    __tablename__ = "author_referrers"
    __table_args__ = UNNUMBERED_TABLE_OPTIONS

    author_id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    host: Mapped[str] = mapped_column(key_type(HOST_LENGTH), primary_key=True)
    views: Mapped[int] = mapped_column(Integer)
