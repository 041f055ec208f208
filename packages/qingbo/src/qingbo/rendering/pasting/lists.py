"""Nested lists from items with levels."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from bs4.element import Tag

from qingbo.rendering.pasting.writer import container

LISTS = {"ul", "ol"}


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a list."""

    blocks: list[Tag]
    is_ordered: bool = False
    level: int = 0
    number: int = 0
    """In an ordered list; 0 if it continues the numbering."""

    list_name: str = ""


def nested_lists(items: list[Item]) -> list[Tag]:
    """Return lists; items with a higher level than the first become sublists of the item before them."""
    top = items[0].level
    starts = [place for place, item in enumerate(items) if item.level <= top]
    members = []
    for start, end in pairwise([*starts, len(items)]):
        inner = nested_lists(items[start + 1 : end]) if end > start + 1 else []
        members.append(replace(items[start], blocks=[*items[start].blocks, *inner]))
    return told_apart(list(_lists(members)))


def _lists(items: Iterable[Item]) -> Iterator[Tag]:
    before: Item | None = None
    members: list[list[Tag]] = []
    first = 1
    for item in items:
        if before is not None and _goes_on(before, item):
            number = before.number + 1
        else:
            if before is not None:
                yield _list(before, first, members)
            members, number = [], item.number or 1
            first = number
        members.append(item.blocks)
        before = replace(item, number=number)
    if before is not None:
        yield _list(before, first, members)


def _goes_on(before: Item, item: Item) -> bool:
    if (before.is_ordered, before.list_name) != (item.is_ordered, item.list_name):
        return False
    return not item.is_ordered or item.number in {0, before.number + 1}


def _list(item: Item, first: int, members: list[list[Tag]]) -> Tag:
    is_tight = all(map(_is_tight, members))
    items = []
    for number, blocks in enumerate(members, first):
        told_apart(blocks)
        begins_with_words = is_tight and blocks[0].name == "p"
        member = container("li", [*blocks[0].contents, *blocks[1:]] if begins_with_words else blocks)
        member["mark"] = f"{number}." if item.is_ordered else "-"
        member["loose"] = "" if is_tight else "yes"
        items.append(member)
    return container("ol" if item.is_ordered else "ul", items)


def _is_tight(blocks: list[Tag]) -> bool:
    return all(each.name in LISTS for each in blocks[1:]) and (len(blocks) == 1 or blocks[0].name in LISTS | {"p"})


def told_apart(blocks: list[Tag]) -> list[Tag]:
    """Give adjacent lists of one kind different marks, so that they stay separate, and return the blocks."""
    for before, after in pairwise(blocks):
        if before.name != after.name or before.name not in LISTS:
            continue
        is_other = _first_mark(before)[-1:] in "*)"
        for item in after.contents:
            if isinstance(item, Tag):
                number = str(item["mark"])[:-1]
                item["mark"] = f"{number}{'.' if is_other else ')'}" if after.name == "ol" else "-" if is_other else "*"
    return blocks


def _first_mark(list_: Tag) -> str:
    return next(str(item["mark"]) for item in list_.contents if isinstance(item, Tag))
