"""Shared helpers for hard cases: a law holds, or a crossing is refused and nothing changes."""

from collections.abc import Callable

import flask_rewind
import pytest
import sqlalchemy as sa
from flask_rewind.errors import CrossingFailed, Refused
from histories import History, everything, executed


def made(blog: History, *statements: str) -> None:
    """Make tables by hand, as another revision would have."""
    for statement in statements:
        with blog.engine.begin() as connection:
            connection.exec_driver_sql(statement)


def refused_with_everything_as_it_was(blog: History, match: str) -> None:
    before = everything(blog.engine)
    with pytest.raises((Refused, CrossingFailed), match=match):
        flask_rewind.downgrade()
    assert everything(blog.engine) == before
    assert flask_rewind.status()[0].unfinished is None
    assert flask_rewind.status()[0].current == ("2",)


FAILING = "\n" + executed("SELECT * FROM nowhere")


def fails_and_leaves(
    blog: History, move: Callable[..., object], wanted: object, markers: int = 0, **options: object
) -> None:
    kept = sorted(each.place for each in flask_rewind.attic())
    with pytest.raises(CrossingFailed, match="nowhere") as failed:
        move(**options)
    assert "Nothing of this revision was kept" in failed.value.hint
    assert everything(blog.engine) == wanted
    assert sorted(each.place for each in flask_rewind.attic()) == kept
    assert flask_rewind.status()[0].unfinished is None
    columns = [each["name"] for each in sa.inspect(blog.engine).get_columns("span")]
    marking = [name for name in columns if name.startswith("_attic_") and name.endswith("_new")]
    assert len(marking) == (markers if blog.engine.dialect.name == "mysql" else 0)
