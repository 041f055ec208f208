"""Measures `qingbo backup` and `qingbo restore`: seconds and peak memory, beside a floor (`make bench-backup`).

The floor reads every table of the same database by SELECT, 100 rows at a time, and pickles the rows into a gzip file;
then it reads that file and inserts the rows into a new blog, 500 at a time, in one transaction. It verifies nothing,
works on one engine only and fills no search index.

Each is a process of its own. Peak memory is VmHWM of /proc: the most that the process had in RAM since it started.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from engines import ENGINES, KEPT, database_url, server_versions, servers
from generator import Filled, filled_blog, url_of

WANTED_MEGABYTES = 512
"""The most memory that a backup or a restore may take, whatever the size of the blog."""

_MEASURED = """
import pathlib, re, sys, time
file, program = sys.argv[1], sys.argv[2]
sys.argv[1:] = sys.argv[3:]
begun = time.perf_counter()
try:
    if program == "qingbo":
        from qingbo.__main__ import main
        main()
    else:
        exec(program, {})
finally:
    most = re.search(r"VmHWM:\\s*(\\d+) kB", pathlib.Path("/proc/self/status").read_text())[1]
    pathlib.Path(file).write_text(f"{time.perf_counter() - begun} {most}")
"""
_DUMP = """
import gzip, pickle, sys
import sqlalchemy as sa
engine, tables = sa.create_engine(sys.argv[1]), sa.MetaData()
tables.reflect(engine, resolve_fks=False)
with engine.connect() as connection, gzip.open(sys.argv[2], "wb", 6) as file:
    for table in tables.sorted_tables:
        if not table.name.startswith(("rewind_", "alembic_", "post_words", "comment_words")):
            rows = connection.execute(sa.select(table).execution_options(yield_per=100)).mappings()
            for part in rows.partitions():
                pickle.dump((table.name, [dict(row) for row in part]), file)
"""
_LOAD = """
import gzip, pickle, sys
import sqlalchemy as sa
engine, tables = sa.create_engine(sys.argv[1]), sa.MetaData()
tables.reflect(engine)
with engine.begin() as connection, gzip.open(sys.argv[2]) as file:
    if engine.dialect.name == "mysql":
        connection.exec_driver_sql("SET foreign_key_checks = 0")
    for table in reversed(tables.sorted_tables):
        if not table.name.startswith(("rewind_", "alembic_", "post_words", "comment_words")):
            connection.execute(table.delete())
    while True:
        try:
            name, rows = pickle.load(file)
        except EOFError:
            break
        if not name.endswith("_search"):
            connection.execute(tables.tables[name].insert(), rows)
"""


@dataclass(frozen=True, slots=True)
class Measured:
    """What a process took."""

    seconds: float
    megabytes: float


def main() -> None:
    """Measure the chosen engines and sizes, and print a line for each."""
    asked = _arguments()
    found = []
    with servers():
        for engine in asked.engine:
            for posts in asked.posts:
                found += _measure_blog(filled_blog(engine, posts, with_search=False), as_json=asked.json)
    if asked.json:
        print(json.dumps(found, indent=1))
    if above := [each for each in found if each["own"]["megabytes"] > WANTED_MEGABYTES]:
        sys.exit(f"{len(above)} of {len(found)} took more than {WANTED_MEGABYTES} MB.")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=main.__doc__, epilog="Lists are separated by commas.")
    parser.add_argument("--engine", type=lambda text: text.split(","), default=list(ENGINES))
    parser.add_argument("--posts", type=lambda text: [int(each) for each in text.split(",")], default=[100_000])
    parser.add_argument("--json", action="store_true", help="print JSON, for programs")
    return parser.parse_args()


def _measure_blog(filled: Filled, *, as_json: bool) -> list[dict[str, Any]]:
    url = url_of(filled)
    found: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(dir=KEPT) as folder:
        archive, dump = Path(folder) / "blog.zip", Path(folder) / "dump.gz"
        own = _run("qingbo", "--home", filled.home, "backup", str(archive), url=url)
        found.append(_line(filled, "backup", own, _run(_DUMP, url, str(dump)), as_json=as_json))
        with_new = _new_blog(filled, "target"), _new_blog(filled, "floor")
        own = _run("qingbo", "--home", str(with_new[0][0]), "restore", str(archive), url=with_new[0][1])
        floor = _run(_LOAD, with_new[1][1], str(dump))
        found.append(_line(filled, "restore", own, floor, as_json=as_json))
        if not as_json:
            print(f"  {server_versions(url)}; archive {archive.stat().st_size / 1e6:.1f} MB", flush=True)
        for home, _address in with_new:
            shutil.rmtree(home)
    return found


def _new_blog(filled: Filled, name: str) -> tuple[Path, str]:
    """Make a new blog with a schema and without posts, and return its data folder and the URL of its database."""
    home = KEPT / f"{filled.engine}-backup-{name}"
    shutil.rmtree(home, ignore_errors=True)
    address = database_url(filled.engine, f"qingbo_backup_{name}", home, is_new=True)
    for words in (["init"], ["upgrade"]):
        _run("qingbo", "--home", str(home), *words, url=address)
    return home, address


def _run(program: str, *words: str, url: str = "") -> Measured:
    with tempfile.NamedTemporaryFile("r") as file:
        command = [sys.executable, "-c", _MEASURED, file.name, program, *words]
        environment = os.environ | ({"QINGBO_DATABASE_URL": url} if url else {})
        begun = time.perf_counter()
        done = subprocess.run(command, check=False, env=environment, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{' '.join(words)} failed:\n{done.stderr}")
        kilobytes = int(file.read().split()[1])
        return Measured(round(time.perf_counter() - begun, 2), round(kilobytes / 1024, 1))


def _line(filled: Filled, what: str, own: Measured, floor: Measured, *, as_json: bool) -> dict[str, Any]:
    if not as_json:
        print(
            f"{filled.engine:10} {filled.posts:7} posts  {what:7}  {own.seconds:7.1f} s  {own.megabytes:5.0f} MB   "
            f"floor {floor.seconds:6.1f} s  {floor.megabytes:5.0f} MB   {own.seconds / floor.seconds:4.1f} times",
            flush=True,
        )
    return {
        "engine": filled.engine, "posts": filled.posts, "what": what, "own": asdict(own), "floor": asdict(floor)
    }  # fmt: skip


if __name__ == "__main__":
    main()
