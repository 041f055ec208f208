"""What a text asks for and does not get: elements, attributes and addresses, with the line of each."""

import re
from collections.abc import MutableMapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

MOST = 20
"""Of one text that are named."""

_LONGEST = 60
_SCHEME = re.compile(r"[\s\x00-\x20]*([A-Za-z][A-Za-z0-9+.-]*):")
_ALLOWED_SCHEMES = {"http", "https", "mailto"}


class Fate(StrEnum):
    """What became of something that is not allowed."""

    SHOWN = "shown"
    """An element that is shown as the text it was written with."""
    UNWRAPPED = "unwrapped"
    """An element of which only what is in it stays."""
    LINKED = "linked"
    """An element in whose place a link stands."""
    WITHOUT_ATTRIBUTE = "attribute"
    WITHOUT_ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class Removal:
    """One of them."""

    line: int
    """Counted from 1."""
    fate: Fate
    name: str
    """Of the element or the attribute, or the address."""
    element: str = ""
    """That had the attribute."""


class Removals:
    """Those of one text, each once a line, as many as are named."""

    def __init__(self) -> None:
        self.line = 0
        """Where the block begins whose lines are being read, counted from 0."""
        self.found: dict[Removal, None] = {}

    @property
    def is_full(self) -> bool:
        """Whether no more are named."""
        return len(self.found) >= MOST

    def add(self, line: int, fate: Fate, name: str, element: str = "") -> None:
        """Note one, in a line that is counted from 0."""
        if not self.is_full:
            shown = name if len(name) <= _LONGEST else f"{name[:_LONGEST]}…"
            self.found[Removal(line + 1, fate, shown, element)] = None


def removals_of(env: MutableMapping[str, Any]) -> Removals:
    """Return those of the text that is being rendered."""
    removals: Removals = env["removals"]
    return removals


def is_allowed_address(address: str) -> bool:
    """Return whether the sanitizer lets an address through."""
    found = _SCHEME.match(address)
    return found is None or found[1].lower() in _ALLOWED_SCHEMES
