"""A reader with a separate browser."""

from collections.abc import Callable
from typing import Any

import pytest
from qingbo.pageviews.counting import gathering_of, prepare_counting
from werkzeug.test import TestResponse

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

Read = Callable[..., TestResponse]


@pytest.fixture(autouse=True)
def _nothing_waits(request: pytest.FixtureRequest) -> None:
    if "blog" in request.fixturenames:
        prepare_counting(request.getfixturevalue("blog").app)


@pytest.fixture
def read(blog: Any) -> Read:
    """Return a function that announces a view as the script does, of a browser without cookies or a visitor's."""

    def announce(number: int, address: str = "10.0.0.1", visitor: Any = None, referrer: str = "", **said: str) -> Any:
        headers = {"User-Agent": AGENT, "Sec-Fetch-Site": "same-origin"} | {
            name.replace("_", "-"): value for name, value in said.items()
        }
        return (visitor or blog.visitor()).post(
            f"/posts/{number}/views",
            data={"referrer": referrer},
            headers=headers,
            environ_base={"REMOTE_ADDR": address},
        )

    return announce


@pytest.fixture
def write(blog: Any) -> Callable[[], None]:
    """Return a function that writes what waits, as the thread does every minute."""

    def write_now() -> None:
        from qingbo.extensions import session

        session().rollback()
        gathering_of(blog.app).write()

    return write_now
