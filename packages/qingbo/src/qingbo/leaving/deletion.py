"""Deletes an account and what belongs to it. Flushes; the caller commits."""

from collections.abc import Iterable

from flask_babel import gettext as _
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from qingbo.accounts import registration
from qingbo.accounts.models import Avatar, User
from qingbo.accounts.queries import administrators
from qingbo.comments.models import Comment, Subscription
from qingbo.comments.moderation import delete_comment
from qingbo.errors import InputRefused
from qingbo.media.models import Media
from qingbo.pageviews.models import AuthorReferrer, AuthorViews, PostMonth
from qingbo.posts.bin import delete_post
from qingbo.posts.media_mentions import mentioned_media
from qingbo.posts.models import Post
from qingbo.posts.search_index import index_post

AT_ONCE = 100


def heir_of(session: Session, user: User) -> User | None:
    """Return who gets the posts of an account that is deleted: the oldest other administrator."""
    return next((each for each in administrators(session) if each.id != user.id), None)


def delete_account(session: Session, user: User, *, keep_posts: bool) -> None:
    """Delete an account with its profile, drafts, passkeys and comments.

    Comments with replies stay as empty places in their thread. The audit log keeps the name.

    Args:
        session: to write with.
        user: the account, with its roles.
        keep_posts: hand the posts over to an administrator; otherwise delete them, and files that nothing else uses.

    Raises:
        InputRefused: if no administrator would be left, or nobody to hand the posts over to; nothing is changed.
    """
    heir = heir_of(session, user)
    if keep_posts and heir is None:
        raise InputRefused(_("The blog has no other administrator to take over your posts."))
    registration.switch_off(session, user)
    if keep_posts and heir is not None:
        _hand_over(session, user, heir)
    else:
        _delete_posts(session, user)
    _delete_comments(session, user)
    session.execute(delete(AuthorViews).where(AuthorViews.author_id == user.id))
    session.execute(delete(AuthorReferrer).where(AuthorReferrer.author_id == user.id))
    if user.email:
        session.execute(delete(Subscription).where(Subscription.email == user.email))
    _delete_row(session, user)


def _hand_over(session: Session, user: User, heir: User) -> None:
    for post in _posts_of(session, user):
        post.author_id = heir.id
        index_post(session, post)
    months = update(PostMonth).where(PostMonth.author_id == user.id)
    session.execute(months.values(author_id=heir.id))


def _delete_posts(session: Session, user: User) -> None:
    for post in _posts_of(session, user):
        delete_post(session, post)
    uploads = select(Media).where(Media.uploader_id == user.id).order_by(Media.id).limit(AT_ONCE)
    last = 0
    while found := session.scalars(uploads.where(Media.id > last)).all():
        last = found[-1].id
        used = mentioned_media(session, found)
        for media in found:
            if media.id not in used:
                session.delete(media)  # the sweep deletes its files a day later
        session.flush()


def _delete_comments(session: Session, user: User) -> None:
    """Delete replies before the comments above them, so that these are empty places only for replies of others."""
    mine = select(Comment).where(Comment.author_id == user.id).order_by(Comment.id.desc()).limit(AT_ONCE)
    while found := session.scalars(mine).all():
        for comment in found:
            comment.author_id, comment.guest_name = None, ""
            session.flush()
            delete_comment(session, comment)
        session.flush()


def _delete_row(session: Session, user: User) -> None:
    number, picture = user.id, user.avatar
    session.flush()
    session.expunge(user)
    session.execute(delete(User).where(User.id == number))  # the database deletes or empties what refers to it
    if picture and session.scalar(select(User.id).where(User.avatar == picture).limit(1)) is None:
        session.execute(delete(Avatar).where(Avatar.digest == picture))


def _posts_of(session: Session, user: User) -> Iterable[Post]:
    written = select(Post).where(Post.author_id == user.id).order_by(Post.id).limit(AT_ONCE)
    last = 0
    while found := session.scalars(written.where(Post.id > last)).all():
        last = found[-1].id
        yield from found
