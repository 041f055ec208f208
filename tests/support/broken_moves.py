"""Moves in a process of their own that is broken off at one of its fault points."""

import itertools
import os
import signal
import traceback
import warnings
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from combinations import has_all
from fault_points import FaultPoint, Reach, watch
from histories import History

KILLED = -signal.SIGKILL
Command = Callable[[], Any]


@dataclass(frozen=True)
class Kill:
    """Where a process is killed: at the fault point with this number, counted from 0."""

    number: int
    is_announced: bool = False
    """Whether a statement that commits is about to run: what was written before it is committed."""
    name: str = ""


def in_child(blog: History, command: Command, reach: Reach) -> int:
    """Run a command in a forked process and return how it ended: its exit code, or the signal with a minus.

    Args:
        blog: whose database is moved.
        command: moves it.
        reach: what happens at each fault point of the child.
    """
    child = forked(blog, command, reach)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def forked(blog: History, command: Command, reach: Reach) -> int:
    """Begin a command in a forked process and return the process's number."""
    blog.engine.dispose()
    with warnings.catch_warnings(action="ignore"):  # pytest's own threads do nothing here
        child = os.fork()
    if child:
        return child
    code = 1
    try:
        blog.engine.dispose(close=False)
        watch(reach)
        command()
        code = 0
    except BaseException:  # noqa: BLE001 - the process ends here, and says why
        traceback.print_exc()
    finally:
        os._exit(code)


def kills_of(blog: History, command: Command, file: Path) -> list[Kill]:
    """Run a command to its end and return where another run of it can be killed.

    After a statement the database is as before the next one, so one of the two is enough.
    """
    file.unlink(missing_ok=True)

    def note(point: FaultPoint) -> None:
        is_own_commit = point.is_of_script and blog.engine.dialect.name == "mysql"
        with file.open("a") as notes:
            notes.write(f"{'announced' if is_own_commit else ''}\t{point}\n")

    assert in_child(blog, command, note) == 0
    return [*_kills(file.read_text().splitlines())]


def _kills(lines: list[str]) -> Iterator[Kill]:
    for number, line in enumerate(lines):
        announced, _, name = line.partition("\t")
        is_last = number == len(lines) - 1
        if name.startswith("before ") or is_last:
            yield Kill(number, name=name)
        if announced and name.startswith("before "):
            yield Kill(number, is_announced=True, name=f"{name}, announced")


def killed(blog: History, command: Command, kill: Kill) -> None:
    """Run a command in a process that is killed at a fault point."""
    seen = itertools.count()

    def die(point: FaultPoint) -> None:
        if next(seen) == kill.number:
            if kill.is_announced:
                point.connection.cursor().execute("COMMIT")
            os.kill(os.getpid(), signal.SIGKILL)

    assert in_child(blog, command, die) == KILLED, f"it was not killed {kill.name}"


def dealt(kills: Sequence[Kill], few: int, *seed: str) -> list[Kill]:
    """Return all kills for `make prove`; for CI a few, other ones for each seed, the same on every machine."""
    if has_all() or len(kills) <= few:
        return list(kills)
    begin, step = zlib.crc32("".join(seed).encode()), len(kills) // few
    return [kills[(begin + at * step) % len(kills)] for at in range(few)]


@contextmanager
def named(case: str) -> Iterator[None]:
    """Let an error in the block say which case it is about."""
    try:
        yield
    except Exception as error:
        error.add_note(case)
        raise
