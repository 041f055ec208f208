"""What was removed from a text: elements, attributes and addresses, with their lines."""

import re
from collections.abc import MutableMapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

MOST = 20
"""How many are listed per text."""

_LONGEST = 60
_SCHEME = re.compile(r"[\s\x00-\x20]*([A-Za-z][A-Za-z0-9+.-]*):")
_ALLOWED_SCHEMES = {"http", "https", "mailto"}


class Fate(StrEnum):
    """What was done with something that is not allowed."""

    SHOWN = "shown"
    """The element is shown as text."""
    UNWRAPPED = "unwrapped"
    """The element is removed, its content stays."""
    LINKED = "linked"
    """The element is replaced with a link."""
    WITHOUT_ATTRIBUTE = "attribute"
    WITHOUT_ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class Removal:
    """Something that was removed."""

    line: int
    """Counted from 1."""
    fate: Fate
    name: str
    """The element, the attribute or the address."""
    element: str = ""
    """The element that had the attribute."""


class Removals:
    """The removals of one text, each once per line, at most `MOST`."""

    def __init__(self) -> None:
        self.line = 0
        """The first line of the current block, counted from 0."""
        self.found: dict[Removal, None] = {}

    @property
    def is_full(self) -> bool:
        """Whether no more are recorded."""
        return len(self.found) >= MOST

    def add(self, line: int, fate: Fate, name: str, element: str = "") -> None:
        """Record a removal; `line` is counted from 0."""
        if not self.is_full:
            shown = name if len(name) <= _LONGEST else f"{name[:_LONGEST]}…"
            self.found[Removal(line + 1, fate, shown, element)] = None


def removals_of(env: MutableMapping[str, Any]) -> Removals:
    """Return the removals of the text that is being rendered."""
    removals: Removals = env["removals"]
    return removals


def is_allowed_address(address: str) -> bool:
    """Return whether the sanitizer allows an address."""
    found = _SCHEME.match(address)
    return found is None or found[1].lower() in _ALLOWED_SCHEMES
