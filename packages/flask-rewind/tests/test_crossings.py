"""What happens while a revision is crossed: transactions, copies, foreign keys, failures."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import flask_rewind
import pytest
import sqlalchemy as sa
from flask import Flask
from flask_rewind.errors import CopyFailed, CrossingFailed

MakeApp = Callable[..., Flask]


def script(up: str, down: str = "pass", rev_id: str = "1") -> Path:
    written = flask_rewind.revision(rev_id=rev_id, message="try")
    assert written
    lines = written.path.read_text().replace("def upgrade():\n    pass", f"def upgrade():\n    {up}")
    written.path.write_text(lines.replace("def downgrade():\n    pass", f"def downgrade():\n    {down}"))
    return written.path


HALF = "op.create_table('half', sa.Column('id', sa.Integer)); op.execute('INSERT INTO nowhere VALUES (1)')"


def test_a_failing_revision_leaves_nothing(make_app: MakeApp, database_url: str) -> None:
    engine = make_app(database_url).extensions["db"].engine
    flask_rewind.init()
    path = script(HALF)
    with pytest.raises(CrossingFailed) as error:
        flask_rewind.upgrade()
    assert f"in {path}, line " in error.value.message
    assert "at INSERT INTO nowhere VALUES (1)" in error.value.message
    assert "half" not in sa.inspect(engine).get_table_names()
    assert error.value.hint.startswith("Nothing of this revision was kept.")
    (status,) = flask_rewind.status()
    assert status.current == ()


def failed_after_an_insert(make_app: MakeApp, url: str) -> tuple[Flask, Path, CrossingFailed]:
    """Return the app, the script that failed and how."""
    app = make_app(url)
    flask_rewind.init()
    script("op.create_table('whole', sa.Column('id', sa.Integer))")
    flask_rewind.upgrade()
    path = script("op.execute('INSERT INTO whole VALUES (1)'); " + HALF, rev_id="2")
    with pytest.raises(CrossingFailed) as error:
        flask_rewind.upgrade()
    return app, path, error.value


@pytest.mark.on("sqlite", "postgresql")
def test_a_crossing_that_was_rolled_back_is_not_unfinished(make_app: MakeApp, database_url: str) -> None:
    app, _, _ = failed_after_an_insert(make_app, database_url)
    assert flask_rewind.status()[0].unfinished is None
    with app.extensions["db"].engine.connect() as connection:
        assert not flask_rewind.is_unfinished(connection)


@pytest.mark.on("mariadb")
def test_status_tells_of_an_unfinished_crossing_until_it_is_finished(make_app: MakeApp, database_url: str) -> None:
    app, path, error = failed_after_an_insert(make_app, database_url)
    unfinished = flask_rewind.status()[0].unfinished
    with app.extensions["db"].engine.connect() as connection:
        assert flask_rewind.is_unfinished(connection)
    assert "the rows stay as they left them:\n  INSERT INTO whole" in error.hint
    assert unfinished is not None
    assert (unfinished.revision, unfinished.direction) == ("2", "up")
    assert "unfinished: 2 going up" in app.test_cli_runner().invoke(args=["db", "status"]).output
    path.write_text(path.read_text().replace(HALF, "pass"))
    flask_rewind.upgrade()
    assert flask_rewind.status()[0].unfinished is None
    with app.extensions["db"].engine.connect() as connection:
        assert not flask_rewind.is_unfinished(connection)


def test_rewinds_own_tables_are_no_difference(make_app: MakeApp, tmp_path: Path) -> None:
    engine = make_app(f"sqlite:///{tmp_path}/a.db").extensions["db"].engine
    flask_rewind.init()
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE rewind_moves (id INTEGER)"))
    flask_rewind.check()


def test_the_version_table_appears_with_the_first_upgrade(make_app: MakeApp, database_url: str) -> None:
    engine = make_app(database_url).extensions["db"].engine
    flask_rewind.init()
    flask_rewind.upgrade()
    assert sa.inspect(engine).has_table("alembic_version")


def test_each_revision_is_its_own_transaction(make_app: MakeApp, database_url: str) -> None:
    make_app(database_url)
    flask_rewind.init()
    script("op.create_table('whole', sa.Column('id', sa.Integer))")
    script(HALF, rev_id="2")
    with pytest.raises(CrossingFailed, match="Revision 2"):
        flask_rewind.upgrade()
    assert flask_rewind.status()[0].current == ("1",)


def test_a_copy_of_the_sqlite_file_is_kept_before_each_move_the_last_three(make_app: MakeApp, tmp_path: Path) -> None:
    engine = make_app(f"sqlite:///{tmp_path}/blog.db").extensions["db"].engine
    flask_rewind.init()
    script(
        "op.execute('CREATE TABLE note (text)'); op.execute(\"INSERT INTO note VALUES ('轻博')\")",
        "op.drop_table('note')",
    )
    flask_rewind.upgrade()
    with engine.begin() as connection:
        connection.execute(sa.text("INSERT INTO note VALUES ('later')"))
    (copy,) = flask_rewind.downgrade().copies
    with closing(sqlite3.connect(copy)) as kept:
        assert kept.execute("SELECT text FROM note").fetchall() == [("轻博",), ("later",)]
    for _ in range(3):
        flask_rewind.upgrade()
        flask_rewind.downgrade()
    assert len(list((tmp_path / "blog.db.copies").iterdir())) == 3


def test_only_copies_of_the_same_file_make_room(make_app: MakeApp, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    for name in ("2024-archive.db", "shop.db", "other.db-20200101T000000.000000Z-1.db"):
        (kept / name).write_text("mine")
    make_app(f"sqlite:///{tmp_path}/blog.db", config={"REWIND_SQLITE_COPIES_DIRECTORY": str(kept)})
    (tmp_path / "blog.db").touch(mode=0o600)
    flask_rewind.init()
    script("pass", "pass")
    for _ in range(3):
        (copy,) = flask_rewind.upgrade().copies
        flask_rewind.downgrade()
    assert copy.stat().st_mode & 0o777 == 0o600
    assert len([path for path in kept.iterdir() if path.name.startswith("blog.db-")]) == 3
    assert len(list(kept.iterdir())) == 6


def test_a_move_with_nothing_to_do_copies_nothing(make_app: MakeApp, tmp_path: Path) -> None:
    make_app(f"sqlite:///{tmp_path}/blog.db")
    flask_rewind.init()
    assert flask_rewind.upgrade().copies == ()
    assert not (tmp_path / "blog.db.copies").exists()


def test_copies_can_be_switched_off_and_put_elsewhere(make_app: MakeApp, tmp_path: Path) -> None:
    make_app(f"sqlite:///{tmp_path}/a.db", config={"REWIND_SQLITE_COPIES": 0})
    flask_rewind.init()
    script("pass", "pass")
    assert flask_rewind.upgrade().copies == ()
    make_app(f"sqlite:///{tmp_path}/a.db", config={"REWIND_SQLITE_COPIES_DIRECTORY": str(tmp_path / "kept")})
    (copy,) = flask_rewind.downgrade().copies
    assert copy.parent == tmp_path / "kept"


def test_without_a_copy_the_move_does_not_start(make_app: MakeApp, tmp_path: Path) -> None:
    (tmp_path / "blocked").write_text("a file where the folder should be")
    settings = {"REWIND_SQLITE_COPIES_DIRECTORY": str(tmp_path / "blocked")}
    make_app(f"sqlite:///{tmp_path}/a.db", config=settings)
    flask_rewind.init()
    script("op.create_table('t', sa.Column('id', sa.Integer))")
    with pytest.raises(CopyFailed, match="Nothing was changed"):
        flask_rewind.upgrade()
    assert flask_rewind.status()[0].current == ()


def test_a_memory_database_has_no_file_to_copy(make_app: MakeApp) -> None:
    make_app("sqlite://")
    flask_rewind.init()
    script("op.create_table('t', sa.Column('id', sa.Integer))")
    assert flask_rewind.upgrade().copies == ()


def watched(db: Any) -> None:
    """Switch foreign keys on, as most Flask apps on SQLite do, with the BEGIN recipe of SQLAlchemy's docs."""

    @sa.event.listens_for(sa.Engine, "connect")
    def on(dbapi_connection: Any, record: Any) -> None:
        dbapi_connection.isolation_level = None
        dbapi_connection.execute("PRAGMA foreign_keys=ON")

    @sa.event.listens_for(sa.Engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN")

    db.undo = lambda: (sa.event.remove(sa.Engine, "connect", on), sa.event.remove(sa.Engine, "begin", begin))


CHILDREN = (
    "op.execute('CREATE TABLE post (id INTEGER PRIMARY KEY, title TEXT)'); "
    "op.execute('CREATE TABLE comment (post_id INTEGER REFERENCES post (id) ON DELETE CASCADE)'); "
    "op.execute(\"INSERT INTO post VALUES (1, 'a')\"); op.execute('INSERT INTO comment VALUES (1)')"
)


@pytest.fixture
def watched_app(make_app: MakeApp, tmp_path: Path) -> Any:
    app = make_app(f"sqlite:///{tmp_path}/blog.db", watched)
    flask_rewind.init()
    script(CHILDREN)
    flask_rewind.upgrade()
    yield app
    app.extensions["db"].undo()


def test_a_batch_rebuild_does_not_delete_the_children(watched_app: Flask) -> None:
    batch = "op.batch_alter_table('post', recreate='always')"
    script(
        f"b = {batch}; x = b.__enter__(); x.alter_column('title', type_=sa.String(9)); b.__exit__(None, None, None)",
        rev_id="2",
    )
    flask_rewind.upgrade()
    with watched_app.extensions["db"].engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM comment")) == 1
        assert connection.scalar(sa.text("PRAGMA foreign_keys")) == 1  # and on again for the app


def test_a_revision_that_leaves_orphans_is_taken_back(watched_app: Flask) -> None:
    script("op.execute('DELETE FROM post')", rev_id="2")
    with pytest.raises(CrossingFailed, match="1 rows of comment without their row in post"):
        flask_rewind.upgrade()
    with watched_app.extensions["db"].engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM post")) == 1


def test_autocommit_blocks_work(make_app: MakeApp, database_url: str) -> None:
    engine = make_app(database_url).extensions["db"].engine
    flask_rewind.init()
    block = (
        "c = op.get_context().autocommit_block(); c.__enter__(); op.create_table('b', sa.Column('id', sa.Integer)); "
    )
    script(
        block + "c.__exit__(None, None, None); op.create_table('a', sa.Column('id', sa.Integer))", "op.drop_table('a')"
    )
    flask_rewind.upgrade()
    assert {"a", "b"} <= set(sa.inspect(engine).get_table_names())


BATCH = (
    "b = op.batch_alter_table('post', recreate='always'); x = b.__enter__(); "
    "x.alter_column('title', type_=sa.String(9)); b.__exit__(None, None, None)"
)


def test_several_databases_begun_by_env_py_keep_their_children_too(make_app: MakeApp, tmp_path: Path) -> None:
    binds = {"SQLALCHEMY_BINDS": {"other": f"sqlite:///{tmp_path}/other.db"}}
    app = make_app(f"sqlite:///{tmp_path}/blog.db", watched, config=binds)
    try:
        flask_rewind.init(multidb=True)
        for number, statements in (("1", CHILDREN), ("2", BATCH)):
            written = flask_rewind.revision(rev_id=number)
            assert written
            more = f"\n\ndef upgrade_():\n    {statements}\n"
            written.path.write_text(written.path.read_text() + more)
            flask_rewind.upgrade()
        with app.extensions["db"].engine.connect() as connection:
            assert connection.scalar(sa.text("SELECT count(*) FROM comment")) == 1
    finally:
        app.extensions["db"].undo()


def test_an_open_session_on_the_only_connection_is_refused(make_app: MakeApp) -> None:
    app = make_app("sqlite://", watched)
    db = app.extensions["db"]
    try:
        flask_rewind.init()
        script(CHILDREN)
        flask_rewind.upgrade()
        script(BATCH, rev_id="2")
        db.session.execute(sa.text("INSERT INTO post VALUES (2, 'b')"))
        with pytest.raises(flask_rewind.BadRequest, match="open transaction on the only connection"):
            flask_rewind.upgrade()
        db.session.remove()
        flask_rewind.upgrade()
        with db.engine.connect() as connection:
            assert connection.scalar(sa.text("SELECT count(*) FROM comment")) == 1
    finally:
        db.undo()


def test_a_move_that_env_py_rolls_back_is_no_success(make_app: MakeApp, database_url: str, tmp_path: Path) -> None:
    make_app(database_url)
    flask_rewind.init()
    path = tmp_path / "migrations/env.py"
    begins = "as connection:\n        connection.exec_driver_sql('select 1')\n"
    path.write_text(path.read_text().replace("as connection:\n", begins))
    script("op.create_table('t', sa.Column('id', sa.Integer))", "op.drop_table('t')")
    if database_url.startswith("mysql"):  # its DDL commits whatever env.py does
        flask_rewind.upgrade()
        assert flask_rewind.status()[0].current == ("1",)
        return
    with pytest.raises(flask_rewind.BadRequest, match=r"rolled back by env\.py"):
        flask_rewind.upgrade()
    assert flask_rewind.status()[0].current == ()


def test_what_an_autocommit_block_did_is_taken_back(make_app: MakeApp, database_url: str) -> None:
    engine = make_app(database_url).extensions["db"].engine
    flask_rewind.init()
    block = (
        "op.create_table('a', sa.Column('id', sa.Integer)); "
        "c = op.get_context().autocommit_block(); c.__enter__(); op.create_table('b', sa.Column('id', sa.Integer)); "
    )
    script(block + "c.__exit__(None, None, None); op.execute('nonsense')")
    with pytest.raises(CrossingFailed) as error:
        flask_rewind.upgrade()
    assert "Nothing of this revision was kept" in error.value.hint
    assert not {"a", "b"} & {*sa.inspect(engine).get_table_names()}
    assert flask_rewind.status()[0].unfinished is None
