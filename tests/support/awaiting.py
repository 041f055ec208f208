"""Waiting for what another thread or process does, however slow the machine is."""

import time
from collections.abc import Callable
from typing import Any

LONGEST = 60
"""Seconds. Only a test that fails waits so long."""


def awaited(condition: Callable[[], Any], said: Callable[[], Any] = lambda: "", pause: float = 0.01) -> Any:
    """Return what a condition gives as soon as that is true.

    Args:
        condition: asked again and again.
        said: gives what the failure shows if it never becomes true.
        pause: seconds between two questions.
    """
    deadline = time.monotonic() + LONGEST
    while not (found := condition()):
        assert time.monotonic() < deadline, f"what was awaited did not come\n{said()}"
        time.sleep(pause)
    return found
