"""A SQLite database that was copied to a server with its attic: things that SQLite hid do not return there."""

from collections.abc import Callable
from pathlib import Path

import flask_rewind
import old_history
import pytest
import sqlalchemy as sa
from database_servers import empty_database
from flask import Flask
from flask_rewind.errors import Refused
from histories import History, everything

MakeApp = Callable[..., Flask]

pytestmark = pytest.mark.slow

SERVERS = {"mariadb": "MariaDB or MySQL", "postgresql": "PostgreSQL"}
POST = 'sa.Column("id", sa.Integer, primary_key=True), sa.Column("title", sa.String(20))'
LEAD = 'sa.Column("lead", sa.String(20), nullable=False, index=True)'
NOTE = '"note", sa.Column("id", sa.Integer, primary_key=True), sa.Column("body", sa.String(20))'


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def copied(make_app: MakeApp, server: str, tmp_path: Path, worker_id: str) -> Callable[[str], History]:
    """Return a function that copies a SQLite database at a revision, with hidden things, to a server."""

    def made(revision: str) -> History:
        source, target = f"sqlite:///{tmp_path / 'blog.db'}", empty_database(server, f"rewind_test_{worker_id}")
        blog = History(make_app(source, config={"REWIND_SQLITE_COPIES": 0}))
        blog.revision(f'op.create_table("post", {POST}, {LEAD})\nop.create_table({NOTE})', "pass")
        blog.revision('op.drop_column("post", "lead")', f'op.add_column("post", {LEAD})')
        blog.revision('op.drop_table("note")', f"op.create_table({NOTE})")
        flask_rewind.upgrade(revision="1")
        blog.run("INSERT INTO post (id, title, lead) VALUES (1, 'One', 'words')")
        blog.run("INSERT INTO note (id, body) VALUES (1, 'text')")
        flask_rewind.upgrade(revision=revision)
        copy(source, target)
        blog.engine = make_app(target).extensions["db"].engine
        return blog

    return made


@pytest.fixture
def blog(copied: Callable[[str], History]) -> History:
    return copied("3")


def copy(source: str, target: str) -> None:
    """Copy all tables with their rows like common tools do: columns, keys, indexes, and nothing else."""
    there, here = sa.create_engine(source), sa.create_engine(target)
    tables = sa.MetaData()
    tables.reflect(there)
    for column in [column for table in tables.tables.values() for column in table.columns]:
        column.server_default = None  # in SQLite's syntax
        column.type = column.type.as_generic()
    tables.create_all(here)
    with there.connect() as reading, here.begin() as writing:
        for table in tables.sorted_tables:
            if rows := [row._asdict() for row in reading.execute(table.select())]:
                writing.execute(table.insert(), rows)
            if rows and "id" in table.columns and here.dialect.name == "postgresql":
                numbers = sa.func.pg_get_serial_sequence(table.name, "id")
                writing.execute(sa.select(sa.func.setval(numbers, max(row["id"] for row in rows))))
    there.dispose()
    here.dispose()


def refusal(server: str, place: str, name: str, revision: str) -> str:
    return (
        f"{place} was hidden by SQLite (as {name}, by revision {revision}), and this database is {SERVERS[server]}:"
        " Flask-Rewind cannot bring it back here."
    )


def remedy(place: str) -> str:
    return (
        "Make this move in the SQLite database, then copy that again; or delete the hidden values:"
        f" flask db purge {place}"
    )


def test_a_move_that_needs_them_is_refused(blog: History, server: str) -> None:
    before = everything(blog.engine)
    with pytest.raises(Refused) as refused:
        flask_rewind.downgrade()
    assert refused.value.message == refusal(server, "note", "_attic_2", "3")
    assert refused.value.hint.startswith(remedy("note"))
    assert everything(blog.engine) == before
    assert flask_rewind.status()[0].current == ("3",)


def test_a_plan_says_so(blog: History, server: str) -> None:
    assert flask_rewind.plan(revision="2").refused.startswith(refusal(server, "note", "_attic_2", "3"))


def test_a_column_is_refused_too(copied: Callable[[str], History], server: str) -> None:
    copied("2")
    with pytest.raises(Refused) as refused:
        flask_rewind.downgrade()
    assert refused.value.message == refusal(server, "post.lead", "_attic_1", "2")


def test_a_copy_that_a_former_version_hid_is_refused_too(
    make_app: MakeApp, server: str, tmp_path: Path, worker_id: str
) -> None:
    source, target = f"sqlite:///{tmp_path / 'old.db'}", empty_database(server, f"rewind_test_{worker_id}")
    old_history.load("sqlite", source)
    with sa.create_engine(source, poolclass=sa.NullPool).begin() as connection:
        connection.exec_driver_sql("DROP TABLE mark")  # it refers to a hidden table, which no server allows
    copy(source, target)
    blog = History(make_app(target))
    for up, down in old_history.revisions("sqlite"):
        blog.revision(up, down)
    with pytest.raises(Refused) as refused:
        flask_rewind.downgrade(revision="5")
    assert refused.value.message == refusal(server, "tag.word", "_attic_8", "6")


def test_other_moves_go_on(blog: History) -> None:
    blog.revision('op.drop_column("post", "title")', 'op.add_column("post", sa.Column("title", sa.String(20)))')
    flask_rewind.upgrade()
    flask_rewind.downgrade()
    assert blog.rows("SELECT id, title FROM post") == [(1, "One")]


def test_what_another_engine_recorded_is_not_compared(blog: History, capsys: pytest.CaptureFixture[str]) -> None:
    flask_rewind.purge(everything=True)
    with pytest.raises(Refused) as refused:
        flask_rewind.downgrade(from_journal=True)
    assert refused.value.message.startswith("the journal recorded the upgrade() of revision 3 on SQLite")
    flask_rewind.downgrade()
    assert "of revision 3 is not compared with its upgrade(), which SQLite recorded." in capsys.readouterr().err
    assert flask_rewind.status()[0].current == ("2",)


def test_they_are_listed_and_purged(blog: History) -> None:
    assert [(each.place, each.rows) for each in flask_rewind.attic()] == [("post.lead", 1), ("note", 1)]
    flask_rewind.purge(everything=True)
    assert flask_rewind.attic() == ()
    assert [each["name"] for each in sa.inspect(blog.engine).get_columns("post")] == ["id", "title"]


def test_leaving_shows_none_of_them(blog: History, server: str) -> None:
    with pytest.raises(Refused) as refused:
        flask_rewind.eject(restore=True)
    assert refused.value.message == refusal(server, "post.lead", "_attic_1", "2")
    flask_rewind.eject(purge=True)
    assert sorted(sa.inspect(blog.engine).get_table_names()) == ["alembic_version", "post"]
