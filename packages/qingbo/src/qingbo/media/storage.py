"""Where the files of media lie: a folder, or a bucket of S3. The same few verbs for both."""

import os
import secrets
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

CHUNK = 256 * 1024
INCOMING = ".incoming"


class Storage(Protocol):
    """Files by their names, such as ``ab/abcdef.jpg``. A file never changes: its name says what is in it."""

    def put(self, name: str, file: Path) -> None:
        """Store a copy of a file, whole or not at all; after that a power cut does not lose it."""

    def read(self, name: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Yield the bytes of a file from `start` on, `length` of them at most.

        Raises:
            FileNotFoundError: before the first byte.
        """

    def size(self, name: str) -> int | None:
        """Return how many bytes a file has, None where there is none."""

    def delete(self, name: str, older_than: float = 0) -> None:
        """Delete a file that was put last so many seconds ago; one that is not there is no error.

        Somebody may just bring the same file again: `put` makes it young.
        """

    def names(self, older_than: float) -> Iterator[str]:
        """Yield the names of all files that have been there for so many seconds."""


class FolderStorage:
    """The files in a folder of this machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, name: str, file: Path) -> None:
        """Copy the file beside its place, then give it its name: nobody ever sees half of one."""
        target = self._folder / name
        try:
            os.utime(target)
        except FileNotFoundError:
            self._write(target, file)

    def _write(self, target: Path, file: Path) -> None:
        incoming = self.incoming() / secrets.token_hex(8)
        try:
            with file.open("rb") as source, _created(incoming) as copy:
                shutil.copyfileobj(source, copy, CHUNK)
                copy.flush()
                os.fsync(copy.fileno())
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            incoming.replace(target)
            _sync_folder(target.parent)
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
        """Ask the file system."""
        try:
            return (self._folder / name).stat().st_size
        except FileNotFoundError:
            return None

    def delete(self, name: str, older_than: float = 0) -> None:
        """Take the file away, look at its age, and put it back if it is young; who puts it meanwhile makes another."""
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
        """Walk through the folder."""
        newest = time.time() - older_than
        for path in self._folder.glob("??/*"):
            if path.stat().st_mtime <= newest:
                yield path.relative_to(self._folder).as_posix()

    def incoming(self) -> Path:
        """Return the folder for what is not whole yet."""
        folder = self._folder / INCOMING
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder

    def clear_incoming(self, older_than: float) -> None:
        """Delete what was left by a process that ended in between."""
        newest = time.time() - older_than
        for path in self.incoming().iterdir():
            if path.stat().st_mtime <= newest:
                path.unlink(missing_ok=True)


def _created(path: Path) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
