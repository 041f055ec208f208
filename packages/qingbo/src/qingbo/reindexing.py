"""Rebuilds the search indexes of posts and comments, completely or only what is missing after an upgrade."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qingbo.comments.models import Comment
from qingbo.comments.search_index import COMMENTS, index_next_comments
from qingbo.database import writing
from qingbo.posts.archive_counts import are_years_right, recount_years
from qingbo.posts.models import Post
from qingbo.posts.search_index import POSTS, index_next_posts
from qingbo.posts.tag_counts import count_all_tags
from qingbo.progress import Step
from qingbo.search.full_text import without_row


def count_all(session: Session) -> int:
    """Return the number of posts and comments."""
    return sum(session.scalar(select(func.count(model.id))) or 0 for model in (Post, Comment))


def count_missing(session: Session) -> int:
    """Return how many posts and comments are missing in the index."""
    pairs = ((Post.id, POSTS), (Comment.id, COMMENTS))
    counts = (select(func.count(number)).where(without_row(index, number)) for number, index in pairs)
    return sum(session.scalar(count) or 0 for count in counts)


def is_anything_missing(session: Session) -> bool:
    """Return whether a post or a comment is missing in the index."""
    pairs = ((Post.id, POSTS), (Comment.id, COMMENTS))
    return any(session.scalar(select(number).where(without_row(index, number)).limit(1)) for number, index in pairs)


def recount(session: Session) -> None:
    """Count the posts per year again if a stored count is wrong."""
    are_right = are_years_right(session)
    session.rollback()  # on SQLite, a transaction that has read cannot wait for its turn to write
    if are_right:
        return
    with writing():
        recount_years(session)
        session.commit()


def reindex(session: Session, done: Step, *, only_missing: bool = False) -> None:
    """Rebuild indexes and counts in several transactions, so that a killed process loses only the last one.

    Args:
        session: to write with; it commits.
        done: called after each transaction with the kind and number of the indexed rows.
        only_missing: keep existing rows.
    """
    recount(session)
    if not only_missing:
        with writing():
            count_all_tags(session)
            session.commit()
    for name, index_next in (("posts", index_next_posts), ("comments", index_next_comments)):
        last = 0
        while True:
            with writing():
                found = index_next(session, last, only_missing=only_missing)
                session.commit()
            if not found:
                break
            last = found[-1]
            done(name, len(found))
