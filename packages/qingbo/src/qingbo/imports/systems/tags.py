"""Tags as this blog can hold them. Pure functions."""

from collections.abc import Iterable

from qingbo.accounts.names import clean, key_of
from qingbo.posts.models import TAG_LENGTH, TAGS_PER_POST
from qingbo.rendering.characters import on_one_line, without_controls


def fitting_tags(names: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the tags that fit, and remarks about the others."""
    kept: dict[str, str] = {}
    long: list[str] = []
    more: list[str] = []
    for name in filter(None, (clean(on_one_line(without_controls(name))) for name in names)):
        key = key_of(name)
        if key in kept:
            continue
        if max(len(name), len(key)) > TAG_LENGTH:
            long.append(f"“{name[:40]}…”")
        elif len(kept) == TAGS_PER_POST:
            more.append(name)
        else:
            kept[key] = name
    doubts = [f"tags longer than {TAG_LENGTH} characters were left out: {', '.join(long)}"] if long else []
    if more:
        doubts.append(f"a post has up to {TAGS_PER_POST} tags; these were left out: {', '.join(more)}")
    return list(kept.values()), doubts
