"""Writes the measured figures into docs/performance.md, between its markers (`make bench-tables`)."""

import json
import re
import statistics
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from engines import ENGINES, ROOT
from pages import CONTENDERS, PAGES

PERFORMANCE = ROOT / "docs/performance.md"
NAMES = {"sqlite": "SQLite", "mariadb": "MariaDB", "postgresql": "PostgreSQL"}


def main() -> None:
    """Write the tables of all existing results."""
    text = PERFORMANCE.read_text()
    for name, table in (("pages", pages_table), ("growth", growth_table), ("writes", writes_table)):
        file = ROOT / f"benchmarks/{'writes' if name == 'writes' else 'pages'}.json"
        if file.exists():
            text = _put(text, name, table(json.loads(file.read_text())))
    PERFORMANCE.write_text(text)


def pages_table(results: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of the table of pages: requests per second, as median, minimum and maximum of five turns."""
    yield from _run_of(results)
    yield from _header(
        ["Engine", "Posts", "Page", *CONTENDERS, "made / minimal", "changed / minimal", "stored / bytes"], left=3
    )
    for engine, posts, page, found in _measured(results):
        rates = {name: found[name]["requests_per_second"] for name in found if name != "rows_read"}
        cells = [_spread(rates[name]) if name in rates else "" for name in CONTENDERS]
        pairs = (("made", "minimal"), ("changed", "minimal alone"), ("stored", "bytes"))
        ratios = [_ratio(rates, *pair) for pair in pairs]
        yield _row([NAMES[engine], f"{posts:,}", page, *cells, *ratios])


def growth_table(results: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of the table of latency, rows read and memory by number of posts."""
    wanted = [
        "p50 of *made*, ms",
        "p50 of *changed*, ms",
        "rows read",
        "MB of a worker, *made*",
        "MB of a worker, *stored*",
    ]
    yield from _header(["Engine", "Posts", "Page", *wanted], left=3)
    for engine, posts, page, found in _measured(results):
        made, stored = found.get("made", {}), found.get("stored", {})
        middles = [
            f"{statistics.median(found[name]['p50']):.1f}" if name in found else "" for name in ("made", "changed")
        ]
        memory = [f"{each['megabytes']:.0f}" if each else "" for each in (made, stored)]
        yield _row(
            [
                NAMES[engine],
                f"{posts:,}",
                page,
                *middles,
                f"{found['rows_read']:,}" if "rows_read" in found else "",
                *memory,
            ]
        )


def writes_table(results: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of the table of writes."""
    yield from _run_of(results)
    yield from _header(["Engine", "Posts", "Write", "count", "p50, ms", "p95, ms", "longest, ms"], left=3)
    for engine in (each for each in ENGINES if each in results):
        for posts in sorted(results[engine], key=int):
            for name, said in sorted(results[engine][posts]["milliseconds"].items()):
                figures = [f"{said[key]:,.0f}" for key in ("count", "p50", "p95", "most")]
                yield _row([NAMES[engine], f"{int(posts):,}", name, *figures])


def _measured(results: Mapping[str, Any]) -> Iterator[tuple[str, int, str, dict[str, Any]]]:
    for engine in (each for each in ENGINES if each in results):
        for posts in sorted(results[engine], key=int):
            for page in (each for each in PAGES if each in results[engine][posts]):
                yield engine, int(posts), page, results[engine][posts][page]


def _run_of(results: Mapping[str, Any]) -> Iterator[str]:
    """Yield the commits, machines, databases and times of all runs; there may be several runs."""
    runs = [run for run in _dictionaries(results) if "commit" in run]
    for name, key in (("Commit", "commit"), ("Machine", "machine"), ("Databases", "database"), ("Measured", "at")):
        said = sorted({run[key] for run in runs})
        yield f"{name}: {f'{said[0]} to {said[-1]}' if key == 'at' else ', '.join(said)}.  "
    yield ""


def _dictionaries(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for each in value.values():
            yield from _dictionaries(each)


def _spread(rates: Sequence[float]) -> str:
    return f"{statistics.median(rates):,.0f} ({min(rates):,.0f} to {max(rates):,.0f})"


def _ratio(rates: Mapping[str, Sequence[float]], own: str, floor: str) -> str:
    """Return the median of the ratios of each turn, in which both were loaded one after the other."""
    if own not in rates or floor not in rates:
        return ""
    return f"{statistics.median(one / other for one, other in zip(rates[own], rates[floor], strict=True)):.2f}"


def _header(names: Sequence[str], left: int) -> Iterator[str]:
    yield _row(names)
    yield _row(["---" if at < left else "---:" for at in range(len(names))])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _put(text: str, name: str, lines: Iterator[str]) -> str:
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    body = "\n".join(lines)
    return re.sub(f"{begin}.*?{end}", lambda _found: f"{begin}\n{body}\n{end}", text, flags=re.DOTALL)


if __name__ == "__main__":
    main()
