"""What stands beside the stream of the first page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from qingbo.posts.first_use import after_first_use
from qingbo.posts.tag_counts import top_tags

TAGS = 20


@dataclass(frozen=True, slots=True)
class Sidebar:
    """The tags with the most posts, as (name, slug)."""

    tags: Sequence[Any]


def read_sidebar(session: Session) -> Sidebar:
    """Read the sidebar: one query."""
    with after_first_use(session) as counted:
        return Sidebar(top_tags(counted, TAGS))
