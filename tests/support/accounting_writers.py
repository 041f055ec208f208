"""Programs that write into a table and keep accounts of it, so that a lost or doubled row shows in sums.

The procedure is that of Vitess' stress tests: rows are inserted, their column ``updates`` is counted up, and rows that
were counted once are deleted. Each statement is a transaction of its own. Whatever is moved meanwhile, the table must
have as many rows as were inserted and not deleted, and its sum must be that of the updates less the deletions.
"""

import json
import random
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

import sqlalchemy as sa

IDS = 4096
"""Rows with greater numbers are left alone, unless a test says less."""
PAUSE = 0.004
"""Seconds between two statements of a writer."""
TABLE = """
op.create_table("{}", sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("updates", sa.Integer, nullable=False, server_default="0"), {})"""
_INSERT = {
    "mysql": "INSERT IGNORE INTO {} (id, updates) VALUES ({}, 0)",
    "postgresql": "INSERT INTO {} (id, updates) VALUES ({}, 0) ON CONFLICT DO NOTHING",
}


@dataclass
class Account:
    """What writers have done."""

    inserts: int = 0
    updates: int = 0
    deletes: int = 0
    errors: dict[str, int] = field(default_factory=dict)
    """How often each error came."""
    longest: float = 0.0
    """The longest that one statement took, in seconds."""

    def add(self, other: "Account") -> None:
        """Add what another writer has done."""
        self.inserts += other.inserts
        self.updates += other.updates
        self.deletes += other.deletes
        for name, count in other.errors.items():
            self.errors[name] = self.errors.get(name, 0) + count
        self.longest = max(self.longest, other.longest)


def differences(engine: sa.Engine, table: str, account: Account, ids: int = IDS) -> list[str]:
    """Return in what a table differs from the accounts of all that wrote into it; and who has not written."""
    with engine.connect() as connection:
        query = f"SELECT count(*), coalesce(sum(updates), 0) FROM {table} WHERE id <= {ids}"
        count, total = connection.exec_driver_sql(query).one()
    wanted = {"rows": account.inserts - account.deletes, "sum": account.updates - account.deletes}
    found = {"rows": int(count), "sum": int(total)}
    wrong = [f"{name}: {found[name]} instead of {wanted[name]}" for name in wanted if found[name] != wanted[name]]
    idle = [name for name in ("inserts", "updates", "deletes") if not getattr(account, name)]
    return [*wrong, *(f"no {name}" for name in idle)]


@contextmanager
def writing(url: str, table: str, account: Account, *, count: int = 4, ids: int = IDS) -> Iterator[None]:
    """Let programs write while the block runs, each of them once before it begins; add to an account what they do."""
    command = [sys.executable, __file__, url, table, str(ids)]
    writers = [
        subprocess.Popen([*command, str(at)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for at in range(count)
    ]
    try:
        for writer in writers:
            if writer.stdout is None or not writer.stdout.readline():
                raise RuntimeError("a writer has not begun")
        yield
    finally:
        for said in [writer.communicate("stop\n")[0] for writer in writers]:
            account.add(Account(**json.loads(said)))


def _write(url: str, table: str, ids: int, seed: str) -> None:
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    chance, account = random.Random(f"{seed} {time.monotonic_ns()}"), Account()
    with engine.connect() as connection:
        for number in range(sys.maxsize):
            began = time.monotonic()
            _write_once(connection, table, chance.randint(1, ids), chance, account)
            account.longest = max(account.longest, time.monotonic() - began)
            if number == 0:
                sys.stdout.write("writing\n")
                sys.stdout.flush()
            is_over = bool(select.select([sys.stdin], [], [], PAUSE)[0])
            if is_over and account.inserts and account.updates and account.deletes:
                break
    sys.stdout.write(json.dumps(asdict(account)))


def _write_once(connection: sa.Connection, table: str, at: int, chance: random.Random, account: Account) -> None:
    kind, statement = chance.choice(
        [
            ("inserts", _INSERT[connection.dialect.name].format(table, at)),
            ("updates", f"UPDATE {table} SET updates = updates + 1 WHERE id = {at}"),
            ("deletes", f"DELETE FROM {table} WHERE id = {at} AND updates = 1"),
        ]
    )
    try:
        rows = connection.exec_driver_sql(statement).rowcount
    except sa.exc.DBAPIError as error:
        name = _name_of(error.orig)
        account.errors[name] = account.errors.get(name, 0) + 1
        return
    setattr(account, kind, getattr(account, kind) + rows)


def _name_of(error: Any) -> str:
    return str(getattr(error, "sqlstate", None) or error.args[0])


if __name__ == "__main__":
    _write(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4])
