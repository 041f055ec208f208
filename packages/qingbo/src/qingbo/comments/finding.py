"""Full-text search of comments, for moderators."""

from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from qingbo.comments.models import Comment
from qingbo.comments.queries import moderated_by
from qingbo.comments.search_index import COMMENTS, CommentSearch
from qingbo.search.expressions import Every
from qingbo.search.full_text import newest_with
from qingbo.search.places import OPEN
from qingbo.search.plain_text import plain_text
from qingbo.search.terms import Query
from qingbo.search.tokens import ANYWHERE

MOST = 500


def newest_comments(session: Session, query: Query, user: Any) -> list[int]:
    """Return the numbers of the newest comments that `user` moderates and that contain all terms."""
    if not query.terms:
        return []

    def narrowed(statement: Select[Any]) -> Select[Any]:
        statement = statement.join(Comment, Comment.id == CommentSearch.comment_id).join(Comment.post)
        return statement.where(moderated_by(user))

    wanted = Every([token for term in query.terms for token in term.tokens_at(ANYWHERE)])
    numbers = [each.number for each in newest_with(session, COMMENTS, wanted, OPEN, MOST, narrowed)]
    if query.phrases:
        rows = session.execute(select(Comment.id, Comment.text).where(Comment.id.in_(numbers)))
        numbers = [row.id for row in rows if query.has_phrases(plain_text(row.text))]
    return numbers
