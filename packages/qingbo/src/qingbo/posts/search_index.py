"""The search index of posts. Its rows are written together with their posts. Flushes; the caller commits."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from qingbo.database import UNNUMBERED_TABLE_OPTIONS, Base, Id
from qingbo.posts.kinds import Parts, markdown_of
from qingbo.posts.models import Post, PostTag
from qingbo.search.full_text import FullTextIndex, Place, Words, put_rows, without_row
from qingbo.search.places import place_of
from qingbo.search.plain_text import plain_text
from qingbo.search.tokens import tokens_of

AT_ONCE = 200
"""How many posts are indexed in one transaction."""


class PostSearch(Base):
    """The searchable words of a post."""

    __tablename__ = "post_search"
    __table_args__ = UNNUMBERED_TABLE_OPTIONS

    post_id: Mapped[int] = mapped_column(
        Id, ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    place: Mapped[int] = mapped_column(Place, unique=True)
    words: Mapped[str] = mapped_column(Words)


_COLUMNS = (
    Post.id, Post.author_id, Post.kind, Post.title, Post.text, Post.parts, Post.summary,
    Post.published_at, Post.dated_at, Post.created_at,
)  # fmt: skip
POSTS = FullTextIndex(PostSearch.post_id, PostSearch.place, PostSearch.words, "post_words")


def token_of_kind(kind: str) -> str:
    """Return the token of posts of a kind."""
    return f"fk{kind}"


def token_of_author(number: int) -> str:
    """Return the token of posts by an author."""
    return f"fa{number}"


def token_of_tag(number: int) -> str:
    """Return the token of posts with a tag."""
    return f"ft{number}"


def index_post(session: Session, post: Post) -> None:
    """Write the index row of a post again; its tags must be in the database."""
    session.flush()
    tags = session.scalars(select(PostTag.tag_id).where(PostTag.post_id == post.id)).all()
    put_rows(session, POSTS, [_row(post, tags)])


def index_next_posts(session: Session, after: int, *, only_missing: bool = False) -> list[int]:
    """Write the index rows of the next posts after a number again, at most `AT_ONCE`. Return their numbers."""
    wanted = select(*_COLUMNS).where(Post.id > after)
    if only_missing:
        wanted = wanted.where(without_row(POSTS, Post.id))
    posts = session.execute(wanted.order_by(Post.id).limit(AT_ONCE)).all()
    numbers = [post.id for post in posts]
    tags: dict[int, list[int]] = {number: [] for number in numbers}
    for post, tag in session.execute(select(PostTag.post_id, PostTag.tag_id).where(PostTag.post_id.in_(numbers))):
        tags[post].append(tag)
    put_rows(session, POSTS, [_row(post, tags[post.id]) for post in posts])
    return numbers


def text_of(kind: str, text: str, parts: str | None, summary: str | None = None) -> str:
    """Return the text of a post without its title, as search results show it."""
    return plain_text("\n\n".join(filter(None, [markdown_of(kind, text, Parts.read(parts)), summary])))


def _row(post: Any, tags: Iterable[int]) -> tuple[int, int, set[str]]:
    """Return the index row of a post, or of a row with its columns."""
    words = tokens_of(post.title, text_of(post.kind, post.text, post.parts, post.summary))
    about = {token_of_kind(post.kind), token_of_author(post.author_id), *map(token_of_tag, tags)}
    date = post.published_at or post.dated_at or post.created_at
    return post.id, place_of(date, post.id, is_hidden=post.published_at is None), words | about
