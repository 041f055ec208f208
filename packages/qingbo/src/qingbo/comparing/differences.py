"""The changes between two texts, as words and phrases that a person can read, also in Chinese."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate, chain, count, groupby, islice
from typing import Literal

from diff_match_patch import diff_match_patch

from qingbo.comparing.matching import Block, matching_blocks
from qingbo.comparing.splitting import clauses_of, sentences_of, words_of

BLOCK = 300_000
"""Maximum number of word pairs, one from each text, in a changed block; measured at 0.6 µs per pair. A larger block is
shown as one change."""

TOTAL = 2_000_000
"""Maximum number of word pairs in all changed blocks together."""

PIECES = 10_000
"""Maximum number of pieces. If there are more, the rest of both texts is shown as one change."""

_SLACK = 20
"""How many more unchanged characters may be shown, to avoid cutting a word or skipping fewer than this."""

_LETTERS = 0x20000
"""The first code point that represents a word: rare Chinese characters, which the library treats as letters."""

Kind = Literal["same", "gone", "new", "skipped"]


_KINDS: dict[int, Kind] = {-1: "gone", 0: "same", 1: "new"}


@dataclass(frozen=True)
class Piece:
    """A run of text that is in both texts, only in the older, only in the newer, or skipped (then it is empty)."""

    kind: Kind
    text: str = ""


def differences(before: str, after: str, context: int | None = 60) -> list[Piece]:
    """Return the pieces of both texts in reading order, with about `context` unchanged characters around each change.

    If `context` is None, nothing is skipped: "same" and "gone" join to `before`, "same" and "new" to `after`.
    """
    pieces = list(islice((piece for piece in _compared(before, after) if piece.text), PIECES))
    start = sum(len(piece.text) for piece in pieces if piece.kind != "new")
    other = sum(len(piece.text) for piece in pieces if piece.kind != "gone")
    pieces = _joined([*pieces, Piece("gone", before[start:]), Piece("new", after[other:])])
    return pieces if context is None else _shortened(pieces, context)


def _compared(before: str, after: str) -> Iterator[Piece]:
    differ = _WordDiffer()
    for ours, theirs in _parted(before, after, sentences_of, with_repeated=False):
        if (pieces := differ.compare(ours, theirs)) is not None:
            yield from pieces
            continue
        for part, other in _parted(ours, theirs, clauses_of, with_repeated=True):
            pieces = differ.compare(part, other)
            yield from (Piece("gone", part), Piece("new", other)) if pieces is None else pieces


def _parted(
    before: str, after: str, split: Callable[[str], list[str]], *, with_repeated: bool
) -> Iterator[tuple[str, str]]:
    """Yield parts of both texts in order: changed ones, and equal ones between them."""
    ours, theirs = split(before), split(after)
    start = other = 0
    for block in [*matching_blocks(ours, theirs, with_repeated=with_repeated), Block(len(ours), len(theirs), 0)]:
        yield "".join(ours[start : block.before]), "".join(theirs[other : block.after])
        start, other = block.before + block.size, block.after + block.size
        equal = "".join(ours[block.before : start])
        yield equal, equal


class _WordDiffer:
    """Compares words with diff-match-patch, which compares characters: one character represents each word."""

    def __init__(self) -> None:
        self._library = diff_match_patch()
        self._library.Diff_Timeout = 0  # no time limit; the input is limited instead
        self._left = TOTAL

    def compare(self, before: str, after: str) -> list[Piece] | None:
        """Return the pieces, as phrases rather than scattered words, or None if that is too much work."""
        if before == after:
            return [Piece("same", before)]
        ours, theirs, meanings = _encoded(before, after)
        work = self._pairs(ours, theirs)
        if work > min(BLOCK, self._left):
            return None
        self._left -= work
        runs = self._library.diff_main(ours, theirs, False)
        self._library.diff_cleanupSemantic(runs)
        return [Piece(_KINDS[kind], run.translate(meanings)) for kind, run in runs]

    def _pairs(self, before: str, after: str) -> int:
        """Return how many pairs have to be compared, without the equal start and end."""
        start: int = self._library.diff_commonPrefix(before, after)
        before, after = before[start:], after[start:]
        end: int = self._library.diff_commonSuffix(before, after)
        return (len(before) - end) * (len(after) - end)


def _encoded(before: str, after: str) -> tuple[str, str, dict[int, str]]:
    """Return both texts with one character per word, and the word of each character."""
    ours, theirs = words_of(before), words_of(after)
    taken = {*before, *after}
    free = (letter for letter in map(chr, count(_LETTERS)) if letter not in taken)
    letters = {word: word if len(word) == 1 else next(free) for word in dict.fromkeys(chain(ours, theirs))}
    meanings = {ord(letter): word for word, letter in letters.items()}
    return "".join(map(letters.__getitem__, ours)), "".join(map(letters.__getitem__, theirs)), meanings


def _joined(pieces: Iterable[Piece]) -> list[Piece]:
    """Return the pieces without empty ones, with neighbours of one kind joined; in each change, "gone" comes first."""
    joined: list[Piece] = []
    for is_same, run in groupby((piece for piece in pieces if piece.text), lambda piece: piece.kind == "same"):
        texts: dict[Kind, list[str]] = {"same": []} if is_same else {"gone": [], "new": []}
        for piece in run:
            texts[piece.kind].append(piece.text)
        joined += [Piece(kind, "".join(parts)) for kind, parts in texts.items() if parts]
    return joined


def _shortened(pieces: list[Piece], context: int) -> list[Piece]:
    shortened: list[Piece] = []
    for place, piece in enumerate(pieces):
        before = 0 if place == 0 else _length(piece.text, context)
        after = 0 if place == len(pieces) - 1 else _length(piece.text, context, from_end=True)
        if piece.kind != "same" or len(piece.text) - before - after <= _SLACK:
            shortened.append(piece)
        else:
            ends = (
                Piece("same", piece.text[:before]),
                Piece("skipped"),
                Piece("same", piece.text[len(piece.text) - after :]),
            )
            shortened += [end for end in ends if end.text or end.kind == "skipped"]
    return shortened


def _length(text: str, least: int, *, from_end: bool = False) -> int:
    """Return the length of the fewest whole words at one end of a text that have at least `least` characters."""
    size = least + _SLACK
    words = words_of(text[-size:])[::-1] if from_end else words_of(text[:size])
    lengths = accumulate(map(len, words), initial=0)
    return next((length for length in lengths if length >= least), len(text))
