"""Programs write into tables while these are moved; afterwards all rows and sums are those of the programs' accounts.

`make bench-stalls` does the same with more rows, and measures how long the programs wait.
"""

import os
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, suppress

import flask_rewind
import pytest
import sqlalchemy as sa
from awaiting import awaited
from combinations import has_all
from histories import History
from other_sessions import OtherSessions
from schema_texts import schema_texts
from trips import MovedBlog
from under_load.accounts import Account, differences
from under_load.kinds import EVERY_KIND_UNDER_LOAD, SCHEMA_UNDER_LOAD, LoadedKind
from under_load.tables import fill
from under_load.writing import Writers

pytestmark = pytest.mark.slow

ROWS = int(os.environ.get("ROWS_UNDER_LOAD", "5000"))
"""Of each table, before anybody writes."""


@pytest.fixture(scope="module")
def writers() -> Iterator[Writers]:
    made = Writers(2)
    yield made
    made.end()


class LoadedBlog(MovedBlog):
    """A database that is written to."""

    def __init__(self, blog: History, writers: Writers) -> None:
        super().__init__(blog)
        self._writers = writers
        self.accounts: list[Account] = writers.accounts()
        blog.revision(SCHEMA_UNDER_LOAD, "pass")
        flask_rewind.upgrade()
        fill(blog.engine, ROWS)

    def writing(self, *tables: str) -> AbstractContextManager[None]:
        """Let programs write while the block runs."""
        url = self.blog.engine.url.render_as_string(hide_password=False)
        return self._writers.writing(url, tables, ROWS, self.accounts)

    def differences(self) -> list[str]:
        """Return in what it differs from the accounts."""
        return differences(self.blog.engine, self.accounts, ROWS)


@pytest.fixture
def loaded(blog: History, writers: Writers) -> LoadedBlog:
    return LoadedBlog(blog, writers)


@pytest.mark.parametrize("kind", EVERY_KIND_UNDER_LOAD)
def test_rows_and_sums_are_those_of_the_accounts(loaded: LoadedBlog, kind: LoadedKind) -> None:
    loaded.blog.revision(kind.up, kind.down)
    texts = {"1": schema_texts(loaded.blog.engine)}
    for target in ("2", "1") * (2 if has_all() else 1):
        with loaded.writing(*kind.tables):
            flask_rewind.checkout(revision=target, fill=kind.fill if target == "1" else {})
        assert loaded.differences() == []
        found = schema_texts(loaded.blog.engine)
        assert found == texts.setdefault(target, found)
        loaded.assert_calm()
    assert {kept.direction for kept in flask_rewind.attic()} <= {"down"}  # what the way up hid has returned


@pytest.mark.on("mariadb", "postgresql")
def test_accounts_are_right_although_connections_are_cut(loaded: LoadedBlog) -> None:
    sessions = OtherSessions(loaded.blog.engine.url)
    loaded.blog.engine.dispose()
    with loaded.writing("post", "author"):
        for _ in range(10):
            time.sleep(0.1)
            for session in awaited(sessions.all):
                with suppress(sa.exc.DBAPIError):  # it may have just ended
                    sessions.end(session.number, "cut")
    assert loaded.differences() == []
    assert any(account.errors for account in loaded.accounts)


WRONG = {
    "a lost row": ("DELETE FROM mark WHERE id = (SELECT n FROM (SELECT max(id) AS n FROM mark) AS last)", "mark"),
    "a row that was there before": ("DELETE FROM mark WHERE id = 7", "number of the first rows"),
    "a doubled row": ("INSERT INTO author (id, name) VALUES (999999, 'x')", "author: new rows"),
    "a lost sum": ("UPDATE post SET counted = counted + 1 WHERE id = 5", "sum of the first rows"),
    "another value": ("UPDATE post SET title = 'x' WHERE id = 5", "post.title is wrong in 1"),
}


def test_accounts_show_what_is_wrong(loaded: LoadedBlog) -> None:
    with loaded.writing("mark"):
        awaited(lambda: loaded.blog.rows(f"SELECT 1 FROM mark WHERE id > {ROWS}"))
    assert loaded.differences() == []
    for statement, said in WRONG.values():
        loaded.blog.run(statement)
        assert any(said in each for each in loaded.differences()), statement
    assert all(sum(account.done.values()) for account in loaded.accounts)
