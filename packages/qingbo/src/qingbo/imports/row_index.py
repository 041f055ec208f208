"""Finds the numbers of many rows by a text, in 16 bytes for each row."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence


class RowIndex:
    """The numbers of rows by the hash of a text.

    Two texts may have the same hash, so the caller compares the rows that it finds.
    """

    def __init__(self) -> None:
        self._hashes, self._numbers = array("q"), array("q")

    def add(self, text: str, number: int) -> None:
        """Add a row. The rows are found after `sort`."""
        self._hashes.append(hash(text))
        self._numbers.append(number)

    def sort(self) -> None:
        """Put the rows in order, to find them."""
        order = sorted(range(len(self._hashes)), key=self._hashes.__getitem__)
        self._hashes = array("q", map(self._hashes.__getitem__, order))
        self._numbers = array("q", map(self._numbers.__getitem__, order))

    def numbers(self, texts: Iterable[str], most: int) -> list[int]:
        """Return the numbers of the rows with one of these texts, at most `most` for each, the oldest first."""
        return [number for text in texts for number in self._run(hash(text), most)]

    def _run(self, wanted: int, most: int) -> Sequence[int]:
        start = end = bisect_left(self._hashes, wanted)
        while end < len(self._hashes) and self._hashes[end] == wanted and end - start < most:
            end += 1
        return self._numbers[start:end]
