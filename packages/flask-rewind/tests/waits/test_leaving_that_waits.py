"""`purge` and `eject` behind an open transaction: they wait as a move does, and end with the same words."""

from collections.abc import Callable
from functools import partial
from typing import Any

import flask_rewind
import pytest
import sqlalchemy as sa
from histories import History
from lock_holders import Heard, another_session

pytestmark = [pytest.mark.slow, pytest.mark.on("mariadb", "postgresql")]

COMMANDS = {
    "purge": partial(flask_rewind.purge, everything=True),
    "eject, deleting": partial(flask_rewind.eject, purge=True),
    "eject, showing": partial(flask_rewind.eject, restore=True),
}


@pytest.fixture
def hidden(blog: History) -> History:
    blog.revision('op.drop_column("post", "note")', "pass")
    flask_rewind.upgrade()
    return blog


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_it_goes_on_when_the_session_ends(hidden: History, command: Callable[..., Any]) -> None:
    with another_session(hidden.engine.url, "SELECT id FROM post") as reader, Heard(reader.end) as heard:
        assert len(command()) == 1
    assert len(heard.said) == 1
    assert heard.said[0].startswith("Waiting for a lock on post, ")
    assert f"held by session {reader.number} of root from " in heard.said[0]
    assert [each["name"] for each in sa.inspect(hidden.engine).get_columns("post")][:2] == ["id", "title"]


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_a_budget_that_ends_leaves_it_to_the_next_run(hidden: History, command: Callable[..., Any]) -> None:
    with another_session(hidden.engine.url, "SELECT id FROM post") as reader:
        with pytest.raises(
            flask_rewind.Blocked, match=r"(removed|deleted): in \d+ s it did not get a lock on post, "
        ) as error:
            command(budget=0)
        assert f"held by session {reader.number} of root from " in error.value.message
        assert "; then run the same command again" in error.value.hint
    assert len(flask_rewind.attic()) == 1
    assert len(command(budget=0)) == 1
