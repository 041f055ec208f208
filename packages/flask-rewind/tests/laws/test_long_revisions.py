"""Revision ids longer than Alembic's 32 characters, in a database where ``version_num`` was widened."""

from collections.abc import Callable

import flask_rewind
import pytest
from flask import Flask
from flask_rewind.errors import RewindError
from histories import History, everything

MakeApp = Callable[..., Flask]

pytestmark = pytest.mark.slow

LONG = "2026_05_01_1200_remove_the_status_of_the_posts"
LONGER = f"{LONG}_{'and_more_' * 20}"
WIDEN = {
    "sqlite": 'with op.batch_alter_table("alembic_version") as block:\n'
    '    block.alter_column("version_num", type_=sa.String(400), existing_nullable=False)',
    "mariadb": 'op.alter_column("alembic_version", "version_num", type_=sa.String(400), existing_nullable=False)',
    "postgresql": 'op.alter_column("alembic_version", "version_num", type_=sa.String(400))',
}


@pytest.fixture
def blog(make_app: MakeApp, database_url: str) -> History:
    return History(make_app(database_url, config={"REWIND_SQLITE_COPIES": 0}))


def begun(blog: History, engine_name: str) -> None:
    table = 'sa.Column("id", sa.Integer, primary_key=True), sa.Column("status", sa.String(20))'
    blog.revision(f'{WIDEN[engine_name]}\nop.create_table("post", {table})', 'op.drop_table("post")')
    flask_rewind.upgrade()
    blog.run("INSERT INTO post (id, status) VALUES (1, 'new')")


def dropping(revision: str) -> None:
    written = flask_rewind.revision(rev_id="2", message="step")  # a file name has 255 bytes
    assert written
    bodies = {
        "upgrade": 'op.drop_column("post", "status")',
        "downgrade": 'op.add_column("post", sa.Column("status", sa.String(20)))',
    }
    text = written.path.read_text().replace("revision = '2'", f"revision = '{revision}'")
    for name, body in bodies.items():
        text = text.replace(f"def {name}():\n    pass", f"def {name}():\n    {body}")
    written.path.write_text(text)


def made_by_an_older_version(blog: History, engine_name: str) -> None:
    """Make Rewind's tables as narrow as they were."""
    blog.run("CREATE TABLE note (id INTEGER PRIMARY KEY, word INTEGER)")
    path = blog.revision('op.drop_column("note", "word")', "pass")
    flask_rewind.upgrade()
    flask_rewind.stamp(revision="1")
    path.unlink()
    narrow = {"mariadb": "MODIFY revision VARCHAR({}) NOT NULL", "postgresql": "ALTER revision TYPE VARCHAR({})"}
    for table, width in (("rewind_attic", 32), ("rewind_crossings", 255)):
        if engine_name in narrow:
            blog.run(f"ALTER TABLE {table} {narrow[engine_name].format(width)}")


@pytest.mark.parametrize("revision", [LONG, LONGER, "x" * 400])
@pytest.mark.parametrize("is_old", [False, True])
def test_a_drop_of_a_revision_with_a_long_id(blog: History, engine_name: str, revision: str, is_old: bool) -> None:
    begun(blog, engine_name)
    if is_old:
        made_by_an_older_version(blog, engine_name)
    dropping(revision)
    before = everything(blog.engine)
    for _ in range(2):
        plan = flask_rewind.plan(revision="head")
        assert [crossing.opaque for crossing in plan.crossings] == [""]
        flask_rewind.upgrade()
        assert [each.revision for each in flask_rewind.attic() if each.place == "post.status"] == [revision]
        assert flask_rewind.status()[0].current == (revision,)
        flask_rewind.downgrade()
        assert everything(blog.engine) == before
    assert {crossing.revision for move in flask_rewind.log() for crossing in move.crossings} >= {revision, "1"}


@pytest.mark.on("mariadb", "postgresql")  # SQLite has no lengths
def test_an_id_too_long_for_the_version_table_is_taken_back(blog: History, engine_name: str) -> None:
    begun(blog, engine_name)
    before = everything(blog.engine)
    dropping("y" * 500)
    with pytest.raises(RewindError):
        flask_rewind.upgrade()
    assert everything(blog.engine) == before
    assert flask_rewind.status()[0].current == ("1",)
    assert not flask_rewind.attic()
