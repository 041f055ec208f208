"""Moves in a process of their own that is broken off at one of its fault points."""

import itertools
import os
import signal
import traceback
import warnings
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import psycopg
import sqlalchemy as sa
from combinations import has_all
from fault_points import FaultPoint, Reach, watch
from flask_rewind.errors import RewindError
from histories import History

KILLED = -signal.SIGKILL
Command = Callable[[], Any]
_Case = TypeVar("_Case")


@dataclass(frozen=True)
class Kill:
    """Where a process is killed: at the fault point with this number, counted from 0."""

    number: int
    is_announced: bool = False
    """Whether a statement that commits is about to run: what was written before it is committed."""
    is_of_script: bool = False
    """Whether it is before a statement that changes the schema of the app."""
    name: str = ""


def in_child(engine: sa.Engine, command: Command, reach: Reach) -> int:
    """Run a command in a forked process and return how it ended: its exit code, or the signal with a minus.

    Args:
        engine: of the database that is moved.
        command: moves it.
        reach: what happens at each fault point of the child.
    """
    child = forked(engine, command, reach)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def forked(engine: sa.Engine, command: Command, reach: Reach) -> int:
    """Begin a command in a forked process and return the process's number."""
    engine.dispose()
    with warnings.catch_warnings(action="ignore"):  # pytest's own threads do nothing here
        child = os.fork()
    if child:
        return child
    code = 1
    try:
        engine.dispose(close=False)
        watch(reach)
        command()
        code = 0
    except BaseException:  # noqa: BLE001 - the process ends here, and says why
        traceback.print_exc()
    finally:
        os._exit(code)


class StoppedMove:
    """A command in a forked process that stops before a statement, until it is told to go on.

    Args:
        blog: whose database is moved.
        command: moves it.
        number: of the fault point.
        note: a file in which an error of the command is written down.
    """

    def __init__(self, blog: History, command: Command, number: int, note: Path | None = None) -> None:
        seen = itertools.count()
        read, write = os.pipe()

        def stop(point: FaultPoint) -> None:
            if next(seen) == number:
                os.write(write, str(session_of(point.connection)).encode())
                self.signal(signal.SIGSTOP, os.getpid())

        self._process = forked(blog.engine, command if note is None else lambda: noting(command, note), stop)
        _, status = os.waitpid(self._process, os.WUNTRACED)
        assert os.WIFSTOPPED(status), "it ended before it stopped"
        self.session = int(os.read(read, 20))
        """The number of its session, which is about to execute the statement."""
        os.close(read)
        os.close(write)
        self._status: int | None = None

    def __enter__(self) -> "StoppedMove":
        return self

    def __exit__(self, *exc_info: object) -> None:
        if not self.has_ended():
            self.kill()

    def signal(self, number: int, process: int | None = None) -> None:
        """Send the process a signal."""
        os.kill(process or self._process, number)

    def go_on(self) -> None:
        """Let it go on."""
        self.signal(signal.SIGCONT)

    def kill(self) -> None:
        """Kill it."""
        self.signal(signal.SIGKILL)
        self.wait()

    def has_ended(self) -> bool:
        """Return whether it has ended."""
        if self._status is None:
            process, status = os.waitpid(self._process, os.WNOHANG)
            self._status = status if process else None
        return self._status is not None

    def wait(self) -> int:
        """Return how it ended: its exit code, or the signal with a minus."""
        if self._status is None:
            _, self._status = os.waitpid(self._process, 0)
        return os.waitstatus_to_exitcode(self._status)


def session_of(connection: Any) -> int:
    """Return the number that the server has for a driver's connection; 0 where there is no server."""
    if isinstance(connection, psycopg.Connection):
        return connection.info.backend_pid
    return int(connection.thread_id()) if hasattr(connection, "thread_id") else 0


def signalled(blog: History, command: Command, kill: Kill, number: signal.Signals, *, times: int = 1) -> int:
    """Run a command in a process that gets a signal at a fault point; return its exit code."""
    seen = itertools.count()

    def interrupt(point: FaultPoint) -> None:
        if next(seen) != kill.number:
            return
        for _ in range(times):
            with suppress(KeyboardInterrupt, SystemExit) if times > 1 else nullcontext():
                os.kill(os.getpid(), number)
        if times > 1:
            signal.pause()  # until the process ends

    def interruptible() -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        command()

    return in_child(blog.engine, interruptible, interrupt)


def noting(command: Command, file: Path) -> None:
    """Run a command and write an error for users into a file."""
    try:
        command()
    except RewindError as error:
        file.write_text(f"{error.message}\n{error.hint}")
        raise


def kills_of(blog: History, command: Command, file: Path) -> list[Kill]:
    """Run a command to its end and return where another run of it can be killed.

    After a statement the database is as before the next one, so one of the two is enough.
    """
    file.write_text("")

    def note(point: FaultPoint) -> None:
        with file.open("a") as notes:
            notes.write(f"{'of script' if point.is_of_script else ''}\t{point}\n")

    assert in_child(blog.engine, command, note) == 0
    return [*_kills(file.read_text().splitlines(), each_commits=blog.engine.dialect.name == "mysql")]


def _kills(lines: list[str], *, each_commits: bool) -> Iterator[Kill]:
    for number, line in enumerate(lines):
        of_script, _, name = line.partition("\t")
        is_before, is_last = name.startswith("before "), number == len(lines) - 1
        if is_before or is_last:
            yield Kill(number, is_of_script=bool(of_script) and is_before, name=name)
        if is_before and of_script and each_commits:
            yield Kill(number, is_announced=True, name=f"{name}, announced")


def killed(blog: History, command: Command, kill: Kill) -> None:
    """Run a command in a process that is killed at a fault point."""
    ended = in_child(blog.engine, command, death_at(kill.number, commits_first=kill.is_announced))
    assert ended == KILLED, f"it was not killed {kill.name}"


def death_at(number: int, *, commits_first: bool) -> Reach:
    """Return what kills a process at a fault point, after a COMMIT if the point is at a statement that commits."""
    seen = itertools.count()

    def die(point: FaultPoint) -> None:
        if next(seen) == number:
            if commits_first and point.is_of_script:
                point.connection.cursor().execute("COMMIT")
            os.kill(os.getpid(), signal.SIGKILL)

    return die


def dealt(cases: Sequence[_Case], few: int, *seed: str) -> list[_Case]:
    """Return all cases for `make prove`; for CI a few, other ones for each seed, the same on every machine."""
    if has_all() or len(cases) <= few:
        return list(cases)
    begin, step = zlib.crc32("".join(seed).encode()), len(cases) // few
    return [cases[(begin + at * step) % len(cases)] for at in range(few)]


@contextmanager
def named(case: str) -> Iterator[None]:
    """Let an error in the block say which case it is about."""
    try:
        yield
    except Exception as error:
        error.add_note(case)
        raise
