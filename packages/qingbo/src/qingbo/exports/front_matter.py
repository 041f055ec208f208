"""A post as a Markdown file. Pure functions over loaded posts.

Other programs read the keys that they know. Our own import also reads the mapping `qingbo`, see `imports.exported`.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote

import yaml

from qingbo.posts.bodies import body_of
from qingbo.posts.kinds import LINK, PAGE, PHOTOS, QUOTE, Parts
from qingbo.posts.models import PUBLIC, Post
from qingbo.posts.states import State, shown_state, shown_visibility, state_of

PUBLIC_STATES = {State.PUBLISHED, State.SCHEDULED}
MOST_ALIASES = 50
LONGEST_ALIASES = 5_000
"""Characters of old addresses in front matter. All of them are in `qingbo.json` and `redirects.conf`."""
LONGEST_UNUSED = 5_000
"""Characters of a field that the kind of the post does not show; front matter that is too long could not be read."""

_INVISIBLE = re.compile("[\ufeff\u200b\u200e\u2060\x85\u2028\u2029]")
"""Characters that readers of YAML remove or take for line ends."""


class _Plain(yaml.SafeDumper):
    """Writes a value twice instead of an alias, which not every reader knows."""

    def ignore_aliases(self, data: Any) -> bool:
        """Return True: no value becomes an alias."""
        return True


def file_of(post: Post, old_paths: Iterable[str] = (), translations: Sequence[str] = ()) -> str:
    """Return the text of the file of a post; its author, tags and series are loaded.

    Args:
        post: to write.
        old_paths: addresses that redirect to it.
        translations: the slugs of its translations.
    """
    values = _without_empty(_values(post, old_paths) | {"qingbo": _mapping(post, translations)})
    front = _yaml(values)
    if _INVISIBLE.search(front):
        front = _yaml(values, allow_unicode=False)
    return f"---\n{front}---\n\n{body_of(post.kind, post.text, Parts.read(post.parts))}\n"


def file_name(slug: str) -> str:
    """Return the name of the file of a post, without letters that a file system may refuse.

    A name that begins with digits would be read as a date by Jekyll and by our import.
    """
    name = quote(slug, safe="")
    return f"{name}.md" if name[:1].isalpha() else f"post-{name}.md"


def is_public(post: Post) -> bool:
    """Return whether a list shows the post, or will from its date on; a page counts as shown."""
    if post.kind == PAGE and shown_visibility(post.kind, post.visibility) == PUBLIC and post.date is not None:
        return post.binned_at is None
    return state_of(post) in PUBLIC_STATES and post.visibility == PUBLIC


def _yaml(values: dict[str, Any], *, allow_unicode: bool = True) -> str:
    return yaml.dump(values, Dumper=_Plain, allow_unicode=allow_unicode, sort_keys=False, width=10_000)


def _without_empty(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, "", [])}


def _values(post: Post, old_paths: Iterable[str]) -> dict[str, Any]:
    is_withheld = not is_public(post)
    return {
        # Hugo and Jekyll withhold a draft by the first, Hexo and Jekyll by the second. Both are at the top, and the
        # state at the end, so that a file that has lost its first or its last lines does not become public.
        "draft": True if is_withheld else None,
        "published": False if is_withheld else None,
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
        "cover": Parts.read(post.parts).cover,
        "layout": "page" if post.kind == PAGE else None,
        "aliases": _aliases(old_paths),
    }


def _aliases(old_paths: Iterable[str]) -> list[str]:
    kept: list[str] = []
    length = 0
    for path in old_paths:
        length += len(path)
        if length > LONGEST_ALIASES or len(kept) == MOST_ALIASES:
            break
        kept.append(path)
    return kept


def _mapping(post: Post, translations: Sequence[str]) -> dict[str, Any]:
    """Return what other programs have no name for. The fields of the post's kind are in the body."""
    parts, is_first = Parts.read(post.parts), post.first_published_at in (None, post.date)
    return _without_empty(
        {
            "kind": post.kind,
            "created": post.created_at,
            "first_published": None if is_first else post.first_published_at,
            "pinned": post.pinned_at,
            "binned": post.binned_at,
            "undated": True if post.binned_at and post.date is None else None,
            "part": post.series_position if post.series else None,
            "source": parts.source if post.kind == QUOTE else _short(parts.source),
            "link": None if post.kind == LINK else _short(parts.link),
            "pictures": None if post.kind == PHOTOS else _short(parts.pictures),
            "cover_alt": parts.cover_alt,
            "translations": list(translations),
            "visibility": shown_visibility(post.kind, post.visibility),
            "state": str(shown_state(post)),
        }
    )


def _short(text: str) -> str | None:
    return text if len(text) <= LONGEST_UNUSED else None
