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
    description: Mapped[str] = mapped_column(String(DESCRIPTION_LENGTH), default="", server_default="")


class Series(Base):
    """Posts in the order in which they are meant to be read."""

    __tablename__ = "series"
    __table_args__ = TABLE_OPTIONS

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    title: Mapped[str] = mapped_column(String(SERIES_LENGTH))
    slug: Mapped[str] = mapped_column(key_type(SLUG_LENGTH), unique=True)
    description: Mapped[str] = mapped_column(String(DESCRIPTION_LENGTH), default="", server_default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class Post(Base):
    """A post. What state it is in is computed; see `states`.

    `published_at` is set where the post is public, or will be at that moment. A post that only some may read has its
    date in `dated_at`: code from before there were such posts takes it for a draft.
    """

    __tablename__ = "posts"
    __table_args__ = (
        Index("ix_posts_published_at_id", "published_at", "id"),
        Index("ix_posts_author_id_published_at_id", "author_id", "published_at", "id"),
        Index("ix_posts_kind_published_at_id", "kind", "published_at", "id"),
        # For the studio: posts that not everybody may read by their date, drafts by their last change.
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
    """Empty where the post has none."""
    slug: Mapped[str] = mapped_column(key_type(SLUG_LENGTH), unique=True)
    text: Mapped[str] = mapped_column(long_text())
    """Markdown, as it was written."""
    excerpt: Mapped[str] = mapped_column(String(400))
    """What lists show of the text: its summary, else its beginning without markup."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime, active_history=True)
    first_published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Its date when it is published again after it was taken back."""
    language: Mapped[str | None] = mapped_column(String(12))
    """As its author says (BCP 47); without it, as its script says."""
    kind: Mapped[str] = mapped_column(key_type(10), default=ARTICLE, server_default=ARTICLE)
    parts: Mapped[str | None] = mapped_column(long_text())
    """What its kind has beside the text, as JSON; see `kinds`."""
    summary: Mapped[str | None] = mapped_column(String(EXCERPT_LENGTH))
    """The excerpt that its author wrote."""
    visibility: Mapped[str] = mapped_column(key_type(10), default=PUBLIC, server_default=PUBLIC)
    """Who may read it once it has a date: public, unlisted (who knows the address), private (who may change it).

    A page that everybody may read is unlisted here: no list shows it, neither now nor in code from before pages.
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
        """The date that it has or had, None for a draft."""
        return self.published_at or self.dated_at

    def set_date(self, date: datetime | None) -> None:
        """Give it a date, where its visibility says that it stands; None makes it a draft."""
        self.published_at, self.dated_at = (date, None) if self.visibility == PUBLIC else (None, date)

    @property
    def markdown(self) -> str:
        """Return the whole post as Markdown, with what its kind has beside the text."""
        return markdown_of(self.kind, self.text, Parts.read(self.parts))


class PostVersion(Base):
    """What a post was after a save."""

    __tablename__ = "post_versions"
    __table_args__ = (Index("ix_post_versions_post_id_id", "post_id", "id"), TABLE_OPTIONS)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    post_id: Mapped[int] = mapped_column(Id, ForeignKey("posts.id", ondelete="CASCADE"))
    writer_id: Mapped[int | None] = mapped_column(Id, ForeignKey("users.id", ondelete="SET NULL"), index=True)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    digest: Mapped[str] = mapped_column(key_type(32))
    is_saved: Mapped[bool]
    """Whether the post became it; else somebody had typed it by then."""
    content: Mapped[str] = mapped_column(long_text())
    """JSON; see `contents`."""

    writer: Mapped[User | None] = relationship(lazy="raise")


class PostDraft(Base):
    """What a writer has in the form and has not saved: one for each post and writer, and for each new post."""

    __tablename__ = "post_drafts"
    __table_args__ = (
        Index("ix_post_drafts_writer_id_name", "writer_id", "name", unique=True),
        TABLE_OPTIONS,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    writer_id: Mapped[int] = mapped_column(Id, ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(key_type(64))
    """Random for a new post, `post-<id>` for another."""
    post_id: Mapped[int | None] = mapped_column(Id, ForeignKey("posts.id", ondelete="CASCADE"), index=True)
    content: Mapped[str] = mapped_column(long_text())
    """The fields of the form as they were, as JSON."""
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PostOpening(Base):
    """Who had a post open in the form, and when last."""

    __tablename__ = "post_openings"
    __table_args__ = UNNUMBERED_TABLE_OPTIONS

    post_id: Mapped[int] = mapped_column(Id, ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(Id, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Redirect(Base):
    """An address that is no longer, and the one that took its place."""

    __tablename__ = "redirects"
    __table_args__ = TABLE_OPTIONS

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    path: Mapped[str] = mapped_column(key_type(500), unique=True)
    target: Mapped[str] = mapped_column(String(500))
    """A path on this site."""
