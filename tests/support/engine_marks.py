"""A pytest plugin: marks for the database engines that a test runs on.

A test that uses `engine_name`, directly or through a fixture, runs on every engine. ``@pytest.mark.on("mariadb")`` on a
test, a file or one case of a test leaves out the other engines: pytest creates no test for them, so none is skipped.
"""

from collections.abc import Generator

import pytest
from database_servers import ENGINES


@pytest.hookimpl(wrapper=True)
def pytest_pycollect_makeitem() -> Generator[None, object, object]:
    """Make a test for those engines only that all its marks `on` name."""
    made = yield
    if isinstance(made, list):
        return [item for item in made if all(_names_engine_of(item, mark) for mark in item.iter_markers("on"))]
    return made


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Count tests marked `sqlite_first` among the slow ones on the other engines."""
    for item in items:
        if item.get_closest_marker("sqlite_first") and _engine_of(item) not in {None, "sqlite"}:
            item.add_marker(pytest.mark.slow)


def _names_engine_of(item: pytest.Item, mark: pytest.Mark) -> bool:
    engine = _engine_of(item)
    if engine is None:
        raise pytest.UsageError(f"{item.nodeid} is marked on{mark.args} but does not use the fixture engine_name")
    if not mark.args or not {*mark.args} <= {*ENGINES}:
        raise pytest.UsageError(f"{item.nodeid} is marked on{mark.args}, but the engines are {', '.join(ENGINES)}")
    return engine in mark.args


def _engine_of(item: pytest.Item) -> str | None:
    engine: str | None = item.callspec.params.get("engine_name") if hasattr(item, "callspec") else None
    return engine
