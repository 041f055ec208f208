"""Posts, tags and series, old addresses, versions and drafts."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from qingbo.accounts.models import User
from qingbo.clock import now
from qingbo.database import TABLE_OPTIONS, UNNUMBERED_TABLE_OPTIONS, Base, Id, UtcDateTime, key_type, long_text
from qingbo.posts.kinds import Parts, markdown_of

ARTICLE = "article"
PUBLIC, UNLISTED, PRIVATE = VISIBILITIES = ("public", "unlisted", "private")
TITLE_LENGTH = 255
EXCERPT_LENGTH = 400
SLUG_LENGTH = 120
TAG_LENGTH = 50
SERIES_LENGTH = 100
DESCRIPTION_LENGTH = 500
TEXT_LENGTH = 500_000
TAGS_PER_POST = 20


class PostTag(Base):
    """A tag on a post. It repeats the post's date, so that a tag's page reads one index in its order."""

    __tablename__ = "posts_tags"
    __table_args__ = (
        Index("ix_posts_tags_tag_id_published_at_post_id", "tag_id", "published_at", "post_id"),
        UNNUMBERED_TABLE_OPTIONS,
    )

    post_id: Mapped[int] = mapped_column(Id, ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True)
    tag_id: Mapped[int] = mapped_column(Id, ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Tag(Base):
    """A word that groups posts."""

    __tablename__ = "tags"
    __table_args__ = (Index("ix_tags_post_count_id", "post_count", "id"), TABLE_OPTIONS)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(TAG_LENGTH))
    name_key: Mapped[str] = mapped_column(key_type(TAG_LENGTH), unique=True)
    slug: Mapped[str] = mapped_column(key_type(SLUG_LENGTH), unique=True)
    post_count: Mapped[int] = mapped_column(Integer, default=0)
    """How many posts with a date have the tag, including scheduled ones; see `tag_counts`."""
    description: Mapped[str] = mapped_column(String(DESCRIPTION_LENGTH), default="", server_default="")


class Series(Base):
    """Posts in their reading order."""

    __tablename__ = "series"
    __table_args__ = TABLE_OPTIONS

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    title: Mapped[str] = mapped_column(String(SERIES_LENGTH))
    slug: Mapped[str] = mapped_column(key_type(SLUG_LENGTH), unique=True)
    description: Mapped[str] = mapped_column(String(DESCRIPTION_LENGTH), default="", server_default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class Post(Base):
    """A post. Its state is computed; see `states`.

    `published_at` is set if the post is public, or will be at that time. The date of an unlisted or private post is in
    `dated_at`, so that releases that do not know these visibilities treat it as a draft.
    """

    __tablename__ = "posts"
    __table_args__ = (
        Index("ix_posts_published_at_id", "published_at", "id"),
        Index("ix_posts_author_id_published_at_id", "author_id", "published_at", "id"),
        Index("ix_posts_kind_published_at_id", "kind", "published_at", "id"),
        # For the studio: posts that are not public by date, drafts by their last change.
        Index("ix_posts_visibility_dated_at_id", "visibility", "dated_at", "id"),
        Index("ix_posts_published_at_dated_at_updated_at_id", "published_at", "dated_at", "updated_at", "id"),
        Index("ix_posts_pinned_at", "pinned_at"),
        Index("ix_posts_binned_at", "binned_at"),
        Index("ix_posts_series_id_series_position", "series_id", "series_position"),
        TABLE_OPTIONS,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    author_id: Mapped[int] = mapped_column(Id, ForeignKey("users.id"))
    title: Mapped[str] = mapped_column(String(TITLE_LENGTH))
    """Empty if the post has no title."""
    slug: Mapped[str] = mapped_column(key_type(SLUG_LENGTH), unique=True)
    text: Mapped[str] = mapped_column(long_text())
    """Markdown, as it was written."""
    excerpt: Mapped[str] = mapped_column(String(400))
    """What lists show: its summary, or the beginning of the text without markup."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime, active_history=True)
    first_published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """The first date that it had; it gets this date again if it is published again later."""
    language: Mapped[str | None] = mapped_column(String(12))
    """Chosen by the author (BCP 47); otherwise it is detected from the script."""
    kind: Mapped[str] = mapped_column(key_type(10), default=ARTICLE, server_default=ARTICLE)
    parts: Mapped[str | None] = mapped_column(long_text())
    """Fields of its kind besides the text, as JSON; see `kinds`."""
    summary: Mapped[str | None] = mapped_column(String(EXCERPT_LENGTH))
    """The excerpt, if its author wrote one."""
    visibility: Mapped[str] = mapped_column(key_type(10), default=PUBLIC, server_default=PUBLIC)
    """Who may read it once it has a date: public, unlisted (everybody with the address), private (those who may edit).

    A public page is stored as unlisted, because no list shows it; releases from before pages show it in none either.
    """
    dated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """The date of a post that is not public."""
    pinned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    binned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    series_id: Mapped[int | None] = mapped_column(Id, ForeignKey("series.id", ondelete="SET NULL"))
    series_position: Mapped[int | None] = mapped_column(Integer)

    author: Mapped[User] = relationship(lazy="raise")
    tags: Mapped[list[Tag]] = relationship(secondary="posts_tags", order_by=Tag.name_key, lazy="raise", viewonly=True)
    series: Mapped[Series | None] = relationship(lazy="raise", viewonly=True)

    @property
    def date(self) -> datetime | None:
        """Its current or last date, None for a draft."""
        return self.published_at or self.dated_at

    def set_date(self, date: datetime | None) -> None:
        """Set its date in the column for its visibility; None makes it a draft."""
        self.published_at, self.dated_at = (date, None) if self.visibility == PUBLIC else (None, date)

    @property
    def markdown(self) -> str:
        """Return the whole post as Markdown, with the fields of its kind."""
        return markdown_of(self.kind, self.text, Parts.read(self.parts))


class PostVersion(Base):
    """The content of a post after a save, or as somebody had typed it."""

    __tablename__ = "post_versions"
    __table_args__ = (Index("ix_post_versions_post_id_id", "post_id", "id"), TABLE_OPTIONS)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    post_id: Mapped[int] = mapped_column(Id, ForeignKey("posts.id", ondelete="CASCADE"))
    writer_id: Mapped[int | None] = mapped_column(Id, ForeignKey("users.id", ondelete="SET NULL"), index=True)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    digest: Mapped[str] = mapped_column(key_type(32))
    is_saved: Mapped[bool]
    """Whether it was saved; otherwise somebody had only typed it."""
    content: Mapped[str] = mapped_column(long_text())
    """JSON; see `contents`."""

    writer: Mapped[User | None] = relationship(lazy="raise")


class PostDraft(Base):
    """Unsaved text in a writer's form: one row per post and writer, and one per new post."""

    __tablename__ = "post_drafts"
    __table_args__ = (
        Index("ix_post_drafts_writer_id_name", "writer_id", "name", unique=True),
        TABLE_OPTIONS,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    writer_id: Mapped[int] = mapped_column(Id, ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(key_type(64))
    """Random for a new post, `post-<id>` for an existing one."""
    post_id: Mapped[int | None] = mapped_column(Id, ForeignKey("posts.id", ondelete="CASCADE"), index=True)
    content: Mapped[str] = mapped_column(long_text())
    """The fields of the form as JSON."""
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PostOpening(Base):
    """Who has a post open in the form, and when that was last known."""

    __tablename__ = "post_openings"
    __table_args__ = UNNUMBERED_TABLE_OPTIONS

    post_id: Mapped[int] = mapped_column(Id, ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(Id, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Redirect(Base):
    """An old address and the one that replaced it."""

    __tablename__ = "redirects"
    __table_args__ = TABLE_OPTIONS

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    path: Mapped[str] = mapped_column(key_type(500), unique=True)
    target: Mapped[str] = mapped_column(String(500))
    """A path on this site."""
