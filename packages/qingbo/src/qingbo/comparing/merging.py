"""Merges two changes of the same text if they do not touch."""

from collections.abc import Iterable, Sequence
from itertools import chain

from merge3 import Merge3, SequenceMatcherProtocol

from qingbo.comparing.matching import matching_blocks
from qingbo.comparing.splitting import sentences_of

_BOUNDARY = ""
"""Inserted after each sentence, so that a change of one sentence does not touch a change of the next."""


def merge_texts(base: str, mine: str, theirs: str) -> str | None:
    """Return the text with the changes of both sides, or None if the changes touch.

    They touch if both change the same sentence, if both insert different text at the same place, or if one side inserts
    or deletes text directly before a sentence that the other changes. A change that both sides made is made once.
    """
    if theirs in {base, mine}:
        return mine
    if mine == base:
        return theirs
    merged: list[str] = []
    merge = Merge3(_pieces_of(base), _pieces_of(mine), _pieces_of(theirs), sequence_matcher=_Matcher)
    for group in merge.merge_groups():
        if group[0] == "conflict":
            return None
        merged += group[1]
    return "".join(merged)


def merge_sets(base: Iterable[str], mine: Iterable[str], theirs: Iterable[str]) -> list[str]:
    """Return mine without the names that theirs removed, plus the names that theirs added, each once.

    Sets have no conflicts: what either side added is in the result, what either side removed is not.
    """
    before, wanted = set(base), dict.fromkeys(theirs)
    kept = [name for name in dict.fromkeys(mine) if name in wanted or name not in before]
    return list(dict.fromkeys([*kept, *(name for name in wanted if name not in before)]))


def _pieces_of(text: str) -> list[str]:
    pieces = ([piece] if piece.startswith("\n") else [piece, _BOUNDARY] for piece in sentences_of(text))
    return list(chain.from_iterable(pieces))


class _Matcher(SequenceMatcherProtocol[str]):
    """Replaces difflib's matcher, whose time is quadratic for repetitive texts."""

    def __init__(self, isjunk: object = None, a: Sequence[str] = "", b: Sequence[str] = "", autojunk: bool = True):
        self._a, self._b = a, b

    def get_matching_blocks(self) -> list[tuple[int, int, int]]:
        return [*matching_blocks(self._a, self._b, with_repeated=True)]
