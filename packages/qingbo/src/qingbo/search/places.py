"""The place of a row: date and number in one integer, by which every engine orders results.

Rows that not everybody may find have lower places than all others, so that a search of the others never reads them.
MariaDB and PostgreSQL find all rows with a word before they sort any. So each row also has tokens for the time spans
that contain it, which lets the index exclude rows that are too old.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from qingbo.search.expressions import Either

_NUMBER_BITS = 30
_MOST_SECONDS = 2**32
"""Covers 1833 to 2106; dates outside are put at the ends."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_OPEN = 2**63
"""The number of places for rows that everybody may find: all non-negative 64-bit integers."""
_SPANS = tuple(range(6, 33, 3))
"""In bits. Each span is eight times the one before: from 64 seconds to 136 years."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Places from `lowest` up to, but not including, `before`."""

    lowest: int
    before: int


OPEN, HIDDEN = Stretch(0, _OPEN - 1), Stretch(-_OPEN, 0)
"""The places of rows that everybody may find, and of all others."""


def place_of(date: datetime, number: int, *, is_hidden: bool = False) -> int:
    """Return the place of a row with a date, in whole seconds, and a number."""
    seconds = int((date - _EPOCH).total_seconds())
    seconds = max(-_MOST_SECONDS, min(_MOST_SECONDS - 1, seconds)) + _MOST_SECONDS
    # So that a number with more bits differs from the small one with the same last bits.
    last_bits = (number + 7919 * (number >> _NUMBER_BITS)) & ((1 << _NUMBER_BITS) - 1)
    return ((seconds << _NUMBER_BITS) | last_bits) - _OPEN * is_hidden


def behind(date: datetime) -> int:
    """Return the place after all open rows of this second and before."""
    return place_of(date + timedelta(seconds=1), 0)


def tokens_of_place(place: int) -> Iterator[str]:
    """Yield the tokens of the spans that contain a place."""
    for bits in _SPANS:
        yield _token(bits, _span(place, bits))


def spans_between(lowest: int, highest: int) -> Either:
    """Return the spans that cover the places between two places of a stretch; they may extend beyond both."""
    for bits in _SPANS:
        first, last = _span(lowest, bits), _span(highest, bits)
        if last - first <= 8:
            break
    return Either([_token(bits, span) for span in range(first, last + 1)])


def _span(place: int, bits: int) -> int:
    return place % _OPEN >> (_NUMBER_BITS + bits)


def _token(bits: int, span: int) -> str:
    return f"s{bits:02}{span:x}"
