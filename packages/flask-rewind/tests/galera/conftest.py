"""A database on the two nodes of a Galera cluster."""

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from flask import Flask
from histories import History
from sqlalchemy.pool import NullPool


@pytest.fixture
def blog(make_app: Callable[..., Flask], nodes: tuple[str, str]) -> History:
    return History(make_app(nodes[0], config={"REWIND_LEASE_TIMEOUT": 0.3}))


@pytest.fixture
def connections(nodes: tuple[str, str]) -> Iterator[tuple[sa.Connection, sa.Connection]]:
    """Give a connection to the database on each node."""
    engines = [sa.create_engine(url, poolclass=NullPool) for url in nodes]
    with engines[0].connect() as first, engines[1].connect() as second:
        yield first, second
