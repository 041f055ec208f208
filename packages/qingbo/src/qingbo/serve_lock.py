"""Allows one `qingbo serve` per data folder: a file lock, which the system releases when its processes end."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from qingbo.errors import AlreadyServed

WAIT_SECONDS = 10
"""How long to wait for the workers of a killed server to end."""


class ServeLock:
    """The lock of a data folder. The workers inherit it, so it is held until the last of them ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = -1

    def take(self, address: str) -> None:
        """Take the lock, unless this process has it or the folder does not exist; store `address` for others' messages.

        Raises:
            AlreadyServed: if another process holds it.
        """
        if self._file != -1:
            return
        try:
            file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError:
            return  # the check of the data folder reports the reason
        if not self._locked(file):
            os.close(file)
            number, served = self._holder()
            raise AlreadyServed(
                f"Another qingbo serve{f' (process {number}, {served})' if number else ''} serves {self._path.parent}.",
                f"Stop it first: kill {number}" if number else "Stop it first.",
            )
        os.truncate(file, 0)
        os.pwrite(file, f"{os.getpid()} {address}".encode(), 0)
        self._file = file

    def release(self) -> None:
        """Release the lock if this process has it, and no other process inherited it."""
        if self._file != -1:
            os.close(self._file)
            self._file = -1

    def _locked(self, file: int) -> bool:
        end = time.monotonic() + WAIT_SECONDS
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                number, _address = self._holder()
                if _is_running(number) or time.monotonic() > end:
                    return False
                time.sleep(0.05)
            except OSError:
                return True  # a file system without locks
            else:
                return True

    def _holder(self) -> tuple[int, str]:
        with suppress(OSError, ValueError):
            number, _, address = self._path.read_text(encoding="utf-8").partition(" ")
            # In containers, the first process always has number 1, so the same number says nothing about another one.
            return (0, "") if int(number) == os.getpid() else (int(number), address)
        return 0, ""


@contextmanager
def locked(path: Path) -> Iterator[TextIO]:
    """Lock a file, creating it if it is missing, and yield it; wait while another process holds the lock."""
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+", encoding="ascii") as file:
        with suppress(OSError):  # a file system without locks
            fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def _is_running(number: int) -> bool:
    if number <= 0:
        return False
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
