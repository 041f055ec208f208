"""One program that writes: small transactions, each entered in its account when it is committed."""

import itertools
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from under_load.accounts import Account
from under_load.changes import Change, Row
from under_load.faults import Fault, code_of, fault_of
from under_load.known_schema import KnownSchema
from under_load.tables import COUNTED

_PAUSES = {"mysql": 0.004, "postgresql": 0.004, "sqlite": 0.05}
"""Seconds between two transactions. SQLite has one writer at a time, and those who wait look only now and then."""
_WAIT_SECONDS = 10
"""How long a statement waits for a lock; then it is tried again, so that a writer can always be stopped."""
_CONNECT_ARGS: dict[str, dict[str, Any]] = {
    "mysql": {
        "init_command": f"SET SESSION lock_wait_timeout={_WAIT_SECONDS}, innodb_lock_wait_timeout={_WAIT_SECONDS}"
    },
    "postgresql": {"options": f"-c lock_timeout={_WAIT_SECONDS}s"},
    "sqlite": {"timeout": _WAIT_SECONDS},
}
_VERBS = ("insert", "insert", "update", "update", "update", "update", "delete")
_ROLLBACKS = 0.1
"""The share of transactions that are rolled back."""


@dataclass(frozen=True)
class Load:
    """What is written, and where."""

    url: str
    tables: tuple[str, ...]
    """Names in `TABLES`."""
    rows: int
    """How many rows each table had before anybody wrote."""
    writers: int
    seconds: float
    """After so many seconds a writer stops, even if nobody tells it to."""


class Writer:
    """Writes until it is told to stop.

    Args:
        load: what it writes.
        account: of what it has done until now.
        is_over: returns whether it is to stop.
    """

    def __init__(self, load: Load, account: Account, is_over: Callable[[], bool]) -> None:
        self._load = load
        self._account = account
        self._is_over = is_over
        self._chance = random.Random(f"{account.number} {account.done}")
        dialect = sa.make_url(load.url).get_backend_name()
        self._pause = _PAUSES[dialect]
        engine = sa.create_engine(load.url, poolclass=NullPool, connect_args=_CONNECT_ARGS[dialect])
        self._connection = engine.connect()
        if dialect == "sqlite":
            self._connection.exec_driver_sql("PRAGMA synchronous = OFF")  # waits for the disk are not what is measured
        self._schema = KnownSchema(self._connection)

    def run(self, begun: Callable[[], object]) -> None:
        """Write, and say when the first transaction is over.

        Raises:
            sqlalchemy.exc.DBAPIError: for an error that no application expects.
        """
        with self._connection:
            for number in itertools.count():
                if changes := [*self._chosen()]:
                    self._write(changes)
                if number == 0:
                    begun()
                if self._is_over():
                    return
                time.sleep(self._pause)

    def _chosen(self) -> Iterator[Change]:
        """Choose the statements of a transaction, each for another table."""
        wanted = self._chance.sample(self._load.tables, min(len(self._load.tables), self._chance.choice((1, 1, 2))))
        names = {table: name for table in wanted if (name := self._schema.name(table))}
        for table, name in names.items():
            verb, key, values = self._change(table, self._chance.choice(_VERBS))
            yield Change(table, name, verb, key, values)

    def _change(self, table: str, verb: str) -> tuple[str, int, Row]:
        load, number, book = self._load, self._account.number, self._account.books[table]
        if verb == "insert" or (verb == "delete" and not book.rows):
            key = load.rows + 1 + number + load.writers * book.inserted
            book.inserted += 1
            return "insert", key, self._schema.new_row(table, key)
        if verb == "delete" or (book.rows and self._chance.random() < 0.5):
            key = self._chance.choice([*book.rows][-100:])
        else:
            key = 1 + number + load.writers * self._chance.randrange(load.rows // load.writers)
        return verb, key, {COUNTED: self._chance.randint(1, 9)} if verb == "update" else {}

    def _write(self, changes: Sequence[Change]) -> None:
        """Commit a transaction; try it again for as long as that can help."""
        account, began = self._account, time.monotonic()
        while True:
            try:
                is_kept = self._attempt(changes)
            except sa.exc.DBAPIError as error:
                fault = fault_of(error)
                account.errors[str(code_of(error))] += 1
                if fault is Fault.UNEXPECTED:
                    raise
                is_kept = self._is_committed_after(fault, changes)
                if not is_kept and fault is not Fault.OTHER_SCHEMA and not self._is_over():
                    continue
            account.spans.append((began, time.monotonic()))
            account.done["rollback"] += not is_kept
            for change in changes if is_kept else ():
                account.books[change.table].enter(change)
                account.done[change.verb] += 1
            return

    def _attempt(self, changes: Sequence[Change]) -> bool:
        """Execute the statements and return whether they were committed."""
        for change in changes:
            if change.execute(self._connection) != 1:
                self._account.missing.append(f"{change.verb} {change.table} {change.key}")
                self._connection.rollback()
                return False
        if self._chance.random() < _ROLLBACKS:
            self._connection.rollback()
            return False
        self._connection.commit()
        return True

    def _is_committed_after(self, fault: Fault, changes: Sequence[Change]) -> bool:
        """Begin anew after an error, and return whether the transaction was committed all the same."""
        self._connection.rollback()
        if fault is Fault.OTHER_SCHEMA:
            self._schema.forget()
        return fault is Fault.LOST and self._schema.reading(lambda: self._is_there(changes[0]))

    def _is_there(self, change: Change) -> bool:
        """Return whether a change is in the database. A transaction is there as a whole, so one of it is enough."""
        name, book = self._schema.name(change.table), self._account.books[change.table]
        return change.is_there(self._connection, name or change.name, book.counted(change.key))
