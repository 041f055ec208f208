"""Reads the definitions of everything hidden in one database, and creates it in another of the same engine.

A definition is a `Part`. Kinds that only this module has: ``key``, an index under a name of ours in a visible table,
and ``numbers``, the next number of a table, a column or a sequence. `called` is the column before a hidden column.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence

from flask_rewind.describing import Part
from flask_rewind.engines.hider import Hider


class HiddenSchema(ABC):
    """The definitions of what is hidden in the default schema of one database, without rows."""

    def __init__(self, hider: Hider) -> None:
        self.hider = hider
        self.run = hider.run
        self.run_literally = hider.run_literally
        self.quote = hider.quote

    @abstractmethod
    def read(self) -> Iterator[Part]:
        """Yield the definitions, in an order in which they can be created."""

    @abstractmethod
    def create(self, parts: Sequence[Part]) -> None:
        """Create what is hidden, without rows."""

    def refuse(self, parts: Sequence[Part]) -> None:
        """Refuse what cannot be created by its definition alone.

        Raises:
            Refused: with its name.
        """
        return
