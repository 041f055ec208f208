"""How long writers wait while their table is moved, beside stock Flask-Migrate in the same run (`make bench-stalls`).

Four programs write into a large table and keep accounts (tests/support/accounting_writers.py) while it is moved: a
column is hidden and returns, is added, is renamed, and another table is hidden and returns. The table shows the longest
that one statement of a writer took during each move, and whether rows and sums are those of the accounts. For
comparison, ``no move`` is the longest wait without one.
"""

import argparse
import functools
import json
import logging
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from moves import Contender, servers
from sqlalchemy.exc import ProgrammingError

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/support"))

from accounting_writers import IDS, TABLE, Account, differences, writing  # noqa: E402 - shared with the tests

ENGINES = ("mariadb", "postgresql")
QUIET_SECONDS = 2.0
COLUMNS = 'sa.Column("mood", sa.String(40)), sa.Column("title", sa.String(60)), sa.Column("body", sa.Text())'
FILL = {
    "mariadb": (
        "INSERT INTO {table} (id, updates, mood, title, body) SELECT seq, 0, CONCAT('mood ', seq %% 90),"
        " CONCAT('title ', seq), REPEAT('x', 330) FROM seq_{first}_to_{last}"
    ),
    "postgresql": (
        "INSERT INTO {table} (id, updates, mood, title, body) SELECT i, 0, 'mood ' || (i %% 90), 'title ' || i,"
        " repeat('x', 330) FROM generate_series({first}, {last}) i"
    ),
}
RENAME = 'op.alter_column("post", "{}", new_column_name="{}", existing_type=sa.String(60))'


@dataclass(frozen=True)
class Case:
    """One revision, and what its moves are called."""

    up: str
    down: str
    moves: tuple[tuple[str, str], ...]
    table: str = "post"


CASES = (
    Case(
        'op.drop_column("post", "mood")',
        'op.add_column("post", sa.Column("mood", sa.String(40)))',
        (("up", "a column is hidden"), ("down", "the column returns")),
    ),
    Case(
        'op.add_column("post", sa.Column("note", sa.String(40)))',
        'op.drop_column("post", "note")',
        (("up", "a column is added"), ("down", "that one is hidden"), ("up", "that one returns")),
    ),
    Case(
        RENAME.format("title", "name"),
        RENAME.format("name", "title"),
        (("up", "a column is renamed"), ("down", "it is renamed back")),
    ),
    Case(
        'op.drop_table("hits")',
        TABLE.format("hits", COLUMNS).strip(),
        (("up", "a table is hidden"), ("down", "the table returns")),
        "hits",
    ),
)


@dataclass
class Stall:
    """What a move cost, and what writers noticed of it."""

    seconds: float
    longest: float
    differences: list[str]
    errors: dict[str, int]


class Written(Contender):
    """An app whose tables are written to while they are moved."""

    def fill(self) -> None:
        """Make the tables and their rows, which the writers leave alone."""
        tables = "".join(TABLE.format(name, COLUMNS) for name in ("post", "hits"))
        self.revision(tables.replace("\n", "\n    "), "pass")
        self.move("up")
        self.accounts = {"post": Account(), "hits": Account()}
        with self.app.app_context(), self.db.engine.begin() as connection:
            for table in self.accounts:
                filling = FILL[self._engine_name].format(table=table, first=IDS + 1, last=IDS + self._rows)
                connection.exec_driver_sql(filling)

    def cross(self, case: Case) -> Iterator[tuple[str, Stall]]:
        """Make the moves over a revision, and take it away again."""
        self.revision(case.up, case.down)
        for direction, name in case.moves:
            yield name, self.watch(case.table, functools.partial(self.move, direction))
        if case.moves[-1][0] == "up":
            self.move("down")
        (self.directory / "versions" / f"{self.count}.py").unlink()
        self.count -= 1

    def watch(self, table: str, move: Callable[[], Any]) -> Stall:
        """Let programs write while a move runs."""
        account, now = self.accounts[table], Account()
        with writing(self.url, table, now):
            time.sleep(0.5)
            began = time.monotonic()
            move()
            seconds = time.monotonic() - began
            time.sleep(0.5)  # what waited for the end of the move gets its turn
        account.add(now)
        return Stall(seconds, now.longest, self._differences(table), now.errors)

    def _differences(self, table: str) -> list[str]:
        with self.app.app_context():
            try:
                return differences(self.db.engine, table, self.accounts[table])
            except ProgrammingError:
                return []  # while it is hidden, or deleted


def _measure(engine_name: str, rows: int, folder: Path) -> dict[str, dict[str, Any]]:
    contenders = {name: Written(name, engine_name, rows, folder) for name in ("stock", "rewind")}
    found: dict[str, dict[str, Any]] = {"no move": {}}
    for name, contender in contenders.items():
        contender.fill()
        found["no move"][name] = asdict(contender.watch("post", lambda: time.sleep(QUIET_SECONDS)))
    for case in CASES:
        for name, contender in contenders.items():
            for move, stall in contender.cross(case):
                found.setdefault(move, {})[name] = asdict(stall)
                print(f"{engine_name}, {name}: {move}", file=sys.stderr)
    return found


def main() -> None:
    """Measure each engine and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rows", type=int, default=500_000, help="of each table, about 400 bytes each")
    parser.add_argument("--engine", choices=ENGINES, action="append", help="may be given again (default: both)")
    parser.add_argument("--json", action="store_true", help="print JSON, for programs")
    arguments = parser.parse_args()
    logging.disable()
    warnings.simplefilter("ignore")  # Flask-Migrate's env.py asks for the old names first
    results = {}
    with tempfile.TemporaryDirectory() as folder, servers():
        for engine_name in arguments.engine or ENGINES:
            place = Path(folder) / engine_name
            place.mkdir()
            results[engine_name] = _measure(engine_name, arguments.rows, place)
    print(json.dumps(results, indent=2) if arguments.json else "\n".join(_lines(results, arguments.rows)))


def _lines(results: dict[str, dict[str, dict[str, Any]]], rows: int) -> Iterator[str]:
    for engine_name, found in results.items():
        yield f"{engine_name}, {rows:,} rows, four writers (milliseconds)"
        yield f"{'':<30}{'move':>18}{'longest wait':>22}{'accounts':>20}{'errors':>18}"
        yield f"{'':<30}" + "".join(f"{name:>{width}}" for width in (9, 11, 10, 9) for name in ("stock", "rewind"))
        for move, of in found.items():
            pair = [of["stock"], of["rewind"]]
            cells = [f"{each['seconds'] * 1000:>9.0f}" for each in pair]
            cells += [f"{each['longest'] * 1000:>11.0f}" for each in pair]
            cells += [f"{'wrong' if each['differences'] else 'right':>10}" for each in pair]
            cells += [f"{sum(each['errors'].values()):>9}" for each in pair]
            yield f"{move:<30}{''.join(cells)}"
        yield ""


if __name__ == "__main__":
    main()
