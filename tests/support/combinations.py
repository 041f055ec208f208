"""Which tests CI leaves to `make prove`, which sets ``ALL_COMBINATIONS``, and which tests run first.

A slow test that runs on several engines runs on one of them in turn, and a journey that runs in several looks (desk or
phone, with scripts or without) in one of these. Of what is left, a share runs:

* of a slow test with many cases a sixth, except of cases marked `every_time`, and if it is marked `combinations`, one
  of 64;
* of a module's tests that are everyday tests on SQLite (marked `sqlite_first`), an eighth of those on servers.

The shares are dealt out like cards, so that each engine has its part, the same on every machine.
"""

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

import pytest

FEW = 3
"""A test with no more cases than this runs in all of them."""
COMBINATIONS_SHARE, CASES_SHARE, SERVERS_SHARE = 64, 6, 8
_IN_TURN = ("engine_name", "look", "size")
"""The parameters of which a slow test has one value."""
LONG = ("histories", "kills", "long")
"""Marks of tests that run first. At the end one of them would keep a worker busy while the others are idle."""


def has_all() -> bool:
    """Return whether this is `make prove`, for tests that take a smaller case in CI."""
    return "ALL_COMBINATIONS" in os.environ


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what CI has no time for, and put those that take longest first."""
    items.sort(key=lambda item: not any(map(item.get_closest_marker, LONG)))
    if has_all():
        return
    kept = items[:]
    for choose in (_rare_combinations, _other_ways, _rare_cases, _cases_on_servers):
        others = {*choose(kept)}
        kept = [item for item in kept if item not in others]
    if left_out := {*items} - {*kept}:
        config.hook.pytest_deselected(items=sorted(left_out, key=lambda item: item.nodeid))
        items[:] = kept


def _rare_combinations(items: Iterable[pytest.Item]) -> Iterator[pytest.Item]:
    chosen = (item for item in items if item.get_closest_marker("combinations"))
    return _all_but_a_share(chosen, _test_of, COMBINATIONS_SHARE)


def _rare_cases(items: Iterable[pytest.Item]) -> Iterator[pytest.Item]:
    sparing = ("combinations", "every_time")
    chosen = (
        item for item in items if item.get_closest_marker("slow") and not any(map(item.get_closest_marker, sparing))
    )
    return _all_but_a_share(chosen, _test_of, CASES_SHARE)


def _cases_on_servers(items: Iterable[pytest.Item]) -> Iterator[pytest.Item]:
    chosen = (item for item in items if item.get_closest_marker("sqlite_first") and item.get_closest_marker("slow"))
    return _all_but_a_share(chosen, _module_of, SERVERS_SHARE)


def _all_but_a_share(
    items: Iterable[pytest.Item], group: Callable[[pytest.Item], str], share: int
) -> Iterator[pytest.Item]:
    """Yield the items of each group that has more than a few, but for one in `share`."""
    groups: dict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        groups[group(item)].append(item)
    for found in groups.values():
        if len(found) > FEW:
            yield from (item for at, item in enumerate(sorted(found, key=_dealt)) if at % share)


def _test_of(item: pytest.Item) -> str:
    return item.nodeid.partition("[")[0]


def _module_of(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]


def _other_ways(items: Iterable[pytest.Item]) -> Iterator[pytest.Item]:
    for parameter in _IN_TURN:
        cases: dict[tuple[str, str], list[pytest.Item]] = defaultdict(list)
        for item in items:
            indices: dict[str, int] = item.callspec.indices if hasattr(item, "callspec") else {}
            if parameter in indices and item.get_closest_marker("slow"):
                others = {name: at for name, at in indices.items() if name != parameter}
                cases[_test_of(item), str(sorted(others.items()))].append(item)
        for case, found in cases.items():
            chosen = sum(" ".join(case).encode()) % len(found)
            in_order = sorted(found, key=lambda item: item.nodeid)  # pytest-randomly shuffles them
            yield from (item for at, item in enumerate(in_order) if at != chosen)


def _dealt(item: pytest.Item) -> tuple[int, str]:
    """Return a key that deals the cases out like cards, the same on every machine."""
    return sum(item.nodeid.encode()) % 101, item.nodeid
