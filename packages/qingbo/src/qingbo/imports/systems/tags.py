"""Tags as this blog can hold them. Pure functions."""

from collections.abc import Iterable

from qingbo.accounts.names import clean, key_of
from qingbo.posts.models import TAG_LENGTH, TAGS_PER_POST
from qingbo.rendering.characters import on_one_line, without_controls


def fitting_tags(names: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the tags that fit, and remarks about the others."""
    kept: dict[str, str] = {}
    doubts: list[str] = []
    for name in filter(None, (clean(on_one_line(without_controls(name))) for name in names)):
        key = key_of(name)
        if key in kept:
            continue
        if max(len(name), len(key)) > TAG_LENGTH:
            doubts.append(f"the tag “{name[:40]}…” has more than {TAG_LENGTH} characters, and was left out")
        elif len(kept) == TAGS_PER_POST:
            doubts.append(f"the tag “{name}” is one more than {TAGS_PER_POST}, and was left out")
        else:
            kept[key] = name
    return list(kept.values()), doubts
