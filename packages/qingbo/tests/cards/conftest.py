"""A local web server that the cards' fetcher can reach."""

from collections.abc import Iterator

import pytest
from web_server import WebServer, web_server


@pytest.fixture
def server() -> Iterator[WebServer]:
    with web_server() as server:
        yield server
