"""The search index of comments, for moderators. Written together with the comment. Flushes; the caller commits."""

from typing import Any

from sqlalchemy import ForeignKey, inspect, select
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column

from qingbo.comments.models import Comment
from qingbo.database import UNNUMBERED_TABLE_OPTIONS, Base, Id
from qingbo.search.full_text import FullTextIndex, Place, Words, put_rows, without_row
from qingbo.search.places import place_of
from qingbo.search.plain_text import plain_text
from qingbo.search.tokens import tokens_of

AT_ONCE = 500
"""How many comments are indexed in one transaction."""


class CommentSearch(Base):
    """The searchable words of a comment."""

    __tablename__ = "comment_search"
    __table_args__ = UNNUMBERED_TABLE_OPTIONS

    comment_id: Mapped[int] = mapped_column(
        Id, ForeignKey("comments.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    place: Mapped[int] = mapped_column(Place, unique=True)
    words: Mapped[str] = mapped_column(Words)


COMMENTS = FullTextIndex(CommentSearch.comment_id, CommentSearch.place, CommentSearch.words, "comment_words")


def index_comment(session: Session, comment: Comment) -> None:
    """Write the index row of a comment again."""
    session.flush()
    if "author" in inspect(comment).unloaded:
        session.refresh(comment, ["author"])
    put_rows(session, COMMENTS, [_row(comment)])


def index_next_comments(session: Session, after: int, *, only_missing: bool = False) -> list[int]:
    """Write the index rows of the next comments after a number again, at most `AT_ONCE`. Return their numbers."""
    wanted = select(Comment).where(Comment.id > after).options(joinedload(Comment.author))
    if only_missing:
        wanted = wanted.where(without_row(COMMENTS, Comment.id))
    comments = session.scalars(wanted.order_by(Comment.id).limit(AT_ONCE)).all()
    put_rows(session, COMMENTS, [_row(comment) for comment in comments])
    return [comment.id for comment in comments]


def _row(comment: Any) -> tuple[int, int, set[str]]:
    words = tokens_of(f"{comment.name} {comment.guest_email or ''}", plain_text(comment.text))
    return comment.id, place_of(comment.created_at, comment.id), words
