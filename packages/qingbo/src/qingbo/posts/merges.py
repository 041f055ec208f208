"""Merges changes of one post by two people, or in two tabs, if they do not touch."""

from dataclasses import dataclass, replace
from typing import Any

from qingbo.posts.contents import Content
from qingbo.posts.kinds import Parts


@dataclass(frozen=True, slots=True)
class Merge:
    """The result of merging two contents."""

    content: Content
    """Where the changes touch, it contains mine."""
    touching: tuple[str, ...]
    """The fields that both sides changed differently."""


def merged(base: Content | None, mine: Content, theirs: Content) -> Merge:
    """Return my changes and theirs since `base`; without a base, every difference counts as touching."""
    from qingbo.comparing.merging import merge_sets, merge_texts

    touching: list[str] = []
    values: dict[str, Any] = {}
    for name in ("kind", "title", "language", "summary", "visibility", "date"):
        values[name] = _one_of(name, base, mine, theirs, touching)
    text = merge_texts(base.text, mine.text, theirs.text) if base else None
    if text is None and mine.text != theirs.text:
        touching.append("text")
    values["text"] = mine.text if text is None else text
    values["tags"] = tuple(merge_sets(base.tags if base else (), mine.tags, theirs.tags))
    parts = {
        name: _one_of(name, base and base.parts, mine.parts, theirs.parts, touching)
        for name in Parts.__dataclass_fields__
    }
    return Merge(replace(mine, parts=Parts(**parts), **values), tuple(touching))


def _one_of(name: str, base: Any, mine: Any, theirs: Any, touching: list[str]) -> Any:
    """Return the value of the side that changed a field; if both did, return mine and add the name to `touching`."""
    here, there = getattr(mine, name), getattr(theirs, name)
    if here == there or (base is not None and there == getattr(base, name)):
        return here
    if base is not None and here == getattr(base, name):
        return there
    touching.append(name)
    return here
