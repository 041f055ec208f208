"""Storage of media files: a folder or an S3 bucket, with the same interface."""

import os
import secrets
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Protocol

CHUNK = 256 * 1024
INCOMING = ".incoming"


class Storage(Protocol):
    """Files by name, such as ``ab/abcdef.jpg``. A file never changes, because its name is a digest of its content."""

    def put(self, name: str, content: IO[bytes]) -> None:
        """Store a content, completely or not at all; it then survives a power cut."""

    def read(self, name: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Yield the bytes of a file from `start` on, at most `length`.

        Raises:
            FileNotFoundError: before the first byte.
        """

    def size(self, name: str) -> int | None:
        """Return the size of a file in bytes, or None if there is none."""

    def delete(self, name: str, older_than: float = 0) -> None:
        """Delete a file whose last `put` is at least `older_than` seconds ago; a missing file is not an error.

        Somebody may be uploading the same file again: `put` renews its age.
        """

    def names(self, older_than: float) -> Iterator[str]:
        """Yield the names of all files that are at least `older_than` seconds old."""


class FolderStorage:
    """The files in a folder of this machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, name: str, content: IO[bytes]) -> None:
        """Write the file without a name, then link it: nobody sees half of it, and a killed process leaves nothing."""
        target = self._folder / name
        try:
            os.utime(target)
        except FileNotFoundError:
            folder(target.parent)
            content.seek(0)
            if not _written_without_name(target, content):
                self._write_beside(target, content)
            _sync_folder(target.parent)

    def _write_beside(self, target: Path, content: IO[bytes]) -> None:
        content.seek(0)
        incoming = self.incoming() / secrets.token_hex(8)
        try:
            with os.fdopen(os.open(incoming, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as copy:
                _copy(content, copy)
            incoming.replace(target)
        finally:
            incoming.unlink(missing_ok=True)

    def read(self, name: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Read from the file."""
        file = (self._folder / name).open("rb")
        file.seek(start)

        def chunks() -> Iterator[bytes]:
            left = length
            with file:
                while chunk := file.read(CHUNK if left is None else min(CHUNK, left)):
                    left = None if left is None else left - len(chunk)
                    yield chunk

        return chunks()

    def size(self, name: str) -> int | None:
        """Ask the file system for the size."""
        try:
            return (self._folder / name).stat().st_size
        except FileNotFoundError:
            return None

    def delete(self, name: str, older_than: float = 0) -> None:
        """Move the file away, check its age, and move it back if it is young. A concurrent `put` writes a new one."""
        file, taken = self._folder / name, self.incoming() / secrets.token_hex(8)
        try:
            file.rename(taken)
        except FileNotFoundError:
            return
        if taken.stat().st_mtime > time.time() - older_than:
            taken.rename(file)
        else:
            taken.unlink()

    def names(self, older_than: float) -> Iterator[str]:
        """Walk the folder."""
        newest = time.time() - older_than
        for path in self._folder.glob("??/*"):
            if path.stat().st_mtime <= newest:
                yield path.relative_to(self._folder).as_posix()

    def incoming(self) -> Path:
        """Return the folder for files that are being written or deleted."""
        return folder(self._folder / INCOMING)

    def clear_incoming(self, older_than: float) -> None:
        """Delete files that a killed process left there."""
        newest = time.time() - older_than
        for path in self.incoming().iterdir():
            if path.stat().st_mtime <= newest:
                path.unlink(missing_ok=True)


def folder(path: Path) -> Path:
    """Return a folder that only its owner can read, and create it if it is missing."""
    if not path.parent.is_dir():
        folder(path.parent)  # `parents=True` would create it with default permissions
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def _written_without_name(target: Path, content: IO[bytes]) -> bool:
    """Write a file that gets its name at the end (open(2), O_TMPFILE); return whether the file system supports that."""
    try:
        handle = os.open(target.parent, os.O_WRONLY | os.O_TMPFILE, 0o600)
    except (AttributeError, OSError):  # not Linux, or the file system does not support it
        return False
    with os.fdopen(handle, "wb") as file:
        _copy(content, file)
        try:
            os.link(f"/proc/self/fd/{handle}", target, follow_symlinks=True)
        except FileExistsError:
            pass  # somebody else has stored the same file
        except OSError:
            return False
    return True


def _copy(content: IO[bytes], file: IO[bytes]) -> None:
    shutil.copyfileobj(content, file, CHUNK)
    file.flush()
    os.fsync(file.fileno())


def _sync_folder(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
