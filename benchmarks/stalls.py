"""How long writers wait while tables are moved, beside stock Flask-Migrate in the same run (`make bench-stalls`).

Four programs write into large tables and keep accounts (tests/support/under_load), while a revision is crossed up,
down, and up again. The table shows how long each move took, the longest that one transaction of a writer took
meanwhile, and whether all rows are those of the accounts after the way back. A star marks what waits for longer than it
should where a column or table is hidden, returns, is added or gets another name. ``no move`` is what the longest
transaction takes without one: on a busy machine that is a lot.

SQLite has one writer at a time: everybody waits until the transaction of a move is over.
"""

import argparse
import json
import logging
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from moves import Contender, servers

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/support"))

from database_servers import ENGINES  # noqa: E402 - shared with the tests
from under_load.accounts import Account, differences  # noqa: E402
from under_load.kinds import KINDS_UNDER_LOAD, SCHEMA_UNDER_LOAD, LoadedKind  # noqa: E402
from under_load.tables import fill  # noqa: E402
from under_load.writing import Writers  # noqa: E402

WRITERS = 4
AIM_SECONDS = 0.25
QUICK = (
    "a column",
    "a column that is never null",
    "a unique column",
    "a new column",
    "a new column that is never null",
    "another name of a column",
    "a table",
    "a new table",
    "new names",
)
"""Kinds of operations that hide something, bring it back, add it or give it another name."""
KINDS = (*QUICK, "a type that needs other rows", "a column that may be null", "indexes", "constraints")
LEGS = ("up", "down", "up")
NO_MOVE = "no move"
BESIDE_SECONDS = 0.4
"""How long programs write before and after a move."""


@dataclass
class Stall:
    """What a move took, and the longest transaction of a writer meanwhile, in seconds."""

    move: float
    longest: float


@dataclass
class Outcome:
    """How a contender made the moves of a kind."""

    stalls: dict[str, Stall] = field(default_factory=dict)
    """By the leg."""
    differences: list[str] = field(default_factory=list)
    """In what the tables differ from the accounts."""
    errors: dict[str, int] = field(default_factory=dict)
    """Of the writers' statements, by number."""
    failure: str = ""
    """The error of the move itself."""


class Written(Contender):
    """An app whose tables are written to while they are moved."""

    accounts: list[Account]

    def fill(self) -> None:
        """Make the tables and their rows."""
        self.revision(_indented(SCHEMA_UNDER_LOAD), "pass")
        self.move("up")
        with self.app.app_context():
            fill(self.db.engine, self._rows)

    def cross(self, kind: LoadedKind, writers: Writers) -> Outcome:
        """Make the moves of a kind while programs write, and go back without them."""
        self.revision(_indented(kind.up), _indented(kind.down))
        outcome, windows = Outcome(), []
        try:
            with writers.writing(self.url, kind.tables, self._rows, self.accounts):
                for number, direction in enumerate(LEGS, 1):
                    time.sleep(BESIDE_SECONDS)
                    windows.append((f"{number}. {direction}", *self._timed(direction, kind)))
                time.sleep(BESIDE_SECONDS)
            self._timed("down", kind)
            outcome.differences = self._differences()
        except Exception as error:  # noqa: BLE001 - stock cannot do everything; it is written down
            outcome.failure = f"{type(error).__name__}: {error}"
        (self.directory / "versions" / f"{self.count}.py").unlink()
        self.count -= 1
        outcome.stalls = {leg: Stall(end - begin, self._longest(begin, end)) for leg, begin, end in windows}
        outcome.errors = dict(sum((account.errors for account in self.accounts), start=Counter[str]()))
        return outcome

    def _timed(self, direction: str, kind: LoadedKind) -> tuple[float, float]:
        """Cross the revision, and return when that began and ended."""
        needs_fill = direction == "down" and kind.fill and self.app.name == "rewind"
        began = time.monotonic()
        self.move(direction, **({"fill": kind.fill} if needs_fill else {}))
        return began, time.monotonic()

    def idle(self, writers: Writers) -> Outcome:
        """Let programs write without a move."""
        with writers.writing(self.url, ("post",), self._rows, self.accounts):
            began = time.monotonic()
            time.sleep(3 * BESIDE_SECONDS)
            ended = time.monotonic()
        return Outcome({"": Stall(ended - began, self._longest(began, ended))}, self._differences())

    def _longest(self, begin: float, end: float) -> float:
        spans = (span for account in self.accounts for span in account.spans)
        return max((ended - began for began, ended in spans if began < end and ended > begin), default=0.0)

    def _differences(self) -> list[str]:
        with self.app.app_context():
            return differences(self.db.engine, self.accounts, self._rows)


def _indented(script: str) -> str:
    return script.strip().replace("\n", "\n    ")


class Side:
    """One of the two contenders; it begins anew after it has lost something."""

    def __init__(self, name: str, engine_name: str, rows: int, folder: Path, writers: Writers) -> None:
        self._made_by = (name, engine_name, rows)
        self._folder = folder
        self._writers = writers
        self._number = 0
        self._contender: Written | None = None

    def measure(self, kind: str) -> Outcome:
        """Make the moves of a kind."""
        contender = self._contender or self._begin()
        outcome = (
            contender.idle(self._writers) if kind == NO_MOVE else contender.cross(KINDS_UNDER_LOAD[kind], self._writers)
        )
        if outcome.failure or outcome.differences:
            self.end()
        return outcome

    def end(self) -> None:
        """Close its connections."""
        if self._contender:
            with self._contender.app.app_context():
                self._contender.db.engine.dispose()
            self._contender = None

    def _begin(self) -> Written:
        self._number += 1
        folder = self._folder / str(self._number)
        folder.mkdir(parents=True)
        self._contender = Written(*self._made_by, folder)
        self._contender.accounts = self._writers.accounts()
        self._contender.fill()
        return self._contender


def _measure(engine_name: str, rows: int, kinds: Sequence[str], folder: Path, writers: Writers) -> dict[str, Any]:
    sides = {name: Side(name, engine_name, rows, folder / engine_name / name, writers) for name in ("stock", "rewind")}
    found: dict[str, Any] = {}
    for kind in (NO_MOVE, *kinds):
        for name, side in sides.items():
            began = time.monotonic()
            found.setdefault(kind, {})[name] = asdict(side.measure(kind))
            print(f"{engine_name}, {name}: {kind} ({time.monotonic() - began:.0f} s)", file=sys.stderr)
    for side in sides.values():
        side.end()
    return found


def main() -> None:
    """Measure each engine and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rows", type=int, default=500_000, help="of each table, about 250 bytes each in the largest")
    parser.add_argument("--engine", choices=ENGINES, action="append", help="may be given again (default: all)")
    parser.add_argument("--kind", choices=[*KINDS_UNDER_LOAD], action="append", help=f"default: {', '.join(KINDS)}")
    parser.add_argument("--json", action="store_true", help="print JSON, for programs")
    arguments = parser.parse_args()
    logging.disable()
    warnings.simplefilter("ignore")  # Flask-Migrate's env.py tries the old names first
    results = {}
    writers = Writers(WRITERS)
    with tempfile.TemporaryDirectory() as folder, servers():
        for engine_name in arguments.engine or ENGINES:
            kinds = [each for each in arguments.kind or KINDS if engine_name in KINDS_UNDER_LOAD[each].engines]
            results[engine_name] = _measure(engine_name, arguments.rows, kinds, Path(folder), writers)
            if not arguments.json:
                print("\n".join(_lines(engine_name, results[engine_name], arguments.rows)), flush=True)
    writers.end()
    if arguments.json:
        print(json.dumps(results, indent=2))
    if any(_account(of["rewind"]) != "right" for found in results.values() for of in found.values()):
        sys.exit("With Flask-Rewind, a move failed or rows were lost. --json shows which.")


def _lines(engine_name: str, found: dict[str, dict[str, Any]], rows: int) -> Iterator[str]:
    yield f"{engine_name}, {rows:,} rows, {WRITERS} writers (milliseconds)"
    yield f"{'':<42}{'move':>16}{'longest wait':>19}{'':>7}{'accounts':>17}"
    yield f"{'':<42}{'stock':>8}{'rewind':>8}{'stock':>9}{'rewind':>10}{'ratio':>7}{'stock':>9}{'rewind':>8}"
    for kind, of in found.items():
        for leg in {**of["stock"]["stalls"], **of["rewind"]["stalls"]}:
            yield _line(kind, leg, of)
    yield ""


def _line(kind: str, leg: str, of: dict[str, dict[str, Any]]) -> str:
    pair = [of[name]["stalls"].get(leg) for name in ("stock", "rewind")]
    moves, waits = ([each and each[what] for each in pair] for what in ("move", "longest"))
    ratio = f"{waits[1] / waits[0]:.2f}" if all(waits) else ""
    star = "*" if kind in QUICK and waits[1] and waits[1] > AIM_SECONDS else " "
    words = [_account(of[name]) for name in ("stock", "rewind")]
    cells = [f"{_ms(each):>8}" for each in moves] + [f"{_ms(waits[0]):>9}{_ms(waits[1]):>9}{star}"]
    return f"{f'{kind}: {leg}'.removesuffix(': '):<42}{''.join(cells)}{ratio:>7}{words[0]:>9}{words[1]:>8}"


def _ms(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds * 1000:.0f}"


def _account(outcome: dict[str, Any]) -> str:
    if outcome["failure"]:
        return "failed"
    return "wrong" if outcome["differences"] else "right"


if __name__ == "__main__":
    main()
