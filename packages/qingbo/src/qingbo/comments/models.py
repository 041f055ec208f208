"""Comments."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, backref, mapped_column, relationship

from qingbo.accounts.models import NAME_LENGTH, User
from qingbo.clock import now
from qingbo.database import TABLE_OPTIONS, Base, Id, UtcDateTime, long_text
from qingbo.posts.models import Post

TEXT_LENGTH = 10_000


class Comment(Base):
    """What somebody said about a post: an account's, or a guest's under the name they gave."""

    __tablename__ = "comments"
    __table_args__ = (
        Index("ix_comments_post_id_id", "post_id", "id"),
        Index("ix_comments_author_id_id", "author_id", "id"),
        TABLE_OPTIONS,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    post_id: Mapped[int] = mapped_column(Id, ForeignKey("posts.id", ondelete="CASCADE"))
    author_id: Mapped[int | None] = mapped_column(Id, ForeignKey("users.id"))
    guest_name: Mapped[str | None] = mapped_column(String(NAME_LENGTH))
    text: Mapped[str] = mapped_column(long_text())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    hidden_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    # The database deletes them with their post.
    post: Mapped[Post] = relationship(lazy="raise", backref=backref("comments", lazy="raise", passive_deletes="all"))
    author: Mapped[User | None] = relationship(lazy="raise")

    @property
    def name(self) -> str:
        """Who says it."""
        return self.author.name if self.author else self.guest_name or ""
