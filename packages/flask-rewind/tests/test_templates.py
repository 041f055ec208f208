"""The templates that other tests do not compare with Flask-Migrate's: several databases, async engines."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import flask_rewind
import pytest
import sqlalchemy as sa
from flask import Flask
from flask_rewind import Rewind
from sqlalchemy.ext.asyncio import create_async_engine

MakeApp = Callable[..., Flask]


def models(db: Any) -> None:
    class User(db.Model):
        id = sa.Column(sa.Integer, primary_key=True)

    class Group(db.Model):
        __bind_key__ = "other"
        id = sa.Column(sa.Integer, primary_key=True)


def test_every_template_is_listed() -> None:
    assert [each.name for each in flask_rewind.list_templates()] == [
        "aioflask",
        "aioflask-multidb",
        "flask",
        "flask-multidb",
    ]


def test_multidb_moves_each_database_and_keeps_a_copy_of_each(make_app: MakeApp, tmp_path: Path) -> None:
    binds = {"SQLALCHEMY_BINDS": {"other": f"sqlite:///{tmp_path}/other.db"}}
    app = make_app(f"sqlite:///{tmp_path}/main.db", models, config=binds)
    flask_rewind.init(multidb=True)
    flask_rewind.migrate(rev_id="1")
    move = flask_rewind.upgrade()
    assert move.after == {"": ("1",), "other": ("1",)}
    assert {copy.parent.name for copy in move.copies} == {"main.db.copies", "other.db.copies"}
    assert [(each.bind, each.current) for each in flask_rewind.status()] == [("", ("1",)), ("other", ("1",))]
    tables = {key: set(sa.inspect(engine).get_table_names()) for key, engine in app.extensions["db"].engines.items()}
    own = {"rewind_moves", "rewind_crossings", "rewind_steps"}  # each database has its own journal
    assert tables == {None: {"alembic_version", "user"} | own, "other": {"alembic_version", "group"} | own}
    flask_rewind.check()
    assert flask_rewind.migrate() is None
    assert {each.direction for each in flask_rewind.downgrade().crossings} == {"down"}


def test_multidb_takes_all_databases_back_where_one_fails(make_app: MakeApp, tmp_path: Path) -> None:
    binds = {"SQLALCHEMY_BINDS": {"other": f"sqlite:///{tmp_path}/other.db"}}
    app = make_app(f"sqlite:///{tmp_path}/main.db", models, config=binds)
    flask_rewind.init(multidb=True)
    written = flask_rewind.migrate(rev_id="1")
    assert written
    written.path.write_text(written.path.read_text() + "\n\ndef upgrade_other():\n    op.execute('nonsense')\n")
    with pytest.raises(flask_rewind.CrossingFailed):
        flask_rewind.upgrade()
    for engine in app.extensions["db"].engines.values():
        assert "user" not in sa.inspect(engine).get_table_names()


OF_BOTH = """
from alembic import op
import sqlalchemy as sa
revision = {!r}
down_revision = {!r}


def upgrade(engine_name):
    op.create_table("t" + revision, sa.Column("id", sa.Integer, primary_key=True))


def downgrade(engine_name):
    op.drop_table("t" + revision)
"""


def test_checkout_brings_databases_together_from_above_and_from_below(make_app: MakeApp, tmp_path: Path) -> None:
    binds = {"SQLALCHEMY_BINDS": {"other": f"sqlite:///{tmp_path}/other.db"}}
    app = make_app(f"sqlite:///{tmp_path}/main.db", models, config=binds)
    written = Path(flask_rewind.init(multidb=True)) / "versions"
    (written / "1.py").write_text(OF_BOTH.format("1", None))
    (written / "2.py").write_text(OF_BOTH.format("2", "1"))
    (written / "3.py").write_text(OF_BOTH.format("3", "2"))
    flask_rewind.upgrade()
    other = app.extensions["db"].engines["other"]
    for target, ways in (("2", {"down", "up"}), ("head", {"up"}), ("base", {"down"})):
        flask_rewind.checkout(revision="3")
        with other.begin() as connection:  # like a backup from an earlier day
            connection.exec_driver_sql("DROP TABLE t3")
            connection.exec_driver_sql("DROP TABLE t2")
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '1'")
        plan = flask_rewind.plan(revision=target)
        move = flask_rewind.checkout(revision=target)
        assert [(each.bind, each.revision, each.direction) for each in plan.crossings] == [
            (each.bind, each.revision, each.direction) for each in move.crossings
        ]
        assert {each.direction for each in move.crossings} == ways
        current = {each.current for each in flask_rewind.status()}
        assert current == {() if target == "base" else (target.replace("head", "3"),)}


class AsyncDatabase:
    """The part of an async Flask database extension that env.py uses."""

    def __init__(self, folder: Path, *names: str) -> None:
        addresses = {name: f"sqlite+aiosqlite:///{folder}/{name}.db" for name in names}
        self._engines = {name: create_async_engine(address) for name, address in addresses.items()}
        self.metadatas = {name or None: sa.MetaData() for name in names}
        self.bind_names = [name for name in names if name]
        for name, metadata in self.metadatas.items():
            sa.Table(f"table_{name}", metadata, sa.Column("id", sa.Integer, primary_key=True))

    def get_engine(self, bind: str | None = None) -> Any:
        return self._engines[bind or ""]

    async def close(self) -> None:
        for engine in self._engines.values():
            await engine.dispose()


@pytest.mark.parametrize(("template", "names"), [("aioflask", [""]), ("aioflask-multidb", ["", "other"])])
def test_async_engines_go_up_and_down(tmp_path: Path, template: str, names: list[str]) -> None:
    app = Flask("blog")
    db = AsyncDatabase(tmp_path, *names)
    Rewind(app, db, directory=str(tmp_path / "migrations"))
    try:
        with app.app_context():
            flask_rewind.init(template=template)
            flask_rewind.migrate(rev_id="1")
            flask_rewind.upgrade()
            flask_rewind.check()
            move = flask_rewind.downgrade()
            assert len(move.crossings) == len(names)
            flask_rewind.upgrade()
    finally:
        asyncio.run(db.close())
