"""The servers of a benchmark, each on one core, and the load from wrk on another core."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

import psutil
from database_servers import free_port

SERVER_CORE, LOAD_CORE = "0", "1"
START_SECONDS = 60


@dataclass
class Served:
    """A running server."""

    url: str
    process: "subprocess.Popen[bytes]"

    @property
    def megabytes(self) -> float:
        """Memory of its largest worker."""
        workers = psutil.Process(self.process.pid).children(recursive=True)
        return max((each.memory_info().rss for each in workers), default=0) / 1024**2

    @property
    def processor_seconds(self) -> float:
        """CPU seconds of its workers."""
        workers = psutil.Process(self.process.pid).children(recursive=True)
        return sum(sum(each.cpu_times()[:2]) for each in workers)

    def wait_until_idle(self, most_seconds: int = 120) -> None:
        """Wait until its workers have done nothing for two seconds."""
        end, last = time.monotonic() + most_seconds, -1.0
        while time.monotonic() < end and (used := self.processor_seconds) > last + 0.1:
            last = used
            time.sleep(2)


@dataclass(frozen=True, slots=True)
class Load:
    """The results of wrk."""

    requests_per_second: float
    p50: float
    """In milliseconds, like the next one."""
    p99: float


@contextmanager
def served(command: list[str], environment: Mapping[str, str], *, core: str = SERVER_CORE) -> Iterator[Served]:
    """Run a server on a free port until the block ends."""
    port = free_port()
    process = subprocess.Popen(
        ["taskset", "-c", core, *command, "--port", str(port)],
        env={**os.environ, **environment},
        cwd=Path(__file__).parent,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    server = Served(f"http://127.0.0.1:{port}", process)
    try:
        _wait(server)
        yield server
    finally:
        process.terminate()
        process.wait(timeout=30)


def blog_command(workers: int = 1) -> list[str]:
    """Return the command that serves a blog; `served` adds the port. On one core it has one process, like a floor."""
    return [sys.executable, "-m", "qingbo", "serve", *(["--workers", str(workers)] if workers else [])]


def floor_command(name: str, threads: int) -> list[str]:
    """Return the command that serves a floor with the granian options of the blog; `served` adds the port."""
    command = [str(Path(sys.executable).with_name("granian")), "--interface", "wsgi", "--log-level", "error"]
    return [*command, "--blocking-threads", str(threads), name if ":" in name else f"floors:{name}"]


def require_wrk() -> None:
    """Exit if wrk is missing."""
    if shutil.which("wrk") is None:
        sys.exit("wrk is missing. On Debian: apt-get install wrk")


def load(url: str, seconds: float, connections: int, headers: Mapping[str, str] | None = None) -> Load:
    """Load a URL and return the results; exit if any answer is not a success."""
    asked = [word for name, value in (headers or {}).items() for word in ("-H", f"{name}: {value}")]
    command = ["taskset", "-c", LOAD_CORE, "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", *asked, url]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    if "Non-2xx" in done.stdout:
        sys.exit(f"{url} answered with errors:\n{done.stdout}")
    rate = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)
    return Load(float(rate[1]) if rate else 0.0, _milliseconds(done.stdout, "50%"), _milliseconds(done.stdout, "99%"))


def read(url: str, headers: Mapping[str, str] | None = None) -> bytes:
    """Return the answer of a URL."""
    with urlopen(Request(url, headers=dict(headers or {})), timeout=120) as answer:
        body: bytes = answer.read()
        return body


def _milliseconds(text: str, percentile: str) -> float:
    found = re.search(rf"{percentile}\s+([\d.]+)(us|ms|s|m)", text)
    return float(found[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}[found[2]] if found else 0.0


def _wait(server: Served) -> None:
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            read(f"{server.url}/")
            return
        except (URLError, ConnectionError):
            if server.process.poll() is not None or time.monotonic() > end:
                sys.exit(f"The server of {server.url} did not start.")
            time.sleep(0.05)
