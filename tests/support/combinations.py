"""Of tests marked `combinations` an eighth runs, chosen so that each engine has its share; `make prove` runs all."""

import os
from collections import defaultdict

import pytest

FEW = 6
"""A test with no more cases than this runs in all of them."""
SHARE = 8


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out seven of eight cases."""
    if "ALL_COMBINATIONS" in os.environ:
        return
    cases: dict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        if item.get_closest_marker("combinations"):
            cases[item.nodeid.partition("[")[0]].append(item)
    left_out = {
        item
        for found in cases.values()
        if len(found) > FEW
        for at, item in enumerate(sorted(found, key=_dealt))
        if at % SHARE
    }
    if left_out:
        config.hook.pytest_deselected(items=sorted(left_out, key=lambda item: item.nodeid))
        items[:] = [item for item in items if item not in left_out]


def _dealt(item: pytest.Item) -> tuple[int, str]:
    """Return a key that deals the cases out like cards, the same on every machine."""
    return sum(item.nodeid.encode()) % 101, item.nodeid
