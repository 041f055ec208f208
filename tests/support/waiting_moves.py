"""Moves that are killed while one of their statements waits for a lock in the server, which may go on with it."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from awaiting import awaited
from broken_moves import StoppedMove
from other_sessions import OtherSessions
from side_threads import beside
from trips import Leg, Trip

ENDS = ("executed", "given up", "still waiting")
"""What becomes of the statement: before the next command it was executed, or not; or it still waits for a lock."""


def is_ended_after_it_waited(trip: Trip, leg: Leg, number: int, end: str, sessions: OtherSessions) -> bool:
    """Kill a leg while its statement after a fault point waits, and assert that the next command ends the move.

    Return False if no statement of it has to wait.

    Args:
        trip: whose database is as the leg finds it.
        leg: to kill.
        number: of the fault point.
        end: one of `ENDS`.
        sessions: of the server.
    """
    with StoppedMove(trip.blog, leg.command, number) as move, sessions.tables_locked() as let_go:
        if not _is_waiting(move, sessions):
            return False
        _kill_while_it_waits(move, sessions, let_go, end)
        with _lock_let_go(sessions, let_go):
            leg.command()
        trip.assert_arrived(leg)
    return True


def _is_waiting(move: StoppedMove, sessions: OtherSessions) -> bool:
    """Let a move go on until it waits for a lock; return False where none of its statements has to."""
    move.go_on()
    awaited(lambda: sessions.waiting() or move.has_ended())
    return not move.has_ended()


def _kill_while_it_waits(move: StoppedMove, sessions: OtherSessions, let_go: Callable[[], None], end: str) -> None:
    """Kill a move that waits for a lock, and let its statement end as one of `ENDS` says."""
    if end == "executed":
        move.signal(signal.SIGSTOP)
        let_go()
        awaited(lambda: not sessions.executing())
    move.kill()
    if end == "given up":
        for session in sessions.waiting():
            sessions.end(session.number, "cut")
    if end != "still waiting":
        awaited(lambda: not sessions.all())


@contextmanager
def _lock_let_go(sessions: OtherSessions, let_go: Callable[[], None]) -> Iterator[None]:
    """Let the lock go when the session of the killed move has ended, or another one waits for the lock as well."""
    dead = {session.number for session in sessions.all()}

    def wait(is_over: threading.Event) -> None:
        while not is_over.wait(0.01):
            there = {session.number for session in sessions.waiting()}
            if not dead & there or there - dead:
                return

    def release(is_over: threading.Event) -> None:
        wait(is_over)
        let_go()

    with beside(release):
        yield
