"""The place of a row among all: by its date, then by its number, as one whole number that every engine orders by.

Rows that not everybody may find have places of their own, before all others: so whoever asks for the others never meets
them. MariaDB and PostgreSQL find all rows with a word before they order any. So each row also has tokens that say in
which spans of time it stands, and the index itself leaves out what is older than need be.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from qingbo.search.expressions import Either

_NUMBER_BITS = 30
_MOST_SECONDS = 2**32
"""From 1833 to 2106; what is beyond stands at the end."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_OPEN = 2**63
"""How many places there are for rows that everybody may find: all whole numbers of 64 bits that are not negative."""
_SPANS = tuple(range(6, 33, 3))
"""Each span is eight of the one before: from 64 seconds to 136 years."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Places from the lowest on, before another one."""

    lowest: int
    before: int


OPEN, HIDDEN = Stretch(0, _OPEN - 1), Stretch(-_OPEN, 0)
"""Where rows stand that everybody may find, and where all others do."""


def place_of(date: datetime, number: int, *, is_hidden: bool = False) -> int:
    """Return the place of a row with a date, to the second, and a number."""
    seconds = int((date - _EPOCH).total_seconds())
    seconds = max(-_MOST_SECONDS, min(_MOST_SECONDS - 1, seconds)) + _MOST_SECONDS
    # A number beyond the bits stays apart from the small one that has the same last bits.
    last_bits = (number + 7919 * (number >> _NUMBER_BITS)) & ((1 << _NUMBER_BITS) - 1)
    return ((seconds << _NUMBER_BITS) | last_bits) - _OPEN * is_hidden


def behind(date: datetime) -> int:
    """Return the place behind all open rows that have this date, to the second, or an older one."""
    return place_of(date + timedelta(seconds=1), 0)


def tokens_of_place(place: int) -> Iterator[str]:
    """Yield the tokens of the spans that a place is in."""
    for bits in _SPANS:
        yield _token(bits, _span(place, bits))


def spans_between(lowest: int, highest: int) -> Either:
    """Return the spans that cover the places between two of the same stretch: they may reach beyond both."""
    for bits in _SPANS:
        first, last = _span(lowest, bits), _span(highest, bits)
        if last - first <= 8:
            break
    return Either([_token(bits, span) for span in range(first, last + 1)])


def _span(place: int, bits: int) -> int:
    return place % _OPEN >> (_NUMBER_BITS + bits)


def _token(bits: int, span: int) -> str:
    return f"s{bits:02}{span:x}"
