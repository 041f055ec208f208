"""A lock on a file: it ends with the process that holds it, and the file stays."""

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
"""Where the locked byte is on Windows: what is locked there, nobody else can read."""
_LONGEST_NAME = 1000


class FileLock:
    """The lock on one file. Who opens the file again, even in the same process, is somebody else.

    The file is never deleted: another process may have it open, and would then lock what nobody else sees.
    """

    def __init__(self, path: Path, like: Path) -> None:
        """Open the file, and make it where it is missing, with the owner and permissions of the file `like`.

        Raises:
            OSError: where it can be neither made nor opened.
        """
        self._like = like
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            self._file = _open(path)
        self._follow()

    def take(self) -> bool:
        """Take the lock if nobody has it, and return whether it was free.

        Raises:
            OSError: where the file system has no locks.
        """
        if not _lock(self._file):
            return False
        with suppress(OSError):  # a file that this user may only read
            os.ftruncate(self._file, 0)
            os.lseek(self._file, 0, os.SEEK_SET)
            os.write(self._file, f"{who()}, since {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}".encode())
        return True

    def holder(self) -> str:
        """Return who took it last, and when."""
        os.lseek(self._file, 0, os.SEEK_SET)
        return os.read(self._file, _LONGEST_NAME).decode(errors="replace")

    def close(self) -> None:
        """Let the lock go."""
        self._follow()
        os.close(self._file)

    def _follow(self) -> None:
        """Give the file the permissions of the other one, and to root's file its owner: both are for the same users."""
        if sys.platform != "win32":
            with suppress(OSError):  # the other file is not there yet, or this one is another user's
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
