"""Something that a test does in a thread while its own block runs."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def beside(act: Callable[[threading.Event], None]) -> Iterator[None]:
    """Run a function in a thread for as long as the block lasts; it gets an event that is set when the block ends."""
    is_over = threading.Event()
    thread = threading.Thread(target=act, args=(is_over,))
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()
