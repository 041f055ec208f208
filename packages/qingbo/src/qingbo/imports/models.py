"""The origin of imported posts."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from qingbo.clock import now
from qingbo.database import TABLE_OPTIONS, Base, Id, UtcDateTime, key_type, long_text
from qingbo.posts.models import Post


class ImportedFile(Base):
    """A file that became a post. If it has no post, the post was deleted here and is not imported again."""

    __tablename__ = "imported_files"
    __table_args__ = TABLE_OPTIONS

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    path_digest: Mapped[str] = mapped_column(key_type(64), unique=True)
    """SHA-256 of the path, as a key: paths are too long for one."""
    path: Mapped[str] = mapped_column(long_text())
    """Its path, with `/./` after the imported folder; older releases stored no such mark."""
    post_id: Mapped[int | None] = mapped_column(Id, ForeignKey("posts.id", ondelete="SET NULL"), index=True)
    digest: Mapped[str] = mapped_column(key_type(64))
    """SHA-256 of the file's content at the last import."""
    imported_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    """Equal to the post's `updated_at` until somebody changes the post here."""

    post: Mapped[Post | None] = relationship(lazy="raise")
