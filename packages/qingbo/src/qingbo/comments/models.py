"""Comments, and subscriptions to replies."""

import enum
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, backref, mapped_column, relationship

from qingbo.accounts.models import EMAIL_LENGTH, NAME_LENGTH, User
from qingbo.clock import now
from qingbo.database import TABLE_OPTIONS, Base, Id, UtcDateTime, key_type, long_text
from qingbo.posts.models import Post

TEXT_LENGTH = 10_000
EDITABLE_FOR = timedelta(minutes=15)


class State(enum.StrEnum):
    """The state of a comment. All except the first are hidden from readers, and have `hidden_at`."""

    SHOWN = "shown"
    HELD = "held"
    """Waits for approval."""
    HIDDEN = "hidden"
    """Rejected, or hidden later."""
    SPAM = "spam"
    DELETED = "deleted"
    """The text is deleted; the row stays because it has replies."""


class Comment(Base):
    """A comment on a post, by an account, or by a guest under the name they gave."""

    __tablename__ = "comments"
    __table_args__ = (
        Index("ix_comments_post_id_id", "post_id", "id"),
        Index("ix_comments_author_id_id", "author_id", "id"),
        Index("ix_comments_state_id", "state", "id"),
        Index("ix_comments_guest_email", "guest_email"),
        TABLE_OPTIONS,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    post_id: Mapped[int] = mapped_column(Id, ForeignKey("posts.id", ondelete="CASCADE"))
    parent_id: Mapped[int | None] = mapped_column(Id, index=True)
    """The comment it replies to. That one is never a reply itself, so there are two levels. It is no foreign key: a
    comment with replies is emptied instead of deleted, and all comments are deleted with their post."""
    author_id: Mapped[int | None] = mapped_column(Id, ForeignKey("users.id"))
    guest_name: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    guest_email: Mapped[str | None] = mapped_column(key_type(EMAIL_LENGTH))
    """Never shown to readers."""
    text: Mapped[str] = mapped_column(long_text())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    edited_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(key_type(16), default=State.SHOWN, server_default="shown")
    hidden_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Since when it is hidden, for any reason. Releases before 0.2 know only this column."""

    # The database deletes comments with their post.
    post: Mapped[Post] = relationship(lazy="raise", backref=backref("comments", lazy="raise", passive_deletes="all"))
    author: Mapped[User | None] = relationship(lazy="raise")

    @property
    def name(self) -> str:
        """The name of its writer."""
        return self.author.shown_name if self.author else self.guest_name or ""

    @property
    def thread_id(self) -> int:
        """The number of the comment at the top of its thread."""
        return self.parent_id or self.id

    @property
    def is_new(self) -> bool:
        """Whether its writer may still change it."""
        return now() - self.created_at < EDITABLE_FOR


class Subscription(Base):
    """Sends mails about replies in a thread to an address."""

    __tablename__ = "comment_subscriptions"
    __table_args__ = (
        Index("ix_comment_subscriptions_thread_id_email", "thread_id", "email", unique=True),
        TABLE_OPTIONS,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    thread_id: Mapped[int] = mapped_column(Id, ForeignKey("comments.id", ondelete="CASCADE"))
    email: Mapped[str] = mapped_column(key_type(EMAIL_LENGTH))
    language: Mapped[str] = mapped_column(String(12))
    """The language of the mails: that of the page on which the person subscribed."""
    token: Mapped[str] = mapped_column(key_type(64), unique=True)
    """Ends the subscription; each mail contains it."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
