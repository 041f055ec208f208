"""Measures how fast the pages are, as ratios to floors measured in turn in the same run (`make bench`).

Each contender is served by granian on one core and loaded by wrk from the other:

* *bytes*: a WSGI function that returns the exact bytes of the page;
* *minimal*: the page in handwritten plain SQL, one Flask view and Jinja, with the same content from the same
  database (home, post, tag, feed; see `floors`);
* *made*: the blog without stored pages;
* *changed*: the same, but requested one at a time, each time after a change, so that nothing is kept of the page; its
  floor is also requested one at a time (*minimal alone*);
* *stored*: the blog as it is served, with its stored pages;
* *unchanged*: the same, for a client that already has the page (304).

What is measured is added to ``--json``, so that all of it can be measured in pieces; `tables.py` writes it into
docs/performance.md. Needs wrk (Debian: wrk).
"""

import argparse
import json
import os
import re
import shutil
import statistics
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen

import sqlalchemy as sa
from engines import ENGINES, KEPT, ROOT, server_versions, servers
from generator import Filled, filled_blog, url_of
from machine import commit, machine
from qingbo.home import DataFolder
from qingbo.supervising import THREADS
from rows import rows_read
from serving import Load, Served, blog_command, floor_command, load, read, require_wrk, served

ADDRESS = "https://blog.example.org"
"""The blog's address in its feeds."""
CONNECTIONS = 8
PAGES = ("home", "post", "tag", "archive", "search", "feed")
FLOORS = {"bytes": "same_bytes", "minimal": "minimal"}
BY_HAND = ("home", "post", "tag", "feed")
BLOGS = {"made": {"QINGBO_PAGE_CACHE_MEGABYTES": "0"}, "stored": {}}
CONTENDERS = ("bytes", "minimal", "made", "stored", "unchanged")
LIMITED = "search"
"""A page with a limit of requests for each address; *made*, it is requested one at a time."""
CHANGES, SEEN_AFTER = 5, 0.55
"""How often a page is requested after a change in each turn, and the seconds until a process has seen the change."""
RESULTS = ROOT / "benchmarks/pages.json"
NEAR = 0.1
"""By how much the size of a floor may differ from the page."""


def main() -> None:
    """Measure the chosen pages, add the figures to the results, and print them."""
    asked = _arguments()
    require_wrk()
    with servers():
        for engine in asked.engine:
            for posts in asked.posts:
                filled = filled_blog(engine, posts, with_search="search" in asked.page and not asked.without_search)
                _measure_blog(filled, asked)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=main.__doc__, epilog="Lists are separated by commas.")
    parser.add_argument("--engine", type=_some_of(ENGINES), default=list(ENGINES))
    parser.add_argument("--posts", type=lambda text: [int(each) for each in text.split(",")], default=[1_000])
    parser.add_argument("--page", type=_some_of(PAGES), default=list(PAGES))
    parser.add_argument("--only", type=_some_of(CONTENDERS), default=list(CONTENDERS), help="some of the contenders")
    parser.add_argument("--without-search", action="store_true", help="fill blogs without the words of their posts")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=2, help="how long each page is loaded each time")
    parser.add_argument("--json", type=Path, default=RESULTS, help="what the results are added to")
    return parser.parse_args()


def _some_of(names: tuple[str, ...]) -> Any:
    def read_list(text: str) -> list[str]:
        found = text.split(",")
        if unknown := set(found) - set(names):
            raise argparse.ArgumentTypeError(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(names)}")
        return found

    return read_list


def _measure_blog(filled: Filled, asked: argparse.Namespace) -> None:
    url = url_of(filled)
    pages = [page for page in asked.page if page != "search" or filled.with_search]
    with _blogs(filled, url) as blogs:
        for blog in blogs.values():
            blog.wait_until_idle()  # a server first searches the database for missing data
        for page in pages:
            path = _path_of(page, filled)
            measured = _measure_page(page, path, url, blogs, asked)
            _add(asked.json, filled, url, page, measured, {name: blog.megabytes for name, blog in blogs.items()})
            _print(filled, page, measured)
    read_by_page = rows_read(filled, {page: _path_of(page, filled) for page in pages})
    for page, rows in read_by_page.items():
        _add(asked.json, filled, url, page, {}, {}, rows)
    print(f"Rows read: {read_by_page}", flush=True)


def _path_of(page: str, filled: Filled) -> str:
    search = f"/search?q={quote(filled.word)}"
    return {"home": "/", "post": filled.post, "tag": filled.tag, "archive": "/archive", "search": search}.get(
        page, "/feed.atom"
    )


@contextmanager
def _blogs(filled: Filled, url: str) -> Iterator[dict[str, Served]]:
    """Serve the blog twice, with and without stored pages, from two data folders with one database."""
    with ExitStack() as stack:
        blogs = {}
        for name, environment in BLOGS.items():
            home = DataFolder(Path(f"{filled.home}-{name}"))
            shutil.rmtree(home.path, ignore_errors=True)
            home.create()
            told = {"QINGBO_HOME": str(home.path), "QINGBO_DATABASE_URL": url, "QINGBO_ADDRESS": ADDRESS}
            blogs[name] = stack.enter_context(served(blog_command(), told | environment))
            stack.callback(shutil.rmtree, home.path, ignore_errors=True)
        yield blogs


def _measure_page(
    page: str, path: str, url: str, blogs: dict[str, Served], asked: argparse.Namespace
) -> dict[str, list[Load]]:
    measured = defaultdict(list)
    with _contenders(page, path, url, blogs, asked.only) as contenders:
        for address, headers in contenders.values():
            load(address, 1, CONNECTIONS, headers)
        for _turn in range(asked.repetitions):
            for name, (address, headers) in contenders.items():
                measured[name].append(load(address, asked.seconds, CONNECTIONS, headers))
        if page == LIMITED and "made" in asked.only:
            measured["made"] = [_read_one_by_one(blogs["made"].url + path) for _turn in range(asked.repetitions)]
        if {"made", "minimal"} <= contenders.keys():
            _measure_after_changes(contenders["made"][0], contenders["minimal"][0], url, asked.repetitions, measured)
    return measured


@contextmanager
def _contenders(
    page: str, path: str, url: str, blogs: dict[str, Served], names: list[str]
) -> Iterator[dict[str, tuple[str, dict[str, str]]]]:
    """Serve the floors of a page, and yield the URL of each contender and the request headers for it."""
    with ExitStack() as stack:
        for _again in range(2):  # the first request makes renderings
            body = read(blogs["made"].url + path)
        file = KEPT / f"{page}-{os.getpid()}"
        file.write_bytes(body)
        stack.callback(file.unlink)
        told = {"BENCH_PAGE": page, "BENCH_PATH": path, "BENCH_BODY": str(file), "BENCH_DATABASE": url}
        told["BENCH_ADDRESS"] = ADDRESS
        found: dict[str, tuple[str, dict[str, str]]] = {}
        for name in (each for each in names if each in FLOORS and (each == "bytes" or page in BY_HAND)):
            server = stack.enter_context(served(floor_command(FLOORS[name], THREADS), told))
            _require_same_content(page, name, body, read(f"{server.url}/"))
            found[name] = (f"{server.url}/", {})
        for name in (each for each in names if each not in FLOORS and (each, page) != ("made", LIMITED)):
            address = blogs["made" if name == "made" else "stored"].url + path
            found[name] = (address, _if_changed(address) if name == "unchanged" else {})
        yield found


def _measure_after_changes(
    made: str, floor: str, url: str, turns: int, measured: dict[str, list[Load]]
) -> None:  # fmt: skip
    """Request the page and its floor one at a time; the page each time after a change, so that nothing is kept."""
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    for _turn in range(turns):
        taken: dict[str, list[float]] = {"changed": [], "minimal alone": []}
        for _each in range(CHANGES):
            with engine.connect() as connection:
                connection.exec_driver_sql("UPDATE public_changes SET number = number + 1")
            if engine.dialect.name != "sqlite":
                time.sleep(SEEN_AFTER)
            for name, address in (("changed", made), ("minimal alone", floor)):
                begun = time.perf_counter()
                read(address)
                taken[name].append((time.perf_counter() - begun) * 1000)
        for name, times in taken.items():
            middle = statistics.median(times)
            measured[name].append(Load(1000 / middle, middle, max(times)))
    engine.dispose()


def _read_one_by_one(address: str) -> Load:
    taken = []
    for _each in range(CHANGES):
        begun = time.perf_counter()
        read(address)
        taken.append((time.perf_counter() - begun) * 1000)
    return Load(1000 / statistics.median(taken), statistics.median(taken), max(taken))


def _if_changed(address: str) -> dict[str, str]:
    with urlopen(address, timeout=120) as answer:
        return {"If-None-Match": answer.headers["ETag"]}


def _require_same_content(page: str, name: str, wanted: bytes, got: bytes) -> None:
    """Exit if a floor shows something else than the blog's page."""
    texts = [Counter(_words_of(each.decode())) for each in (wanted, got)]
    if texts[0] != texts[1]:
        missing, more = (" ".join(one - other)[:500] for one, other in (texts, reversed(texts)))
        sys.exit(f"The floor {name} shows another page than {page}. Missing: {missing}\nMore: {more}")
    if abs(len(got) / len(wanted) - 1) > NEAR:
        sys.exit(f"The floor {name} of {page} has {len(got)} bytes, the page {len(wanted)}.")


def _words_of(page: str) -> list[str]:
    """Return the words of a page, and the URLs in it."""
    page = re.sub(r' (?:href|src)="([^"]*)"[^>]*>', r"> \1 ", page)
    return unescape(re.sub(r"<[^>]*>", " ", page)).split()


def _add(
    file: Path, filled: Filled, url: str, page: str, measured: dict[str, list[Load]], megabytes: dict[str, float],
    rows: int | None = None,
) -> None:  # fmt: skip
    """Replace the results of an earlier run."""
    results = json.loads(file.read_text()) if file.exists() else {}
    run = {
        "commit": commit(), "at": datetime.now(UTC).isoformat(timespec="minutes"), "machine": machine(),
        "database": server_versions(url), "filled_in_seconds": filled.seconds,
    }  # fmt: skip
    place = results.setdefault(filled.engine, {}).setdefault(str(filled.posts), {}).setdefault(page, {})
    for name, loads in measured.items():
        place[name] = run | {
            key: [getattr(each, key) for each in loads] for key in ("requests_per_second", "p50", "p99")
        }
        if blog := {"made": "made", "stored": "stored"}.get(name):
            place[name]["megabytes"] = round(megabytes[blog], 1)
    if rows is not None:
        place["rows_read"] = rows
    file.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n")


def _print(filled: Filled, page: str, measured: dict[str, list[Load]]) -> None:
    middle = {name: statistics.median(load.requests_per_second for load in loads) for name, loads in measured.items()}
    said = [f"{name} {value:,.0f}/s" for name, value in middle.items()]
    for own, floor in (("made", "minimal"), ("changed", "minimal alone"), ("stored", "bytes")):
        if own in middle and floor in middle:
            said.append(f"{own} / {floor} = {middle[own] / middle[floor]:.3f}")
    print(f"{filled.engine} {filled.posts:,} {page}: {', '.join(said)}", flush=True)


if __name__ == "__main__":
    main()
