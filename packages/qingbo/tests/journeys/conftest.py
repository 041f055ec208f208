"""The browser, one for all journeys of a worker."""

from collections.abc import Iterator

import pytest
from chromium import MISSING, chromium, program
from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if program() is None:
        pytest.fail(MISSING, pytrace=False)
    with chromium() as browser:
        yield browser
