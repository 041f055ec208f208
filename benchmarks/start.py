"""Measures how long the blog takes to start, compared with a floor in the same run (`make bench-start`).

* *import*: ``import qingbo.app`` in a new process, compared with importing Flask, SQLAlchemy's ORM and granian;
* *first page*: from the command to the first page, `qingbo serve` compared with granian and a Flask page of one word.

The blog and the floor are measured in turn. The table has the median, the minimum and the maximum of each. Bytecode is
compiled first. Other programs on the machine affect the wall clock, so the CPU seconds of all processes are also shown.
"""

import argparse
import compileall
import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/support"))

from database_servers import free_port  # noqa: E402 - shared with the tests
from served_blog import qingbo  # noqa: E402

WANTED = {"import": 0.5, "first page": 1.0}
"""The longest wait for a page, in seconds."""

FLOOR = "flask, sqlalchemy.orm, granian"
GIVE_UP_SECONDS = 60
_TIMED = (
    "import time; wall, cpu = time.perf_counter(), time.process_time(); import {modules}; "
    "print(time.perf_counter() - wall, time.process_time() - cpu)"
)


def main() -> None:
    """Measure, and print the table."""
    arguments = _arguments()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    for source in ROOT.glob("packages/*/src"):
        compileall.compile_dir(source, quiet=2)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "blog"
        qingbo(home, "init")
        qingbo(home, "demo")
        page = Path(folder) / "hello.py"
        page.write_text('import sqlalchemy.orm\nfrom flask import Flask\n\napp = Flask("hello")\napp.get("/")(str)\n')
        _first_page(_own(home), home)  # fills caches at the first start
        rounds = [_round(home, page) for _ in range(arguments.rounds)]
    figures = {name: [each[name] for each in rounds] for name in rounds[0]}
    print(json.dumps(figures) if arguments.json else _table(figures))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=5, help="how often each is measured")
    parser.add_argument("--json", action="store_true", help="print JSON, for programs")
    return parser.parse_args()


def _round(home: Path, page: Path) -> dict[str, float]:
    floor_wall, floor_cpu = _import(FLOOR)
    wall, cpu = _import("qingbo.app")
    granian = [str(Path(sys.executable).with_name("granian")), "--interface", "wsgi", "--log-level", "error"]
    floor_page, floor_page_cpu = _first_page([*granian, f"{page.stem}:app"], page.parent)
    first_page, first_page_cpu = _first_page(_own(home), page.parent)
    return {
        "import, floor": floor_wall,
        "import": wall,
        "import, floor, CPU": floor_cpu,
        "import, CPU": cpu,
        "first page, floor": floor_page,
        "first page": first_page,
        "first page, floor, CPU": floor_page_cpu,
        "first page, CPU": first_page_cpu,
    }


def _own(home: Path) -> list[str]:
    return [sys.executable, "-m", "qingbo", "--home", str(home), "serve", "--workers", "1"]


def _import(modules: str) -> tuple[float, float]:
    command = [sys.executable, "-c", _TIMED.format(modules=modules)]
    wall, cpu = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return float(wall), float(cpu)


def _first_page(command: list[str], folder: Path) -> tuple[float, float]:
    """Return the seconds until the first page, and the CPU seconds for it."""
    port = free_port()
    began = time.perf_counter()
    process = subprocess.Popen([*command, "--port", str(port)], cwd=folder, stdout=subprocess.DEVNULL)
    try:
        while time.perf_counter() - began < GIVE_UP_SECONDS and process.poll() is None:
            if _answers(port):
                return time.perf_counter() - began, _processor_seconds(process.pid)
            time.sleep(0.005)
        sys.exit(f"No page came: {' '.join(command)}")
    finally:
        process.terminate()
        process.wait(timeout=20)


def _processor_seconds(number: int) -> float:
    main_process = psutil.Process(number)
    times = [each.cpu_times() for each in (main_process, *main_process.children(recursive=True))]
    return sum(each.user + each.system for each in times)


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=GIVE_UP_SECONDS)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _table(figures: dict[str, list[float]]) -> str:
    lines = [f"{'seconds':24}{'median':>8}{'least':>8}{'most':>8}{'wanted':>8}"]
    for name, values in figures.items():
        wanted = f"{WANTED[name]:8.1f}" if name in WANTED else ""
        lines.append(f"{name:24}{statistics.median(values):8.2f}{min(values):8.2f}{max(values):8.2f}{wanted}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
