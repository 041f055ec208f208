"""Posts and tags, and old addresses of posts."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from qingbo.accounts.models import User
from qingbo.clock import now
from qingbo.database import TABLE_OPTIONS, UNNUMBERED_TABLE_OPTIONS, Base, Id, UtcDateTime, key_type, long_text

TITLE_LENGTH = 255
SLUG_LENGTH = 120
TAG_LENGTH = 50
TEXT_LENGTH = 500_000
TAGS_PER_POST = 20


class PostTag(Base):
    """A tag on a post. It repeats when the post is published, so that a tag's page reads one index in its order."""

    __tablename__ = "posts_tags"
    __table_args__ = (
        Index("ix_posts_tags_tag_id_published_at_post_id", "tag_id", "published_at", "post_id"),
        UNNUMBERED_TABLE_OPTIONS,
    )

    post_id: Mapped[int] = mapped_column(Id, ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True)
    tag_id: Mapped[int] = mapped_column(Id, ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Tag(Base):
    """A word that gathers posts."""

    __tablename__ = "tags"
    __table_args__ = (Index("ix_tags_post_count_id", "post_count", "id"), TABLE_OPTIONS)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(TAG_LENGTH))
    name_key: Mapped[str] = mapped_column(key_type(TAG_LENGTH), unique=True)
    slug: Mapped[str] = mapped_column(key_type(SLUG_LENGTH), unique=True)
    post_count: Mapped[int] = mapped_column(Integer, default=0)
    """How many posts with a date have it, scheduled ones included; see `tag_counts`."""


class Post(Base):
    """A post. It is public from `published_at` on; without that it is a draft."""

    __tablename__ = "posts"
    __table_args__ = (
        Index("ix_posts_published_at_id", "published_at", "id"),
        Index("ix_posts_author_id_published_at_id", "author_id", "published_at", "id"),
        TABLE_OPTIONS,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    author_id: Mapped[int] = mapped_column(Id, ForeignKey("users.id"))
    title: Mapped[str] = mapped_column(String(TITLE_LENGTH))
    slug: Mapped[str] = mapped_column(key_type(SLUG_LENGTH), unique=True)
    text: Mapped[str] = mapped_column(long_text())
    """Markdown, as it was written."""
    excerpt: Mapped[str] = mapped_column(String(400))
    """The beginning of the text, without markup."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    first_published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Its date when it is published again after it was taken back."""
    language: Mapped[str | None] = mapped_column(String(12))
    """As its author says (BCP 47); without it, as its script says."""

    author: Mapped[User] = relationship(lazy="raise")
    tags: Mapped[list[Tag]] = relationship(secondary="posts_tags", order_by=Tag.name_key, lazy="raise", viewonly=True)


class Redirect(Base):
    """An address that is no longer, and the one that took its place."""

    __tablename__ = "redirects"
    __table_args__ = TABLE_OPTIONS

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    path: Mapped[str] = mapped_column(key_type(500), unique=True)
    target: Mapped[str] = mapped_column(String(500))
    """A path on this site."""
