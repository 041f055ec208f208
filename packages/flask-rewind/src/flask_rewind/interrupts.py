"""Ctrl-C and SIGTERM during a move: the first one waits for the statement to end, the second one ends the process.

After the first the crossing is taken back as after any failure; one that is done cleans up. After the second the next
move does that.
"""

import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

log = logging.getLogger("alembic.runtime.migration")

_DEFAULTS: dict[int, Any] = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}
_is_executing = False
"""Whether the database executes a statement of a crossing: an exception now would cost the connection."""
_pending = 0
"""The signal that waits for the statement to end."""
_is_ending = False
"""Whether the crossing is taken back already."""
_is_done = False
"""Whether the crossing is done, and only cleans up."""


def statement_begins() -> None:
    """Let a signal wait from now on."""
    global _is_executing
    _is_executing = True


def statement_ends() -> None:
    """Raise what a signal asked for while a statement was executed.

    Raises:
        KeyboardInterrupt, SystemExit: where one came.
    """
    global _is_executing, _pending
    _is_executing = False
    if not (_is_ending or _is_done):
        number, _pending = _pending, 0
        _raise(number)


def is_interrupted() -> bool:
    """Return whether a signal waits for the statement to end, so that it is not to be executed again."""
    return _pending != 0 and not _is_ending


@contextmanager
def signals_ignored() -> Iterator[None]:
    """Let the first signal ask for nothing while a crossing is taken back."""
    global _is_executing, _is_ending, _pending
    _is_executing, _is_ending = False, True
    try:
        yield
    finally:
        _is_executing, _is_ending, _pending = False, False, 0


@contextmanager
def signals_waiting() -> Iterator[None]:
    """Let the first signal wait until a crossing that is done has cleaned up.

    Raises:
        KeyboardInterrupt, SystemExit: at the end, where one came.
    """
    global _is_done, _pending
    _is_done = True
    try:
        yield
    finally:
        _is_done, number, _pending = False, _pending, 0
    _raise(number)


@contextmanager
def signals_handled() -> Iterator[None]:
    """Handle both signals for a block; those that the app handles itself, and other threads, are left alone."""
    own = [number for number, default in _DEFAULTS.items() if signal.getsignal(number) is default]
    if threading.current_thread() is not threading.main_thread() or not own:
        yield
        return
    with _second_one_ends_the_process():
        for number in own:
            signal.signal(number, _handle)
        try:
            yield
        finally:
            for number in own:
                signal.signal(number, _DEFAULTS[number])


def _handle(number: int, frame: FrameType | None) -> None:
    global _pending
    if not (_is_executing or _is_ending or _is_done):
        _raise(number)
    _pending = number
    first = "the statement is finished, then the revision is taken back"
    if _is_done:
        first = "the revision is done, and the move ends when it has cleaned up"
    log.warning("Interrupted: %s. Once more to stop at once.", first)


def _raise(number: int) -> None:
    """Raise what a signal asks for; 0 is none."""
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    if number:
        raise SystemExit(128 + number)


@contextmanager
def _second_one_ends_the_process() -> Iterator[None]:
    """Watch for signals in a thread: the main one hears of none while the driver waits for the database."""
    read, write = socket.socketpair()
    write.setblocking(False)
    former = signal.set_wakeup_fd(write.fileno(), warn_on_full_buffer=False)
    if former != -1:  # somebody else listens, such as an event loop
        signal.set_wakeup_fd(former)
        read.close()
        write.close()
        yield
        return
    watcher = threading.Thread(target=_watch, args=(read,), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(-1)
        write.close()
        watcher.join()
        read.close()


def _watch(signals: socket.socket) -> None:
    count = 0
    while received := signals.recv(1):
        count += received[0] in _DEFAULTS
        if count == 2:
            sys.stderr.write("Stopped at once. The next move takes back what is unfinished.\n")
            sys.stderr.flush()
            os._exit(128 + received[0])
