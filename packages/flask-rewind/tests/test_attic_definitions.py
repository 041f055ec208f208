"""A database that is copied row by row with its attic, into another database of the same engine."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import flask_rewind
import pytest
import sqlalchemy as sa
from database_servers import empty_database
from flask import Flask
from flask_rewind.errors import BadRequest, Refused, RewindError
from flask_rewind.taken_numbers import attic_names
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
        self.target: sa.Engine = self._there.extensions["db"].engine
        self.blog = History(make_app(url, config={"REWIND_SQLITE_COPIES": 0}))

    def there(self) -> AbstractContextManager[object]:
        """Return the context of the app of the other database."""
        return self._there.app_context()

    def definition(self) -> str:
        """Return the definition of what is hidden in the blog."""
        with self.blog.engine.connect() as reading:
            return flask_rewind.attic_definition(reading)

    def make(self) -> None:
        """Make the other database, which is empty, a copy at the revision of the blog."""
        definition, (status,) = self.definition(), flask_rewind.status()
        with self.there():
            flask_rewind.checkout(revision=status.current[0])
            if flask_rewind.attic():
                flask_rewind.purge(everything=True)
            flask_rewind.create_attic(definition)
        _copy_rows(self.blog.engine, self.target)

    def differences(self, move: Callable[[], object]) -> list[str]:
        """Move both databases, and return in what they differ."""
        move()
        wanted = _in_any_order(whole_database(self.blog.engine))
        with self.there():
            move()
            return differences(_in_any_order(whole_database(self.target)), wanted)


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


@pytest.fixture
def hidden(copy: Copy) -> Copy:
    """A blog with a hidden table and a hidden column without a default, and an empty database beside it."""
    blog = copy.blog
    blog.revision(SCHEMA, "pass")
    blog.revision('op.drop_table("mark")\nop.drop_column("post", "title")', "pass")
    flask_rewind.upgrade(revision="1")
    for row in ROWS:
        blog.run(row)
    flask_rewind.upgrade()
    return copy


def test_nothing_is_left_of_a_definition_that_fails(hidden: Copy) -> None:
    data = json.loads(hidden.definition())
    data["parts"].append(["trigger", "_attic_1", "none", "", "none", "DROP TABLE nowhere"])
    with hidden.there():
        flask_rewind.upgrade()
        flask_rewind.purge(everything=True)
        with pytest.raises(RewindError, match="nowhere"):
            flask_rewind.create_attic(json.dumps(data))
        assert flask_rewind.attic() == ()
        with sa.create_engine(hidden.target.url, poolclass=NullPool).connect() as connection:
            assert attic_names(connection, None) == []
            assert not flask_rewind.status()[0].unfinished


def test_what_is_hidden_already_is_not_mixed_with_it(hidden: Copy) -> None:
    definition = hidden.definition()
    with pytest.raises(Refused, match="has hidden things already: _attic_1, ") as refused:
        flask_rewind.create_attic(definition)
    assert refused.value.hint == "Delete them: flask db purge --all"


def test_a_definition_of_another_engine_is_refused(hidden: Copy, engine_name: str) -> None:
    data = json.loads(hidden.definition())
    data["engine"] = "sqlite" if engine_name != "sqlite" else "postgresql"
    with hidden.there(), pytest.raises(Refused, match="hid what this definition describes, and this database is"):
        flask_rewind.create_attic(json.dumps(data))


@pytest.mark.on("sqlite")
def test_what_is_no_definition_is_said(hidden: Copy) -> None:
    with hidden.there():
        for text in ("", "{}", "[1]", '{"format": 1, "engine": "sqlite", "parts": [1]}'):
            with pytest.raises(BadRequest, match="no definition of an attic"):
                flask_rewind.create_attic(text)
        with pytest.raises(BadRequest, match="A newer version"):
            flask_rewind.create_attic('{"format": 99, "engine": "sqlite", "parts": [], "entries": []}')


@pytest.mark.on("sqlite")
def test_a_database_without_anything_hidden_has_none(copy: Copy) -> None:
    copy.blog.revision(SCHEMA, "pass")
    flask_rewind.upgrade()
    assert copy.definition() == ""
