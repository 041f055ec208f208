"""Programs that write while a block runs: each is a process with a connection of its own."""

import dataclasses
import multiprocessing
import os
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing.synchronize import Event, Semaphore

from under_load.accounts import Account
from under_load.writer import Load, Writer

_BEGIN_SECONDS = 120
_END_SECONDS = 120
"""How long writers may take to begin and to end; a statement of theirs waits for a lock for less."""


class Writers:
    """Processes that can write, again and again.

    Args:
        count: how many.
        seconds: after so many seconds they stop by themselves, whoever has forgotten them.
    """

    def __init__(self, count: int, *, seconds: float = 600) -> None:
        self._count = count
        self._seconds = seconds
        context = multiprocessing.get_context("spawn")
        self._stop, self._begun = context.Event(), context.Semaphore(0)
        self._pool = ProcessPoolExecutor(
            count, mp_context=context, initializer=_share, initargs=(self._stop, self._begun)
        )

    def accounts(self) -> list[Account]:
        """Return an account for each, in which nothing is entered yet."""
        return [Account(number) for number in range(self._count)]

    @contextmanager
    def writing(self, url: str, tables: tuple[str, ...], rows: int, accounts: list[Account]) -> Iterator[None]:
        """Let all of them write while the block runs, each once before it begins; then the accounts are up to date.

        Errors and spans are those of this block alone.

        Args:
            url: of the database.
            tables: names in `under_load.tables.TABLES`.
            rows: how many rows each table had before anybody wrote.
            accounts: of all who have ever written into it.

        Raises:
            RuntimeError: if one does not begin.
            TimeoutError: if one does not end.
        """
        load = Load(url, tables, rows, self._count, self._seconds)
        self._stop.clear()
        while self._begun.acquire(block=False):
            pass
        running = [self._pool.submit(_write, load, account) for account in accounts]
        try:
            self._await_begin(running)
            yield
        finally:
            self._stop.set()
            ends = time.monotonic() + _END_SECONDS
            accounts[:] = [each.result(timeout=max(0.0, ends - time.monotonic())) for each in running]

    def _await_begin(self, running: list["Future[Account]"]) -> None:
        ends = time.monotonic() + _BEGIN_SECONDS
        for _ in running:
            while not self._begun.acquire(timeout=0.1):
                if any(each.done() for each in running) or time.monotonic() > ends:
                    raise RuntimeError("a writer has not begun")

    def end(self) -> None:
        """End the processes."""
        self._stop.set()
        self._pool.shutdown()


_shared: tuple[Event, Semaphore] | None = None


def _share(*given: object) -> None:
    global _shared
    _shared = given  # type: ignore[assignment]


def _write(load: Load, account: Account) -> Account:
    assert _shared
    stop, begun = _shared
    parent, ends = os.getppid(), time.monotonic() + load.seconds

    def is_over() -> bool:
        return stop.is_set() or time.monotonic() > ends or os.getppid() != parent

    account = dataclasses.replace(account, spans=[], errors=Counter())
    Writer(load, account, is_over).run(begun.release)
    return account
