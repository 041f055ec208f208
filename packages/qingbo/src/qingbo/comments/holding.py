"""Which guests' comments wait for approval. Pure functions: settings and facts in, a state out."""

import re

from qingbo.comments.models import State
from qingbo.config import Settings

_LINK = re.compile(r"https?://|www\.|\]\(", re.IGNORECASE)


def state_of_guests(text: str, name: str, settings: Settings, *, known: bool, trapped: bool) -> State:
    """Return the state of a guest's new comment.

    Args:
        text: of the comment, Markdown.
        name: that the guest gave.
        settings: of the blog.
        known: whether a comment of this guest was approved before.
        trapped: whether the hidden field was filled in.
    """
    if trapped:
        return State.SPAM
    waits = settings.comment_hold == "all" or (settings.comment_hold == "first" and not known)
    if waits or links_in(text) > settings.comment_links or has_trigger_word(f"{name}\n{text}", settings.comment_words):
        return State.HELD
    return State.SHOWN


def links_in(text: str) -> int:
    """Return roughly how many links a text has; a Markdown link with its address counts once."""
    return len(_LINK.findall(re.sub(r"\]\((?:https?://|www\.)", "](", text, flags=re.IGNORECASE)))


def has_trigger_word(text: str, words: str) -> bool:
    """Return whether a text contains one of the words, which commas or line ends separate, in any letter case."""
    lowered = text.casefold()
    return any(
        word in lowered for word in filter(None, (each.strip().casefold() for each in re.split(r"[,，\n]", words)))
    )
