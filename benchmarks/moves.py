"""Compares the cost of moves with stock Flask-Migrate, measured in the same run (`make bench-moves`).

Both move the same table on the same server, in separate databases: a column dropped and brought back, a column added,
dropped and added again, the same with a column that the script fills, a column renamed, an index, a table dropped and
brought back. Rewind also moves a small table, to show costs that grow with the rows. While each move runs, another
process updates rows one by one, 200 a second, and records its longest wait.

SQLite is measured without the copy of the file that Rewind makes before a move by default, because it copies all rows
whatever the move.
"""

import argparse
import json
import logging
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import flask_migrate
import flask_rewind
import sqlalchemy as sa
from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from moves_history import REVISIONS, scripts

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/support"))

from database_servers import ENGINES, FOLDER, empty_database, stop_servers  # noqa: E402 - shared with the tests

SMALL = 1_000
WRITES_PER_SECOND = 200

_COLUMNS = "id, title, body, mood, views"
_ROWS = {
    "sqlite": (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})"
        f" INSERT INTO post ({_COLUMNS}) SELECT i, 'title ' || i, printf('%.330c', 'x'), 'mood ' || (i % 90), i FROM n"
    ),
    "mariadb": (
        f"INSERT INTO post ({_COLUMNS})"
        " SELECT seq, CONCAT('title ', seq), REPEAT('x', 330), CONCAT('mood ', seq % 90), seq FROM seq_1_to_{rows}"
    ),
    "postgresql": (
        f"INSERT INTO post ({_COLUMNS})"
        " SELECT i, 'title ' || i, repeat('x', 330), 'mood ' || (i % 90), i FROM generate_series(1, {rows}) i"
    ),
}
_CREATE = """
    op.create_table(
        "post", sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False), sa.Column("title", sa.String(60)),
        sa.Column("body", sa.Text()), sa.Column("mood", sa.String(40)), sa.Column("views", sa.Integer()),
    )
    op.create_table("hits", sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
                    sa.Column("views", sa.Integer()))"""
_BATCH = 'with op.batch_alter_table("post") as block:\n        block.'
_ADD = f'{_BATCH}add_column(sa.Column("{{}}", sa.String(40)))'
_DROP = f'{_BATCH}drop_column("{{}}")'
_RENAME = f'{_BATCH}alter_column("{{}}", new_column_name="{{}}", existing_type=sa.String(60))'


@dataclass(frozen=True, slots=True)
class Case:
    """One revision, and the timed moves over it."""

    name: str
    up: str
    down: str
    moves: tuple[str, ...] = ("up", "down")


CASES = (
    Case("drop a column, bring it back", _DROP.format("mood"), _ADD.format("mood")),
    Case("add a column, take it away, add it again", _ADD.format("note"), _DROP.format("note"), ("up", "down", "up")),
    Case(
        "add and fill a column, drop it, add it again",
        _ADD.format("slug") + '\n    op.execute("UPDATE post SET slug = lower(title)")',
        _DROP.format("slug"),
        ("up", "down", "up"),
    ),
    Case("rename a column", _RENAME.format("title", "name"), _RENAME.format("name", "title")),
    Case("index", 'op.create_index("ix_views", "post", ["views"])', 'op.drop_index("ix_views", "post")'),
    Case("drop a table, bring it back", 'op.drop_table("post")', _CREATE.partition('\n    op.create_table("hits"')[0]),
)


@dataclass(frozen=True, slots=True)
class Timing:
    """How long a move took, and how long a writer had to wait during it."""

    seconds: float
    stall: float


class Contender:
    """An app with one of the two extensions, on a separate database."""

    def __init__(self, name: str, engine_name: str, rows: int, folder: Path) -> None:
        self._verbs: Any = flask_rewind if name == "rewind" else flask_migrate
        self._rows = rows
        self._engine_name = engine_name
        self.url = f"sqlite:///{folder}/{name}-{rows}.db"
        if engine_name != "sqlite":
            self.url = empty_database(engine_name, f"rewind_test_bench_{name}_{rows}")
        app = Flask(name)
        app.config["SQLALCHEMY_DATABASE_URI"] = self.url
        if name == "rewind":
            app.config["REWIND_SQLITE_COPIES"] = 0
        self.db = SQLAlchemy(app)
        self.directory = folder / f"{name}-{rows}"
        extension = flask_rewind.Rewind if name == "rewind" else Migrate
        extension(app, self.db, directory=str(self.directory))
        self.app = app
        with app.app_context(), redirect_stdout(StringIO()):  # it prints each file
            flask_migrate.init()
        self.count = 0

    def revision(self, up: str, down: str) -> None:
        """Write a revision after the last one."""
        parent, self.count = self.count, self.count + 1
        (self.directory / "versions" / f"{self.count}.py").write_text(
            f"import sqlalchemy as sa\nfrom alembic import op\n\nrevision = '{self.count}'\n"
            f"down_revision = {repr(str(parent)) if parent else None}\n\n\n"
            f"def upgrade():\n    {up.strip()}\n\n\ndef downgrade():\n    {down.strip()}\n"
        )

    def fill(self) -> None:
        """Create the table and its rows."""
        self.revision(_CREATE, "pass")
        self.move("up")
        with self.app.app_context(), self.db.engine.begin() as connection:
            connection.exec_driver_sql(_ROWS[self._engine_name].format(rows=self._rows).replace(" % ", self._percent()))
            connection.exec_driver_sql("INSERT INTO hits (id, views) VALUES (1, 0)")
        with self.app.app_context():
            self.db.engine.dispose()

    def _percent(self) -> str:
        return " % " if self._engine_name == "sqlite" else " %% "

    def move(self, direction: str, **options: Any) -> float:
        """Cross one revision and return the seconds."""
        with self.app.app_context():
            begun = time.monotonic()
            if direction == "up":
                self._verbs.upgrade(**options)
            else:
                self._verbs.downgrade(**options)
            return time.monotonic() - begun

    def time(self, case: Case) -> list[Timing]:
        """Write the revision of a case, make its moves, and delete it again."""
        self.revision(case.up, case.down)
        table = "hits" if "table" in case.name else "post"
        timings = [self._time(direction, table) for direction in case.moves]
        if case.moves[-1] == "up":
            self.move("down")
        (self.directory / "versions" / f"{self.count}.py").unlink()
        self.count -= 1
        return timings

    def _time(self, direction: str, table: str) -> Timing:
        with _writer(self.url, table) as stall:
            seconds = self.move(direction)
        return Timing(seconds, stall())


@contextmanager
def _writer(url: str, table: str) -> Iterator[Callable[[], float]]:
    """Have another process write while the block runs, and yield its longest wait in seconds."""
    process = subprocess.Popen(
        [sys.executable, __file__, "--write", url, table], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    if process.stdout is None:
        raise RuntimeError("the writer has no output")
    process.stdout.readline()  # it has written the first row
    found: list[float] = []
    yield lambda: found[0]
    time.sleep(0.2)  # let writes that waited for the end of the move finish
    output, _ = process.communicate("stop\n")
    found.append(float(output))


def _write(url: str, table: str) -> None:
    engine = sa.create_engine(url, connect_args={"timeout": 600} if url.startswith("sqlite") else {})
    longest, number = 0.0, 0
    with engine.connect() as connection:
        while not select.select([sys.stdin], [], [], 0)[0]:
            begun = time.monotonic()
            number = number % SMALL + 1
            connection.exec_driver_sql(f"UPDATE {table} SET views = views + 1 WHERE id = {number}")
            connection.commit()
            spent = time.monotonic() - begun
            longest = max(longest, spent)
            if number == 1:
                print("writing", flush=True)
            time.sleep(max(0.0, 1 / WRITES_PER_SECOND - spent))
    print(longest)


def _measure(engine_name: str, rows: int, folder: Path) -> dict[str, Any]:
    contenders = {name: Contender(name, engine_name, rows, folder) for name in ("rewind", "stock")}
    small = Contender("rewind", engine_name, SMALL, folder)
    for each in (*contenders.values(), small):
        each.fill()
    found: dict[str, Any] = {}
    for case in CASES:
        print(f"{engine_name}: {case.name} ...", file=sys.stderr)
        timings = {name: each.time(case) for name, each in contenders.items()}
        at_small = small.time(case)
        for place, direction in enumerate(case.moves):
            rewind, stock = timings["rewind"][place], timings["stock"][place]
            found[f"{case.name}: {place + 1}. {direction}"] = {
                "stock": stock.seconds,
                "rewind": rewind.seconds,
                "ratio": rewind.seconds / stock.seconds,
                "stall_stock": stock.stall,
                "stall_rewind": rewind.stall,
                "rewind_small": at_small[place].seconds,
            }
    return found


def _measure_history(engine_name: str, folder: Path) -> dict[str, float]:
    """Upgrade an empty database over many revisions; the median of three for each."""
    seconds: dict[str, list[float]] = {"rewind": [], "stock": []}
    for attempt in range(3):
        for name, spent in seconds.items():
            each = Contender(name, engine_name, attempt, folder)
            for up in scripts():
                each.revision(up, "pass")
            spent.append(each.move("up"))
            shutil.rmtree(each.directory)
    medians = {name: sorted(spent)[1] for name, spent in seconds.items()}
    return medians | {"ratio": medians["rewind"] / medians["stock"]}


def main() -> None:
    """Measure each engine and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rows", type=int, default=1_000_000, help="of the large table, about 400 bytes each")
    parser.add_argument("--engine", choices=ENGINES, action="append", help="may be given again (default: all)")
    parser.add_argument("--history", action="store_true", help=f"measure only the move of {REVISIONS} revisions")
    parser.add_argument("--json", action="store_true", help="print JSON, for programs")
    parser.add_argument("--write", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.write:
        _write(*arguments.write)
        return
    logging.disable()
    warnings.simplefilter("ignore")  # Flask-Migrate's env.py tries the old names first
    with tempfile.TemporaryDirectory() as folder, servers():
        results = {
            engine_name: {
                "moves": {}
                if arguments.history
                else _measure(engine_name, arguments.rows, _made(Path(folder) / engine_name)),
                f"{REVISIONS} revisions": _measure_history(engine_name, _made(Path(folder) / f"{engine_name}-history")),
            }
            for engine_name in arguments.engine or ENGINES
        }
    print(json.dumps(results, indent=2) if arguments.json else _as_text(results, arguments.rows))


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


@contextmanager
def servers() -> Iterator[None]:
    """Let servers of this run alone be started as they are needed, and end them afterwards."""
    os.environ[FOLDER] = tempfile.mkdtemp(prefix="qingbo-bench-")
    Path(os.environ[FOLDER]).chmod(0o755)  # a server of another user works inside
    try:
        yield
    finally:
        stop_servers()


def _as_text(results: dict[str, Any], rows: int) -> str:
    lines = []
    for engine_name, found in results.items():
        lines += [f"{engine_name}, {rows:,} rows (seconds)", ""]
        lines.append(f"{'':<52}{'stock':>8}{'rewind':>8}{'ratio':>7}{'stall':>8}{'stall':>8}{f'{SMALL:,}':>8}")
        lines.append(f"{'':<52}{'':>8}{'':>8}{'':>7}{'stock':>8}{'rewind':>8}{'rewind':>8}")
        for name, row in found["moves"].items():
            ratio = f"{row['ratio']:.2f}"
            figures = (row["stall_stock"], row["stall_rewind"], row["rewind_small"])
            rest = "".join(f"{each:>8.2f}" for each in figures)
            lines.append(f"{name:<52}{row['stock']:>8.2f}{row['rewind']:>8.2f}{ratio:>7}{rest}")
        history = found[f"{REVISIONS} revisions"]
        named = f"{REVISIONS} revisions on an empty database"
        lines.append(f"{named:<52}{history['stock']:>8.2f}{history['rewind']:>8.2f}{history['ratio']:>7.2f}")
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
