"""What may have been read differently than it was meant."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something to check in one file."""

    text: str
    line: int | None = None
    """In the file."""
    hint: str = ""
    """What to do."""
