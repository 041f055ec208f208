"""Keyset pagination: a page begins after an item, not after a number of items, so all pages cost the same."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

Item = TypeVar("Item")
_EPOCH = datetime(1, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page begins: after the post with this date and number. Without a date it is the first page."""

    at: datetime | None = None
    number: int = 0
    towards_newer: bool = False

    @classmethod
    def parse(cls, older_than: str | None, newer_than: str | None) -> "Cursor":
        """Return the cursor of a request.

        Raises:
            ValueError: if the text does not come from `written`.
        """
        text = older_than or newer_than
        if not text:
            return cls()
        moment, _, number = text.partition("-")
        try:
            at = _EPOCH + int(moment, 36) * _MICROSECOND
        except OverflowError:
            raise ValueError(text) from None
        if (last := int(number, 36)).bit_length() > 63:
            raise ValueError(text)
        return cls(at, last, towards_newer=not older_than)


def written(at: datetime, number: int) -> str:
    """Return a position as text for an address."""
    return f"{_base36((at - _EPOCH) // _MICROSECOND)}-{_base36(number)}"


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Some items, the newest first, and the cursors of the pages before and after."""

    items: list[Item]
    older: str | None
    newer: str | None

    @classmethod
    def cut(
        cls, found: list[Item], size: int, cursor: Cursor, key: Callable[[Item], tuple[datetime, int]]
    ) -> "Page[Item]":
        """Make a page from the items that were read, which are one more than its size if there is another page."""
        has_more, items = len(found) > size, found[:size]
        if cursor.towards_newer:
            items.reverse()
        if not items:
            return cls([], None, None)
        has_newer = has_more if cursor.towards_newer else cursor.at is not None
        has_older = has_more if not cursor.towards_newer else True
        return cls(
            items,
            older=written(*key(items[-1])) if has_older else None,
            newer=written(*key(items[0])) if has_newer else None,
        )


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[rest] + digits
    return digits or "0"
