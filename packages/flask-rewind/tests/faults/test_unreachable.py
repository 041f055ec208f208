"""A database that cannot be reached: the message says why, for each cause another."""

from collections.abc import Callable
from pathlib import Path

import flask_rewind
import pytest
import sqlalchemy as sa
from before_a_failure import BeforeAFailure
from database_servers import free_port
from flask import Flask
from private_servers import private_server

pytestmark = pytest.mark.slow

MakeApp = Callable[..., Flask]
COMMANDS = ("upgrade", "status", "plan")


@pytest.fixture
def case(make_app: MakeApp, database_url: str) -> BeforeAFailure:
    return BeforeAFailure(make_app, database_url)


def fails_alike(case: BeforeAFailure, message: str, remedy: str) -> None:
    for command in COMMANDS:
        said = case.fails(command)
        assert message in said
        assert remedy in said
    assert case.is_as_before()


@pytest.mark.on("mariadb", "postgresql")
def test_no_server_at_the_port(case: BeforeAFailure) -> None:
    case.at(port=free_port())
    fails_alike(case, "No database server answers: ", "Start the server, or correct host and port")


@pytest.mark.on("mariadb", "postgresql")
def test_a_host_without_an_address(case: BeforeAFailure) -> None:
    case.at(host="no-such-host.invalid")
    fails_alike(case, "The host of the database server has no address: ", "Correct the host in the database's address")


@pytest.mark.on("mariadb", "postgresql")
def test_no_database_of_that_name(case: BeforeAFailure) -> None:
    case.at(database="rewind_no_such_database")
    fails_alike(case, "The server has no database of that name: ", "Create the database, or correct its name")


@pytest.mark.on("mariadb")
def test_a_wrong_password(case: BeforeAFailure) -> None:
    case.run("DROP USER IF EXISTS 'rewind_known'@'%'", "CREATE USER 'rewind_known'@'%' IDENTIFIED BY 'right'")
    try:
        case.at(username="rewind_known", password="wrong")
        fails_alike(case, "The database server refuses this user or password: ", "Correct the user and the password")
    finally:
        case.run("DROP USER 'rewind_known'@'%'")


@pytest.mark.on("postgresql")
def test_a_wrong_password_of_postgresql(make_app: MakeApp, engine_name: str) -> None:
    with private_server(engine_name) as server:
        case = BeforeAFailure(make_app, server.empty_database("blog"))
        rules = server.data / "pg_hba.conf"
        rules.write_text(f"host all rewind_known 127.0.0.1/32 scram-sha-256\n{rules.read_text()}")
        case.run("CREATE ROLE rewind_known LOGIN PASSWORD 'right'", "SELECT pg_reload_conf()")
        case.at(username="rewind_known", password="wrong")
        fails_alike(case, "The database server refuses this user or password: ", "Correct the user and the password")


@pytest.mark.on("postgresql")
def test_an_unknown_user(case: BeforeAFailure) -> None:
    case.at(username="rewind_nobody", password="wrong")
    fails_alike(case, 'role "rewind_nobody" does not exist', "Correct the user and the password")


@pytest.mark.on("mariadb")
def test_no_connection_left(case: BeforeAFailure) -> None:
    case.run("DROP USER IF EXISTS 'rewind_one'@'%'")
    case.run("CREATE USER 'rewind_one'@'%' IDENTIFIED BY 'one' WITH MAX_USER_CONNECTIONS 1")
    try:
        case.run("GRANT ALL ON *.* TO 'rewind_one'@'%'")
        case.at(username="rewind_one", password="one")
        with sa.create_engine(case.url.set(username="rewind_one", password="one")).connect() as taken:
            fails_alike(case, "The database server gives no further connection: ", "End other connections or raise the")
            taken.invalidate()
    finally:
        case.run("DROP USER 'rewind_one'@'%'")


@pytest.mark.on("sqlite")
def test_a_folder_that_does_not_exist(case: BeforeAFailure, tmp_path: Path) -> None:
    case.at(database=str(tmp_path / "no" / "where" / "blog.db"))
    fails_alike(
        case,
        f"The SQLite file {tmp_path}/no/where/blog.db cannot be opened: the folder {tmp_path}/no/where does not exist:"
        " unable to open database file",
        "Make the folder, or correct the database's address",
    )


@pytest.mark.on("sqlite")
def test_a_folder_in_place_of_a_file(case: BeforeAFailure, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    case.at(database=str(tmp_path / "folder"))
    fails_alike(case, f"The SQLite file {tmp_path}/folder cannot be opened: it is a folder", "Name a file in")


@pytest.mark.on("sqlite")
def test_a_file_of_another_kind(case: BeforeAFailure, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no database\n" * 200)
    case.at(database=str(tmp_path / "notes.txt"))
    fails_alike(case, f"The SQLite file {tmp_path}/notes.txt is no SQLite database", "put the file back from a copy")
    assert (tmp_path / "notes.txt").read_text() == "no database\n" * 200


def test_of_several_databases_the_one_that_cannot_be_opened_is_named(make_app: MakeApp, tmp_path: Path) -> None:
    config = {"SQLALCHEMY_BINDS": {"other": f"sqlite:///{tmp_path}/gone/other.db"}}
    app = make_app(f"sqlite:///{tmp_path}/blog.db", config=config)
    flask_rewind.init(multidb=True)
    flask_rewind.revision(rev_id="1")
    with pytest.raises(flask_rewind.DatabaseUnreachable) as error:
        flask_rewind.upgrade()
    assert f"{tmp_path}/gone/other.db cannot be opened: the folder {tmp_path}/gone does not exist" in str(error.value)
    assert app.extensions["db"].engines["other"].url.database == f"{tmp_path}/gone/other.db"
