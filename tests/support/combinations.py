"""Which tests CI leaves to `make prove`, which sets ``ALL_COMBINATIONS``, and which tests run first.

Of tests marked `combinations` a tenth runs, chosen so that each engine has its share. Slow tests of Flask-Rewind that
run on every engine run on SQLite and on one of the servers in turn; those of Qingbo, which meets the engines through
SQLAlchemy, on one of the engines in turn. Tests marked `sqlite_first` are slow on servers.
"""

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator

import pytest

FEW = 6
"""A test with no more cases than this runs in all of them."""
SHARE = 10
_SERVERS = ("mariadb", "postgresql")
_ENGINES_IN_TURN = {True: ("sqlite", *_SERVERS), False: _SERVERS}
"""Of which engines a slow test runs on one, by whether it is a test of Qingbo."""
LONG = ("histories", "kills", "long")
"""Marks of tests that run first. At the end one of them would keep a worker busy while the others are idle."""


def has_all() -> bool:
    """Return whether this is `make prove`, for tests that take a smaller case in CI."""
    return "ALL_COMBINATIONS" in os.environ


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out nine of ten cases, and some of the engines; put those that take longest first."""
    items.sort(key=lambda item: not any(map(item.get_closest_marker, LONG)))
    if has_all():
        return
    left_out = {*_rare_cases(items), *_other_engines(items)}
    if left_out:
        config.hook.pytest_deselected(items=sorted(left_out, key=lambda item: item.nodeid))
        items[:] = [item for item in items if item not in left_out]


def _rare_cases(items: Iterable[pytest.Item]) -> Iterator[pytest.Item]:
    cases: dict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        if item.get_closest_marker("combinations"):
            cases[item.nodeid.partition("[")[0]].append(item)
    for found in cases.values():
        if len(found) > FEW:
            yield from (item for at, item in enumerate(sorted(found, key=_dealt)) if at % SHARE)


def _other_engines(items: Iterable[pytest.Item]) -> Iterator[pytest.Item]:
    cases: dict[str, dict[str, pytest.Item]] = defaultdict(dict)
    for item in items:
        engine = item.callspec.params.get("engine_name") if hasattr(item, "callspec") else None
        if engine in _ENGINES_IN_TURN[item.nodeid.startswith("packages/qingbo/")] and item.get_closest_marker("slow"):
            cases[item.nodeid.replace(str(engine), "")][str(engine)] = item
    for case, found in cases.items():
        chosen = sorted(found)[sum(case.encode()) % len(found)]
        yield from (item for engine, item in found.items() if engine != chosen)


def _dealt(item: pytest.Item) -> tuple[int, str]:
    """Return a key that deals the cases out like cards, the same on every machine."""
    return sum(item.nodeid.encode()) % 101, item.nodeid
