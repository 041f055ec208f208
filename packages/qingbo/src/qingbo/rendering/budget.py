"""How much work one text may cause. Counted, not timed: the same text gives the same HTML everywhere."""

from collections.abc import MutableMapping
from typing import Any, cast

STEPS = 100_000
"""Lines looked at, tags and marks read, and tokens made; measured at 3 to 8 millionths of a second each."""

EXPANSION = 500_000
"""Characters that references to link definitions may bring in."""

NOTES = 2_000
"""References to footnotes; each brings about 250 characters."""

MATHML = 1_500_000
"""Characters of MathML; a formula has about ten times those of its source."""

_KEY = "budget"


class Exhausted(Exception):
    """The rest is shown plain."""


class Budget:
    """What is left for one text, and whether something had to be shown plain."""

    def __init__(self) -> None:
        self.steps = STEPS
        self.reserve = STEPS * 15 // 100
        """For the lines inside blocks, which are read when all blocks are known."""
        self.expansion = EXPANSION
        self.notes = NOTES
        self.mathml = MATHML
        self.is_cut = False

    def spend(self, steps: int) -> None:
        """Count steps on blocks.

        Raises:
            Exhausted: when only those for the lines inside are left.
        """
        self.steps -= steps
        if self.steps < self.reserve:
            self.is_cut = True
            raise Exhausted

    def may_spend(self, steps: int) -> bool:
        """Count steps where going on without them is possible, and return whether they were left."""
        self.is_cut |= self.steps < steps
        self.steps -= steps
        return self.steps >= 0

    def expand(self, characters: int) -> bool:
        """Count what a reference brings in, and return whether it may."""
        return self._take("expansion", characters)

    def note(self) -> bool:
        """Count a reference to a footnote, and return whether it may become one."""
        return self._take("notes", 1)

    def formula(self, characters: int) -> bool:
        """Count the MathML of a formula, and return whether it may stay."""
        return self._take("mathml", characters)

    def _take(self, what: str, count: int) -> bool:
        left = getattr(self, what) - count
        if left < 0:
            self.is_cut = True
            return False
        setattr(self, what, left)
        return True


def environment(budget: Budget) -> dict[str, Any]:
    """Return what the parser hands to its rules."""
    return {_KEY: budget, "anchors": set()}


def budget_of(env: MutableMapping[str, Any]) -> Budget:
    """Return the budget of the text that is being parsed."""
    return cast(Budget, env[_KEY])
