"""Patience with locks that other sessions hold: how long a move tries to get them, and what it says meanwhile."""

import logging
import time
from collections.abc import Callable
from secrets import SystemRandom

from flask_rewind.errors import BadRequest
from flask_rewind.interrupts import is_interrupted

log = logging.getLogger("alembic.runtime.migration")

TRY_SECONDS = 2
"""How long a statement waits for a lock. Whoever asks for the table after it waits behind it, so it must be short.

PostgreSQL's autovacuum makes way for others after ``deadlock_timeout``, which is one second: it must be longer.
"""
_JITTER = SystemRandom().uniform
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.5, 5.0
"""Seconds between two tries, in which everybody who queued behind the first one is served."""
_SLICE = 0.25
"""Seconds within which a pause ends after Ctrl-C."""
_SAID_EVERY = 10.0
"""Seconds between two warnings of one wait."""
_TO_TAKE_BACK = 60.0
"""Seconds of patience, at least, for taking a crossing back: its locks may be held by others, too."""


class Patience:
    """What a move has left of its budget: the seconds that it may spend on tries that did not get their locks.

    Args:
        budget: seconds; with 0 everything is tried once.
        clock: returns seconds.
        sleep: waits for so many seconds.
        jitter: returns a number between two others, so that two who wait do not keep step.

    Raises:
        BadRequest: for a budget below 0.
    """

    def __init__(
        self,
        budget: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[float, float], float] = _JITTER,
    ) -> None:
        if not budget >= 0:
            raise BadRequest(f"The budget is {budget:g} seconds.", "It is 0 or more.")
        self.budget = budget
        self.spent = 0.0
        self.clock = clock
        self.jitter = jitter
        self._sleep = sleep

    @property
    def left(self) -> float:
        """The seconds that are left."""
        return max(self.budget - self.spent, 0.0)

    def begin(self) -> "Wait":
        """Begin to try something."""
        return Wait(self)

    def sleep(self, seconds: float) -> None:
        """Wait for so many seconds, or until Ctrl-C."""
        end = self.clock() + seconds
        while not is_interrupted() and (rest := end - self.clock()) > 0:
            self._sleep(min(rest, _SLICE))

    def renew(self) -> None:
        """Begin anew, to take back what could not be done in time."""
        self.budget, self.spent = max(self.budget, _TO_TAKE_BACK), 0.0


class Wait:
    """One statement, or one crossing, that is tried until it gets its locks."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._tries = 0
        self._say_at = 0.0
        self._begin_try()

    def _begin_try(self) -> None:
        self._began, self._spent_before = self._patience.clock(), self._patience.spent

    def goes_on(self) -> bool:
        """Note that a try has failed, and return whether there may be another one: not after the budget, or Ctrl-C."""
        patience = self._patience
        # A crossing's try contains those of its statements.
        of_statements = patience.spent - self._spent_before
        patience.spent += max(patience.clock() - self._began - of_statements, 0.0)
        self._tries += 1
        return patience.left > 0 and not is_interrupted()

    def pause(self, what: str) -> None:
        """Say what is waited for, and by whom it is held, and let others pass."""
        patience = self._patience
        if self._tries == 1 or patience.clock() >= self._say_at:
            self._say_at = patience.clock() + _SAID_EVERY
            log.warning(
                "%s for %s. Trying for %.0f more seconds.",
                "Waiting" if self._tries == 1 else "Still waiting",
                what,
                patience.left,
            )
        length = min(_SHORTEST_PAUSE * 2.0 ** (self._tries - 1), _LONGEST_PAUSE)
        length = min(patience.jitter(length / 2, length * 1.5), patience.left)
        patience.sleep(length)
        patience.spent += length
        self._begin_try()
