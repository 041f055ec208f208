"""Snippets: the part of a text that contains the words, and which of its characters match."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qingbo.patterns import pattern
from qingbo.search.folding import fold_character
from qingbo.search.terms import Query, Term
from qingbo.search.tokens import RUN, UNSPACED

LONGEST = 200
"""Maximum letters of a snippet; half as many Han characters."""
_WIDE = pattern(f"[{UNSPACED}]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a shown text."""

    text: str
    is_match: bool


def highlighted(text: str, query: Query) -> list[Piece]:
    """Return a text in pieces, with the matches marked."""
    return list(_pieces(text, 0, len(text), _matches(text, query)))


def snippet(text: str, query: Query) -> list[Piece]:
    """Return the part of a text with the most matches close together, in pieces."""
    matches = _matches(text, query)
    near = text[matches[0][0] :][:LONGEST] if matches else text[:LONGEST]
    longest = LONGEST // (2 if len(_WIDE.findall(near)) * 2 > len(near) else 1)
    start = _start(text, matches, longest)
    end = _border(text, start + longest) if start + longest < len(text) else len(text)
    before, after = ([Piece("…", is_match=False)] if there else [] for there in (start > 0, end < len(text)))
    return [*before, *_pieces(text, start, end, matches), *after]


def _matches(text: str, query: Query) -> list[tuple[int, int]]:
    """Return the spans of the matches in a text, in order, without overlaps."""
    folded, origins = _folded(text)
    found = sorted((start, end) for term in query.terms for start, end in _places(folded, term))
    spans: list[tuple[int, int]] = []
    for start, end in found:
        first, last = origins[start], origins[end - 1] + 1
        if spans and first <= spans[-1][1]:
            spans[-1] = spans[-1][0], max(last, spans[-1][1])
        else:
            spans.append((first, last))
    return spans


def _folded(text: str) -> tuple[str, Sequence[int]]:
    """Return a text folded, and for each of its characters the index of the original one."""
    folded: list[str] = []
    origins: list[int] = []
    for at, character in enumerate(text):
        for each in fold_character(character):
            folded.append(each)
            origins.append(at)
    return "".join(folded), origins


def _places(folded: str, term: Term) -> Iterator[tuple[int, int]]:
    if _WIDE.match(term.word):
        return (found.span() for found in re.finditer(re.escape(term.word), folded))
    after = r"[^\W_]*" if term.is_prefix else r"(?![^\W_])"
    words = rf"(?:(?<![^\W_])|(?<=[{UNSPACED}])){re.escape(term.word)}(?:(?=[{UNSPACED}])|{after})"
    found = re.finditer(words, folded)
    return ((each.start(), _end_of_word(folded, each.start(), each.end())) for each in found)


def _end_of_word(folded: str, start: int, end: int) -> int:
    """Return where the word ends; a following run of characters without spaces does not belong to it."""
    word = RUN.match(folded, start)
    return min(end, word.end()) if word else end


def _start(text: str, matches: Sequence[tuple[int, int]], longest: int) -> int:
    """Return where the snippet begins: shortly before the match with the most others after it."""
    best, most, last = 0, 0, 0
    for first, (start, _end) in enumerate(matches):
        while last < len(matches) and matches[last][1] <= start + longest // 2:
            last += 1
        if last - first > most:
            best, most = start, last - first
    before = longest // 4
    return _border(text, best - before) if best > before else 0


def _border(text: str, at: int) -> int:
    """Return the next position from `at` that does not cut a word, if there is one nearby."""
    space = text.find(" ", at, at + 20)
    return space + 1 if space >= 0 and not _WIDE.match(text[at : at + 1]) else at


def _pieces(text: str, start: int, end: int, matches: Sequence[tuple[int, int]]) -> Iterator[Piece]:
    at = start
    for first, last in matches:
        first, last = max(first, start), min(last, end)
        if first >= last:
            continue
        if at < first:
            yield Piece(text[at:first], is_match=False)
        yield Piece(text[first:last], is_match=True)
        at = last
    if at < end:
        yield Piece(text[at:end], is_match=False)
