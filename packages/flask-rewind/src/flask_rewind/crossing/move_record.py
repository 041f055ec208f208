"""The record of a move: what it did, over all its databases."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from flask_rewind.journal import Request
from flask_rewind.planning import Planner
from flask_rewind.results import Crossing, Move

log = logging.getLogger("alembic.runtime.migration")


@dataclass(frozen=True, slots=True)
class Interrupted:
    """The crossing in which the connection was lost."""

    bind: str
    number: int
    """In the journal."""
    is_lasting: bool
    """Whether something of it may stay until it is taken back."""


class MoveRecord:
    """Gathers what a move does, over all databases of it, and gives it as a `Move`."""

    def __init__(self, request: Request, planner: Planner | None = None) -> None:
        self.request = request
        self.planner = planner
        """Gathers what is executed, where the move is a plan and every database a stand-in."""
        self.open: dict[str, int] = {}
        """The number in the journal of each database's part that has begun and not ended."""
        self.interrupted: Interrupted | None = None
        self.used_fills: set[str] = set()
        """The names given to ``--fill`` whose columns came back."""
        self.crossings: list[Crossing] = []
        self.copies: list[Path] = []
        self.before: dict[str, tuple[str, ...]] = {}
        self.after: dict[str, tuple[str, ...]] = {}
        self.in_callers_transaction = False

    @property
    def is_interrupted(self) -> bool:
        """Whether the connection was lost in a crossing."""
        return self.interrupted is not None

    @property
    def fills(self) -> Mapping[str, str]:
        """The SQL expression for each ``table.column`` that ``--fill`` gives."""
        fills: Mapping[str, str] = self.request.options.get("fill") or {}
        return fills

    def warn_of_unused_fills(self) -> None:
        """Say which ``--fill`` was for something that did not come back: its name may be mistyped."""
        for place in sorted(self.fills.keys() - self.used_fills):
            log.warning("--fill %s was not used: no column of that name came back.", place)

    def as_move(self) -> Move:
        """Return the finished move."""
        return Move(tuple(self.crossings), self.before, self.after, tuple(self.copies))
