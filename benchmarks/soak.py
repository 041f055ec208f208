"""Tests the blog with many readers for minutes, with writes mixed in (`make bench-soak`).

wrk reads public pages with 200 connections from one core, and once a second somebody comments or publishes. Memory is
sampled every second. The exit code is 1 if a request failed, or if memory grew by more than a twentieth after the first
minute. With ``--reload`` the server gets a SIGHUP in the middle, which must not lose a request.
"""

import argparse
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from engines import ENGINES, servers
from generator import PASSWORD, Filled, filled_blog, url_of
from people import Person, Refused
from serving import LOAD_CORE, Served, blog_command, require_wrk, served
from words import Writer

CONNECTIONS = 200
GROWTH = 1.05
"""The growth of memory after the first minute that is accepted."""
BETWEEN = 1.1
"""Seconds between two writes; the two writers take turns."""
FIRST_MINUTE = 60


@dataclass
class _Samples:
    """Memory of all processes of a server, in MB, by the second."""

    server: Served
    megabytes: list[float] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def take(self) -> None:
        """Take samples until `ended` is set."""
        while not self.ended.wait(1):
            self.megabytes.append(self._now())

    def _now(self) -> float:
        total = 0
        for process in psutil.Process(self.server.process.pid).children(recursive=True):
            try:
                total += process.memory_info().rss
            except psutil.NoSuchProcess:  # a reload ended it
                continue
        return total / 1024**2


def main() -> None:
    """Serve a newly filled blog, load it, and report problems."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--engine", choices=ENGINES, default="sqlite")
    parser.add_argument("--posts", type=int, default=1_000)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--workers", type=int, default=0, help="processes of the server; 0: as it chooses")
    parser.add_argument("--reload", action="store_true", help="send a SIGHUP in the middle")
    asked = parser.parse_args()
    require_wrk()
    with servers(), _copy_of(asked.engine, asked.posts) as filled:
        environment = {
            "QINGBO_HOME": filled.home,
            "QINGBO_LINK_PREVIEWS": "false",
            "QINGBO_DATABASE_URL": url_of(filled),
        }
        with served(blog_command(asked.workers), environment, core=f"0-{(os.cpu_count() or 1) - 1}") as server:
            problems = _soak(server, filled, int(asked.minutes * 60), is_reloaded=asked.reload)
    if problems:
        sys.exit("\n".join(problems))


@contextmanager
def _copy_of(engine: str, posts: int) -> Iterator[Filled]:
    """Fill a blog only for this run, because writes stay in it."""
    filled = filled_blog(engine, posts, name="soak", with_search=posts <= 10_000, is_new=True)
    try:
        yield filled
    finally:
        shutil.rmtree(filled.home, ignore_errors=True)
        filled.file.unlink(missing_ok=True)


def _soak(server: Served, filled: Filled, seconds: int, *, is_reloaded: bool) -> list[str]:
    samples, problems = _Samples(server), []
    threads = [threading.Thread(target=samples.take)]
    refusals: list[str] = []
    threads.append(threading.Thread(target=_write, args=(server, filled, samples.ended, refusals)))
    for thread in threads:
        thread.start()
    command = ["taskset", "-c", LOAD_CORE, "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "10s"]
    load = subprocess.Popen(
        [*command, "--latency", "-s", str(Path(__file__).with_name("soak.lua")), server.url],
        stdout=subprocess.PIPE, text=True, env=os.environ | {"BENCH_PATHS": f"/ {filled.post} {filled.tag} /archive"},
    )  # fmt: skip
    if is_reloaded:
        time.sleep(seconds / 2)
        server.process.send_signal(signal.SIGHUP)
    said, _nothing = load.communicate()
    samples.ended.set()
    for thread in threads:
        thread.join()
    print(said)
    problems += [f"wrk: {line.strip()}" for line in said.splitlines() if re.search("Socket errors|Non-2xx", line)]
    problems += refusals
    problems += _growth(samples.megabytes)
    return problems


def _write(server: Served, filled: Filled, ended: threading.Event, refusals: list[str]) -> None:
    """Comment and publish in turn until `ended` is set."""
    commenter, publisher = Person(server.url, 0), Person(server.url, 1)
    writer, written = Writer(random.Random(5)), 0
    try:
        for number, person in enumerate((commenter, publisher), start=1):
            person.sign_in(f"author-{number}", PASSWORD)
            person.open_page(filled.post)
        while not ended.wait(BETWEEN):
            written += 1
            if written % 2:
                commenter.comment(filled.post, writer.remark())
            else:
                publisher.publish(writer.title(), writer.plain(400), writer.words[150])
    except (Refused, OSError) as error:
        refusals.append(f"Write {written + 1} failed: {error}")
    print(f"{written} comments and posts were written.")


def _growth(megabytes: list[float]) -> list[str]:
    """Print the memory, and return problems with it."""
    if len(megabytes) <= FIRST_MINUTE:
        print(f"Memory: {megabytes[-1]:.0f} MB. Growth is looked at after the first minute.")
        return []
    first, last = _middle(megabytes[FIRST_MINUTE : FIRST_MINUTE + 15]), _middle(megabytes[-15:])
    print(f"Memory: {first:.0f} MB after the first minute, {last:.0f} MB at the end, {max(megabytes):.0f} MB at most.")
    return [f"Memory grew from {first:.0f} MB to {last:.0f} MB."] if last > first * GROWTH else []


def _middle(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


if __name__ == "__main__":
    main()
