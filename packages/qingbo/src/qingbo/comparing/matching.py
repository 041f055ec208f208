"""The common pieces of two sequences, in order (patience diff). Work is limited, whatever the texts contain."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

ROUNDS = 12
"""How often each piece may be read on average; edited posts need 2 to 4. What remains then counts as changed."""


class Block(NamedTuple):
    """`size` equal pieces, at `before` in one sequence and at `after` in the other."""

    before: int
    after: int
    size: int


class _Gap(NamedTuple):
    before: int
    before_end: int
    after: int
    after_end: int


def matching_blocks(before: Sequence[str], after: Sequence[str], *, with_repeated: bool) -> list[Block]:
    """Return the blocks that both sequences share, in order, without overlaps.

    Blocks grow from both ends and from pieces that occur once on each side. If no piece occurs once, `with_repeated`
    allows pieces that occur equally often on each side.
    """
    blocks: list[Block] = []
    gaps = [_Gap(0, len(before), 0, len(after))]
    work = ROUNDS * (len(before) + len(after))
    while gaps and work >= 0:
        gap = _without_equal_ends(gaps.pop(), before, after, blocks)
        ours, theirs = before[gap.before : gap.before_end], after[gap.after : gap.after_end]
        if ours and theirs:
            work -= len(ours) + len(theirs)
            gaps += _gaps_between(_pairs(ours, theirs, with_repeated), gap)
    return sorted(blocks)


def _without_equal_ends(gap: _Gap, before: Sequence[str], after: Sequence[str], blocks: list[Block]) -> _Gap:
    """Move the equal start and end of a gap to `blocks`."""
    start, end, other, other_end = gap
    while start < end and other < other_end and before[start] == after[other]:
        start, other = start + 1, other + 1
    if start > gap.before:
        blocks.append(Block(gap.before, gap.after, start - gap.before))
    while start < end and other < other_end and before[end - 1] == after[other_end - 1]:
        end, other_end = end - 1, other_end - 1
    if end < gap.before_end:
        blocks.append(Block(end, other_end, gap.before_end - end))
    return _Gap(start, end, other, other_end)


def _gaps_between(pairs: list[tuple[int, int]], gap: _Gap) -> list[_Gap]:
    """Return the gaps between the pairs inside a gap. Each begins with its pair, from which a block grows."""
    starts = [(gap.before + ours, gap.after + theirs) for ours, theirs in pairs]
    if not starts:
        return []
    ends = [*starts, (gap.before_end, gap.after_end)]
    return [
        _Gap(start, end, other, other_end)
        for (start, other), (end, other_end) in zip([(gap.before, gap.after), *starts], ends, strict=True)
    ]


def _pairs(ours: Sequence[str], theirs: Sequence[str], with_repeated: bool) -> list[tuple[int, int]]:
    """Return the longest list of positions of equal pieces that increases on both sides."""
    count, other_count = Counter(ours), Counter(theirs)
    alike = {piece for piece, times in count.items() if other_count[piece] == times}
    once = {piece for piece in alike if count[piece] == 1}
    chosen = alike if with_repeated and not once else once
    places: dict[str, list[int]] = {piece: [] for piece in chosen}
    for place in range(len(theirs) - 1, -1, -1):
        if theirs[place] in chosen:
            places[theirs[place]].append(place)
    return _longest_increasing([(place, places[piece].pop()) for place, piece in enumerate(ours) if piece in chosen])


def _longest_increasing(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    ends: list[int] = []  # ends[n]: the smallest second number that can end a list of n + 1 pairs
    last: list[int] = []  # last[n]: the index of that pair
    previous: list[int] = []
    for index, (_, second) in enumerate(pairs):
        length = bisect_left(ends, second)
        previous.append(last[length - 1] if length else -1)
        ends[length : length + 1] = [second]
        last[length : length + 1] = [index]
    index = last[-1] if last else -1
    found = []
    while index >= 0:
        found.append(pairs[index])
        index = previous[index]
    return found[::-1]
