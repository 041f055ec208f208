"""A post as a Markdown file. Pure functions over loaded posts."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

import yaml

from qingbo.posts.kinds import PAGE, Parts
from qingbo.posts.models import PUBLIC, Post
from qingbo.posts.states import State, shown_visibility, state_of

PUBLIC_STATES = {State.PUBLISHED, State.SCHEDULED}


class _Plain(yaml.SafeDumper):
    """Writes a value twice instead of an alias, which not every reader knows."""

    def ignore_aliases(self, data: Any) -> bool:
        """Return True: no value becomes an alias."""
        return True


def file_of(post: Post, old_paths: Iterable[str] = ()) -> str:
    """Return the text of the file of a post; its author, tags and series are loaded.

    Args:
        post: to write.
        old_paths: addresses that redirect to it.
    """
    values = {name: value for name, value in _values(post, old_paths).items() if value not in (None, "", [])}
    front = yaml.dump(values, Dumper=_Plain, allow_unicode=True, sort_keys=False, width=10_000)
    return f"---\n{front}---\n\n{post.markdown.strip()}\n"


def file_name(post: Post) -> str:
    """Return the name of the file of a post, without letters that a file system may refuse.

    A name that begins with digits would be read as a date by Jekyll and by our import.
    """
    name = quote(post.slug, safe="")
    return f"{name}.md" if name[:1].isalpha() else f"post-{name}.md"


def _values(post: Post, old_paths: Iterable[str]) -> dict[str, Any]:
    parts = Parts.read(post.parts)
    is_withheld = not is_public(post)
    return {
        "title": post.title,
        "slug": post.slug,
        "date": post.date or post.first_published_at,
        "updated": post.updated_at,
        "lastmod": post.updated_at,
        "author": post.author.name,
        "tags": [tag.name for tag in post.tags],
        "series": [post.series.title] if post.series else None,
        "lang": post.language,
        "excerpt": post.summary,
        "cover": parts.cover,
        "layout": "page" if post.kind == PAGE else None,
        # Hugo and Jekyll withhold a draft by the first, Hexo and Jekyll by the second.
        "draft": True if is_withheld else None,
        "published": False if is_withheld else None,
        "aliases": list(old_paths),
        "qingbo": {
            "kind": post.kind,
            "state": str(state_of(post)),
            "created": post.created_at,
            **({"pinned": post.pinned_at} if post.pinned_at else {}),
        },
    }


def is_public(post: Post) -> bool:
    """Return whether a list shows the post, or will from its date on; a page counts as shown."""
    if post.kind == PAGE and shown_visibility(post.kind, post.visibility) == PUBLIC and post.date is not None:
        return post.binned_at is None
    return state_of(post) in PUBLIC_STATES and post.visibility == PUBLIC
