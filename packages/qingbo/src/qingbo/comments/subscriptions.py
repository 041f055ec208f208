"""Mails about replies, which one click ends. Flushes; the caller commits."""

import secrets
from collections.abc import Iterable
from datetime import datetime

from flask import render_template
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from qingbo.addresses import site_url
from qingbo.attempts import Limit, may_send
from qingbo.comments.models import Comment, Subscription
from qingbo.comments.queries import page_with, subscriptions_to
from qingbo.languages import page_language
from qingbo.mail.outbox import put_mail
from qingbo.posts.addresses import endpoint_of
from qingbo.posts.models import Post
from qingbo.posts.titles import title_of
from qingbo.site_settings import current_settings

_MOST = "10 per hour"
"""The limit of such mails to one address, so that a lively conversation does not fill a mailbox."""


def subscribe(session: Session, comment: Comment, email: str) -> None:
    """Send mails about new replies in a comment's thread to an address from now on."""
    subscription = Subscription(
        thread_id=comment.thread_id, email=email, language=page_language(), token=secrets.token_urlsafe(24)
    )
    try:
        with session.begin_nested():
            session.add(subscription)
    except IntegrityError:
        return  # already subscribed


def restore_subscription(
    session: Session, comment: Comment, email: str, language: str, token: str, since: datetime
) -> None:
    """Subscribe an address as it was in another copy of this blog; the links in its mails stay valid."""
    subscription = Subscription(
        thread_id=comment.thread_id, email=email, language=language, token=token, created_at=since
    )
    try:
        with session.begin_nested():
            session.add(subscription)
    except IntegrityError:
        return  # already subscribed, or somebody has the token


def tell_subscribers(session: Session, comments: Iterable[Comment], posts: Iterable[Post]) -> None:
    """Put a mail into the outbox for each subscriber of these replies, which have just become visible."""
    if not current_settings().mails_links:
        return
    by_id = {post.id: post for post in posts}
    for comment in comments:
        if comment.parent_id is not None:
            _tell_of(session, comment, by_id[comment.post_id])


def unsubscribe(session: Session, subscription: Subscription, *, everywhere: bool = False) -> None:
    """End a subscription, or all subscriptions of its address."""
    same = Subscription.email == subscription.email if everywhere else Subscription.id == subscription.id
    session.execute(delete(Subscription).where(same))
    session.flush()


def _tell_of(session: Session, comment: Comment, post: Post) -> None:
    own = comment.author.email if comment.author else comment.guest_email
    link = site_url(
        endpoint_of(post),
        slug=post.slug,
        after=written_place(page_with(session, comment)),
        _anchor=f"comment-{comment.id}",
    )
    for subscription in subscriptions_to(session, comment.thread_id):
        if subscription.email == own or not _may_hear(session, subscription.email):
            continue
        end = site_url("comments.confirm_unsubscribing", token=subscription.token)
        with force_locale(subscription.language):
            subject = _("New reply from %(name)s: %(title)s", name=comment.name, title=title_of(post))
            text = render_template("comments/mail/reply.txt", comment=comment, post=post, link=link, end=end)
        put_mail(session, subscription.email, subject, text, unsubscribe_url=end)


def _may_hear(session: Session, email: str) -> bool:
    return may_send(session, Limit(_MOST, ("replies", email)))


def written_place(place: tuple[int, int] | None) -> str | None:
    """Return a position among the comments in the form used in addresses."""
    return f"{place[0]}-{place[1]}" if place else None
