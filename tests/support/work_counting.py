"""Measures the work of a call: counted, the same on every machine, or timed without the pauses of a busy machine."""

import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import Any


def work_of(act: Callable[..., Any], *arguments: Any) -> int:
    """Return how many lines of Python run."""
    count = 0

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal count
        count += 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        act(*arguments)
    finally:
        sys.settrace(before)
    return count


def assert_linear(render: Callable[[str], Any], make: Callable[[int], str]) -> None:
    """Check that twice the text makes about twice the work."""
    render("warm")
    small, large = (work_of(render, make(size)) for size in (600, 1200))
    assert large <= 2.5 * small + 2_000, (small, large)


def cpu_seconds(act: Callable[[], Any]) -> float:
    """Return for how long this thread works; what other programs do meanwhile does not count."""
    begun = time.thread_time()
    act()
    return time.thread_time() - begun
