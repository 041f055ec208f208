"""Disks that are small, or read-only, and a user who is not root: what only root can arrange."""

import os
import pickle
import pwd
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pytest

Result = TypeVar("Result")
_NOBODY = 65534


@contextmanager
def small_disk(place: Path, *, kilobytes: int, owner: str | None = None) -> Iterator[Path]:
    """Have a disk of its own at a folder for as long as the block lasts; the test is skipped where that cannot be."""
    options = f"size={kilobytes}k,mode=0777"
    if owner:
        user = pwd.getpwnam(owner)
        options += f",uid={user.pw_uid},gid={user.pw_gid}"
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", place], capture_output=True, text=True)
    if mounted.returncode != 0:
        pytest.skip(f"no small disk can be made here: {mounted.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)


def make_read_only(disk: Path) -> None:
    """Let nobody write to a small disk any more."""
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)


def fill(disk: Path, *, leaving: int = 0) -> Path:
    """Fill a small disk, but for a number of bytes, with a file that is returned."""
    path = disk / "filling"
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:  # it is full
            pass
        file.truncate(max(0, file.tell() - leaving))
    return path


@contextmanager
def open_folder() -> Iterator[Path]:
    """Have a folder that every user may enter."""
    with tempfile.TemporaryDirectory(prefix="rewind-open-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


def as_nobody(call: Callable[[], Result]) -> Result:
    """Return what a function returns in a process of a user who owns nothing; what it imports must be loaded."""
    if os.geteuid() != 0:
        return call()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        answer: object = None
        try:
            os.setgroups([])
            os.setegid(_NOBODY)
            os.seteuid(_NOBODY)
            answer = call()
        except BaseException as error:  # noqa: BLE001 - the parent raises it
            answer = AssertionError(repr(error))
        finally:
            os.write(writer, pickle.dumps(answer))
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        answered: Result | AssertionError = pickle.loads(pipe.read())
    os.waitpid(child, 0)
    if isinstance(answered, AssertionError):
        raise answered
    return answered
