"""The bin: a deleted post stays there for 30 days. Flushes; the caller commits."""

from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from qingbo.clock import now
from qingbo.posts.addresses import path_of
from qingbo.posts.first_use import record_first_use
from qingbo.posts.menu_targets import record_change
from qingbo.posts.models import Post, Redirect
from qingbo.posts.search_index import index_post
from qingbo.posts.states import State, in_state
from qingbo.posts.tag_counts import count_moved, dated_tags
from qingbo.posts.tagging import set_dates_of_tags
from qingbo.posts.versions import refuse_older

DAYS = 30
MOST_AT_ONCE = 100


def bin_post(session: Session, post: Post, based_on: str | None = None) -> None:
    """Put a post into the bin, and permanently delete posts that have been there too long.

    Raises:
        ChangedMeanwhile: if the post (its row must be locked) is not the version `based_on` that the person saw.
    """
    refuse_older(post, based_on)
    record_first_use(session)
    empty_bin(session)
    post.dated_at, post.published_at, post.binned_at = post.date, None, now()
    set_dates_of_tags(session, post)
    index_post(session, post)
    record_change(session, post)


def take_out(session: Session, post: Post) -> None:
    """Take a post out of the bin, into the state that it had before."""
    if post.binned_at is None:
        return
    post.binned_at = None
    post.set_date(post.dated_at)
    set_dates_of_tags(session, post)
    index_post(session, post)
    record_change(session, post)


def delete_post(session: Session, post: Post) -> None:
    """Delete a post permanently, with its comments, versions and old addresses."""
    record_first_use(session)
    tags = dated_tags(session, post.id)
    session.execute(delete(Redirect).where(Redirect.target == path_of(post.slug)))
    session.delete(post)
    session.flush()
    count_moved(session, tags, ())
    record_change(session, post)


def empty_bin(session: Session) -> None:
    """Delete posts that have been in the bin for more than 30 days, at most `MOST_AT_ONCE`."""
    due = select(Post).where(in_state(State.BINNED), Post.binned_at < now() - timedelta(days=DAYS))
    for post in session.scalars(due.order_by(Post.binned_at).limit(MOST_AT_ONCE)):
        delete_post(session, post)
