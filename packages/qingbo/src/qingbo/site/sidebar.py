"""What stands beside the public pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from qingbo.posts.first_use import after_first_use
from qingbo.posts.queries import SIDEBAR_LENGTH, recent_titles
from qingbo.posts.tag_counts import top_tags


@dataclass(frozen=True, slots=True)
class Sidebar:
    """Recent posts as (title, slug, language), and the tags with the most posts as (name, slug)."""

    recent: Sequence[Any]
    tags: Sequence[Any]


def read_sidebar(session: Session) -> Sidebar:
    """Read the sidebar: two queries."""
    with after_first_use(session) as counted:
        return Sidebar(recent_titles(session), top_tags(counted, SIDEBAR_LENGTH * 4))
