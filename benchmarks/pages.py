"""How fast the pages are, as ratios to floors measured in the same run (`make bench`).

Served each on one core, loaded by wrk from the other:

* *bytes*: a WSGI function on granian that returns the very bytes of the page;
* *hello*: a Flask view on granian that returns "hello";
* *minimal*: a Flask page on granian with plain SQL and a Jinja template, with the same content from the same file;
* *made*: the blog, with each page made anew;
* *stored*: the blog as it is served, with its page cache.

The blog holds the Markdown files of a folder (``--posts``, by default ../shared/data/weekly where it is) and made
ones up to ``--count``. Needs wrk (Debian: wrk).
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psutil

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/support"))

from database_servers import free_port  # noqa: E402 - shared with the tests
from served_blog import qingbo  # noqa: E402

SERVER_CORE, LOAD_CORE = "0", "1"
CONNECTIONS = 8
FLOORS = {"bytes": "same_bytes", "hello": "hello", "minimal": "minimal"}
"""The names in the table, and in `floors`."""
BLOG = {"made": {"QINGBO_PAGE_CACHE_MEGABYTES": "0"}, "stored": {}}
"""The blog's, and what its environment says."""

THREADS = "4"
"""As many as the blog has on two cores."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What wrk and psutil say of one page on one server."""

    requests_per_second: float
    p50_milliseconds: float
    p99_milliseconds: float
    resident_megabytes: float


def main() -> None:
    """Build the blog, serve each contender, load each page, print the table."""
    arguments = _arguments()
    if shutil.which("wrk") is None:
        sys.exit("wrk is missing. On Debian: apt-get install wrk")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "blog"
        print(f"Building a blog of {arguments.count} posts ...", file=sys.stderr)
        pages = _build(home, arguments.posts, arguments.count)
        results = {page: _measure(home, page, path, arguments.seconds) for page, path in pages.items()}
    if arguments.json:
        print(json.dumps({page: {name: _as_dict(each) for name, each in row.items()} for page, row in results.items()}))
    else:
        _print(results)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--posts", type=Path, default=ROOT.parent / "shared/data/weekly", help="a folder of Markdown")
    parser.add_argument("--count", type=int, default=2000, help="how many posts in all")
    parser.add_argument("--seconds", type=int, default=5, help="how long each page is loaded")
    parser.add_argument("--json", action="store_true", help="print JSON, for programs")
    return parser.parse_args()


def _build(home: Path, posts: Path, count: int) -> dict[str, str]:
    """Make the blog and return the pages to load."""
    qingbo(home, "init")
    qingbo(home, "db", "upgrade")
    qingbo(home, "user", "create", "writer", "--password", "not a secret")
    real = len(list(posts.glob("*.md"))) if posts.is_dir() else 0
    made = home.with_name("made")
    made.mkdir()
    for number in range(max(0, count - real)):
        body = "\n\n".join([f"这是第 {number} 篇文章的一段正文，用来填满页面。Some **Latin** text, too."] * 20)
        (made / f"{number:05}.md").write_text(
            f"---\ntitle: 生成的文章 {number}\ndate: 2015-01-01 {number % 24:02}:{number // 24 % 60:02}\n"
            f"tags: [标签 {number % 7}, all]\n---\n{body}\n"
        )
    for folder in ([posts] if real else []) + [made]:
        qingbo(home, "import", "markdown", str(folder), "--author", "writer")
    with _served(home, "stored", "/") as url:
        home_page = _read(f"{url}/")
        post = re.search(r'href="(/posts/[^"]+)"', home_page)
        if post is None:
            sys.exit("The blog has no posts.")
        return {"home": "/", "post": post[1], "tag": "/tags/all", "feed": "/feed.atom"}


def _measure(home: Path, page: str, path: str, seconds: int) -> dict[str, Figures]:
    with _served(home, "stored", path) as url:
        _body(home).write_text(_read(url + path))
    results = {}
    for name in (*FLOORS, *BLOG):
        print(f"Loading {page} of {name} ...", file=sys.stderr)
        with _served(home, name, path) as url:
            results[name] = _load(url + (path if name in BLOG else "/"), seconds, name)
    return results


@contextmanager
def _served(home: Path, name: str, path: str) -> Iterator[str]:
    """Serve one contender on its core."""
    port = free_port()
    environment = os.environ | {"QINGBO_HOME": str(home), "BENCH_PATH": path, "BENCH_BODY": str(_body(home))}
    environment |= {"BENCH_DATABASE": str(home / "qingbo.db")} | BLOG.get(name, {})
    if name in BLOG:
        command = [sys.executable, "-m", "qingbo", "serve", "--port", str(port)]
    else:
        command = [str(Path(sys.executable).with_name("granian")), "--interface", "wsgi", "--port", str(port)]
        command += ["--blocking-threads", THREADS, "--log-level", "error", f"floors:{FLOORS[name]}"]
    command = ["taskset", "-c", SERVER_CORE, *command]
    process = subprocess.Popen(command, env=environment, cwd=Path(__file__).parent, stdout=subprocess.DEVNULL)
    try:
        _wait(f"http://127.0.0.1:{port}/", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=20)


def _body(home: Path) -> Path:
    return home.with_name("body.html")


def _load(url: str, seconds: int, name: str) -> Figures:
    _read(url)
    command = ["taskset", "-c", LOAD_CORE, "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", url]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    if "Non-2xx" in done.stdout:
        sys.exit(f"{name} answered with errors:\n{done.stdout}")
    rate = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)
    return Figures(
        float(rate[1]) if rate else 0.0, _latency(done.stdout, "50%"), _latency(done.stdout, "99%"), _resident(url)
    )


def _latency(text: str, percentile: str) -> float:
    found = re.search(rf"{percentile}\s+([\d.]+)(us|ms|s)", text)
    if found is None:
        return 0.0
    return float(found[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[found[2]]


def _resident(url: str) -> float:
    """Return the memory of the process that listens there and of its workers, in MB."""
    port = int(url.split(":")[2].split("/")[0])
    total = 0
    for process in psutil.process_iter(["cmdline"]):
        if str(port) in (process.info["cmdline"] or []) and "taskset" not in (process.info["cmdline"] or [""])[0]:
            total = max(total, sum(each.memory_info().rss for each in process.children(recursive=True)))
    return total / 1024**2


def _print(results: dict[str, dict[str, Figures]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title="Pages: requests/s, latency, memory of the workers; the blog as a ratio to each floor")
    for column in ("page", "server", "requests/s", "p50 ms", "p99 ms", "RSS MB", *(f"{name} / this" for name in BLOG)):
        table.add_column(column, justify="left" if column in {"page", "server"} else "right")
    for page, row in results.items():
        for name, figures in row.items():
            ratios = [row[each].requests_per_second / figures.requests_per_second for each in BLOG]
            values = (figures.requests_per_second, figures.p50_milliseconds, figures.p99_milliseconds)
            shown = [f"{value:,.1f}" for value in (*values, figures.resident_megabytes)]
            table.add_row(page, name, *shown, *(f"{ratio:.3f}" for ratio in ratios), end_section=name == "stored")
    Console(width=110).print(table)


def _as_dict(figures: Figures) -> dict[str, float]:
    return {name: getattr(figures, name) for name in Figures.__slots__}


def _read(url: str) -> str:
    with urlopen(url, timeout=10) as answer:
        text: str = answer.read().decode()
        return text


def _wait(url: str, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + 30
    while True:
        try:
            _read(url)
            return
        except (URLError, ConnectionError):
            if process.poll() is not None or time.monotonic() > end:
                sys.exit(f"The server of {url} did not start.")
            time.sleep(0.1)


if __name__ == "__main__":
    main()
