"""The comments that a guest has just written, kept in the browser's session so that the guest can change them."""

import time

from flask import session as browser_session

from qingbo.comments.models import EDITABLE_FOR, Comment

KEY = "comments"
MOST = 20


def remember(comment: Comment) -> None:
    """Let this browser change the comment for a while."""
    browser_session[KEY] = [*_fresh(), [comment.id, int(time.time())]][-MOST:]


def own_comments() -> list[int]:
    """Return the numbers of the comments that this browser may still change."""
    return [number for number, _at in _fresh()]


def _fresh() -> list[list[int]]:
    since = time.time() - EDITABLE_FOR.total_seconds()
    return [entry for entry in browser_session.get(KEY, []) if entry[1] > since]
