"""What the proofs of this folder share: a trip over a kind of operation."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from database_snapshots import snapshots_of
from flask import Flask
from histories import History
from operation_kinds import Kind
from trips import Trip

MakeApp = Callable[..., Flask]


@pytest.fixture
def blog(make_app: MakeApp, database_url: str) -> History:
    return History(make_app(database_url, config={"REWIND_SQLITE_COPIES": 0}))


@pytest.fixture
def trip(blog: History, kind: Kind, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Trip]:
    """Return a database below the revision of the kind that the test takes."""
    snapshots = snapshots_of(blog.engine)
    yield Trip(blog, snapshots, kind, tmp_path, request.node.name)
    snapshots.forget()
