"""A lock on a file: it ends at the latest with the process that holds it. The file stays."""

import os
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from flask_rewind.journal import who

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_BEYOND = 1 << 30
"""Offset of the locked byte on Windows, beyond the content: others cannot read bytes that are locked."""
_LONGEST_NAME = 1000


class FileLock:
    """The lock on one file. A second `FileLock` of the file, even in the same process, cannot take it meanwhile.

    The file is never deleted: a process that still had it open would then lock a file that no other process opens.
    """

    def __init__(self, path: Path, like: Path) -> None:
        """Open the file, or create it if it is missing, with the owner and permissions of the file `like`.

        Raises:
            OSError: if it can be neither created nor opened.
        """
        self._like = like
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            self._file = _open(path)
        self._follow()

    def take(self) -> bool:
        """Take the lock if it is free, and return whether it was.

        Raises:
            OSError: if the file system has no locks.
        """
        if not _lock(self._file):
            return False
        with suppress(OSError):  # a file that this user may only read
            os.ftruncate(self._file, 0)
            os.lseek(self._file, 0, os.SEEK_SET)
            os.write(self._file, f"{who()}, since {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}".encode())
        return True

    def holder(self) -> str:
        """Return who took the lock last, and when."""
        os.lseek(self._file, 0, os.SEEK_SET)
        return os.read(self._file, _LONGEST_NAME).decode(errors="replace")

    def close(self) -> None:
        """Release the lock."""
        self._follow()
        os.close(self._file)

    def _follow(self) -> None:
        """Give the file the permissions of `like`, and its owner if root runs this: the same users need both files."""
        if sys.platform != "win32":
            with suppress(OSError):  # `like` does not exist yet, or another user owns this file
                like = self._like.stat()
                os.fchmod(self._file, like.st_mode & 0o666)
                if os.geteuid() == 0:
                    os.fchown(self._file, like.st_uid, like.st_gid)


def _open(path: Path) -> int:
    plainly = getattr(os, "O_NOFOLLOW", 0)
    try:
        return os.open(path, os.O_RDWR | plainly)
    except PermissionError:
        return os.open(path, os.O_RDONLY | plainly)


def _lock(file: int) -> bool:
    if sys.platform == "win32":
        os.lseek(file, _BEYOND, os.SEEK_SET)
        try:
            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
    else:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True
