"""Limits on the work for one text. They count steps, not time, so that a text gives the same HTML everywhere."""

from collections.abc import MutableMapping
from typing import Any, cast

STEPS = 100_000
"""Lines tried, tags and marks read, and tokens made; measured at 3 to 8 µs each."""

EXPANSION = 500_000
"""Characters that references to link definitions may insert."""

NOTES = 2_000
"""Footnote references; each adds about 250 characters."""

MATHML = 1_500_000
"""Characters of MathML; a formula has about ten times as many as its source."""

_KEY = "budget"


class Exhausted(Exception):
    """The budget is spent; the rest is shown unrendered."""


class Budget:
    """The remaining budget for one text, and whether something had to be shown unrendered."""

    def __init__(self) -> None:
        self.steps = STEPS
        self.reserve = STEPS * 15 // 100
        """Steps reserved for the text inside blocks, which is parsed after all blocks."""
        self.expansion = EXPANSION
        self.notes = NOTES
        self.mathml = MATHML
        self.is_cut = False

    def spend(self, steps: int) -> None:
        """Count steps of the block parser.

        Raises:
            Exhausted: if only the reserve is left.
        """
        self.steps -= steps
        if self.steps < self.reserve:
            self.is_cut = True
            raise Exhausted

    def may_spend(self, steps: int) -> bool:
        """Count optional steps, and return whether the budget allows them."""
        self.is_cut |= self.steps < steps
        self.steps -= steps
        return self.steps >= 0

    def expand(self, characters: int) -> bool:
        """Count the characters that a reference inserts, and return whether the budget allows it."""
        return self._take("expansion", characters)

    def note(self) -> bool:
        """Count a footnote reference, and return whether the budget allows it."""
        return self._take("notes", 1)

    def formula(self, characters: int) -> bool:
        """Count the MathML of a formula, and return whether the budget allows it."""
        return self._take("mathml", characters)

    def _take(self, what: str, count: int) -> bool:
        left = getattr(self, what) - count
        if left < 0:
            self.is_cut = True
            return False
        setattr(self, what, left)
        return True


def environment(budget: Budget) -> dict[str, Any]:
    """Return the environment that the parser passes to its rules."""
    return {_KEY: budget, "anchors": set()}


def budget_of(env: MutableMapping[str, Any]) -> Budget:
    """Return the budget of the text that is being parsed."""
    return cast(Budget, env[_KEY])
