"""The sidebar of the home page."""

from collections.abc import Sequence
from typing import Any

from qingbo.extensions import session
from qingbo.posts.first_use import after_first_use
from qingbo.posts.tag_counts import top_tags

TAGS = 20


def sidebar_tags() -> Sequence[Any]:
    """Return (name, slug) of the tags with the most posts, with one query."""
    with after_first_use(session()) as counted:
        return top_tags(counted, TAGS)
