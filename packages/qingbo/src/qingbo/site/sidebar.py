"""What stands beside the stream of the first page."""

from collections.abc import Sequence
from typing import Any

from qingbo.extensions import session
from qingbo.posts.first_use import after_first_use
from qingbo.posts.tag_counts import top_tags

TAGS = 20


def sidebar_tags() -> Sequence[Any]:
    """Return the tags with the most posts, as (name, slug): one query."""
    with after_first_use(session()) as counted:
        return top_tags(counted, TAGS)
