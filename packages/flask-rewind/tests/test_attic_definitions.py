"""A database that is copied row by row with its attic, into another database of the same engine."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import flask_rewind
import pytest
import sqlalchemy as sa
from database_servers import empty_database
from flask import Flask
from histories import History
from operation_kinds import EVERY_KIND, ROWS, SCHEMA, Kind
from sqlalchemy.pool import NullPool
from whole_database import WholeDatabase, differences, whole_database

MakeApp = Callable[..., Flask]

pytestmark = [pytest.mark.slow, pytest.mark.combinations]

SAME_EVERYWHERE = {"rewind_lease", "rewind_attic", "alembic_version"}


class Copy:
    """A blog and a database beside it, which becomes a copy of the blog's."""

    def __init__(self, make_app: MakeApp, url: str, other: str) -> None:
        self._there = make_app(other, config={"REWIND_SQLITE_COPIES": 0})
        self._target: sa.Engine = self._there.extensions["db"].engine
        self.blog = History(make_app(url, config={"REWIND_SQLITE_COPIES": 0}))

    def make(self) -> None:
        """Make the other database, which is empty, a copy at the revision of the blog."""
        with self.blog.engine.connect() as reading:
            definition = flask_rewind.attic_definition(reading)
        (status,) = flask_rewind.status()
        with self._there.app_context():
            flask_rewind.checkout(revision=status.current[0])
            if flask_rewind.attic():
                flask_rewind.purge(everything=True)
            flask_rewind.create_attic(definition)
        _copy_rows(self.blog.engine, self._target)

    def differences(self, move: Callable[[], object]) -> list[str]:
        """Move both databases, and return in what they differ."""
        move()
        wanted = _in_any_order(whole_database(self.blog.engine))
        with self._there.app_context():
            move()
            return differences(_in_any_order(whole_database(self._target)), wanted)


def _in_any_order(found: WholeDatabase) -> WholeDatabase:
    """Leave out the order of columns, since PostgreSQL adds each at the end, and MariaDB's quotes around a trigger."""
    lines = {name: sorted(text.replace("`stamped`", "stamped").split("\n")) for name, text in found.schema.items()}
    return replace(found, schema={name: "\n".join(text) for name, text in lines.items()})


def _copy_rows(source: sa.Engine, target: sa.Engine) -> None:
    tables = sa.MetaData()
    tables.reflect(source)
    with source.connect() as reading, target.begin() as writing:
        ordered = [each for each in tables.sorted_tables if each.name not in SAME_EVERYWHERE]
        for table in reversed(ordered):
            writing.execute(table.delete())
        for table in ordered:
            columns = [each for each in table.columns if each.computed is None]
            if rows := [dict(row) for row in reading.execute(sa.select(*columns)).mappings()]:
                writing.execute(table.insert(), rows)


@pytest.fixture
def copy(make_app: MakeApp, engine_name: str, database_url: str, tmp_path: Path, worker_id: str) -> Iterator[Copy]:
    if engine_name == "sqlite":
        other = f"sqlite:///{tmp_path / 'other.db'}"
    else:
        other = empty_database(engine_name, f"rewind_test_copy_{worker_id}")
    yield Copy(make_app, database_url, other)
    engine = sa.create_engine(other, poolclass=NullPool)
    engine.dispose()


def up() -> None:
    flask_rewind.upgrade()


def down() -> None:
    flask_rewind.downgrade(revision="1")


@pytest.mark.parametrize("way", ["up", "down"])
@pytest.mark.parametrize("kind", EVERY_KIND)
def test_every_kind_returns_from_a_copy(copy: Copy, kind: Kind, way: str) -> None:
    blog = copy.blog
    blog.revision(SCHEMA, "pass")
    blog.revision(*kind.scripts())
    flask_rewind.upgrade(revision="1")
    for row in ROWS:
        blog.run(row)
    up()
    for row in kind.new_rows:
        blog.run(row)
    if way == "down":
        down()
    if not flask_rewind.attic():
        pytest.skip("it hides nothing")
    copy.make()
    assert copy.differences(lambda: None) == []
    assert copy.differences(down if way == "up" else up) == []
    assert copy.differences(up if way == "up" else down) == []
