"""What may not be written: a file, its folder, its disk, a server, a transaction. The message says which, and why."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from before_a_failure import BeforeAFailure, user_of
from flask import Flask
from flask_rewind.engines.faults import diagnosis_of
from small_disks import as_nobody, make_read_only, open_folder, small_disk
from sqlalchemy.pool import NullPool

pytestmark = pytest.mark.slow

MakeApp = Callable[..., Flask]


@pytest.fixture
def folder() -> Iterator[Path]:
    with open_folder() as made:
        (made / "data").mkdir(mode=0o755)
        yield made


@pytest.fixture
def on_file(make_app: MakeApp, folder: Path) -> BeforeAFailure:
    """A database in a folder of its own, whose files belong to root."""
    case = BeforeAFailure(make_app, f"sqlite:///{folder}/data/blog.db", directory=str(folder / "migrations"))
    case.says("status")
    case.app.extensions["db"].engine.dispose()
    return case


def test_a_file_that_this_user_may_only_read(on_file: BeforeAFailure, folder: Path) -> None:
    (folder / "data" / "blog.db").chmod(0o644)
    (folder / "data").chmod(0o777)
    (folder / "data" / "blog.db.lease").unlink()
    said = as_nobody(lambda: on_file.fails("upgrade"))
    assert f"this user may not write to the SQLite file {folder}/data/blog.db" in said.lower().replace(
        "sqlite", "SQLite"
    )
    assert f"Give this user write permission on {folder}/data/blog.db, then run the same command again." in said
    assert on_file.is_as_before()
    (folder / "data" / "blog.db").chmod(0o666)
    assert "1 revision crossed" in as_nobody(lambda: on_file.says("upgrade"))


def test_a_folder_that_this_user_may_not_write_in(on_file: BeforeAFailure, folder: Path) -> None:
    (folder / "data" / "blog.db").chmod(0o666)
    (folder / "data" / "blog.db.lease").chmod(0o666)
    said = as_nobody(lambda: on_file.fails("upgrade"))
    assert f"This user may not write in {folder}/data, where SQLite keeps the journal of blog.db" in said
    assert f"Give this user write permission on {folder}/data, then" in said
    assert on_file.is_as_before()


def test_a_lease_that_this_user_may_not_make(on_file: BeforeAFailure, folder: Path) -> None:
    (folder / "data" / "blog.db").chmod(0o666)
    (folder / "data" / "blog.db.lease").unlink()
    said = as_nobody(lambda: on_file.fails("upgrade"))
    assert f"lease on the file {folder}/data/blog.db.lease, and cannot: Permission denied" in said
    assert f"Let this user write in {folder}/data" in said
    assert on_file.is_as_before()


def test_a_file_that_this_user_may_not_read(on_file: BeforeAFailure, folder: Path) -> None:
    (folder / "data" / "blog.db").chmod(0o600)
    for command in ("upgrade", "status"):
        said = as_nobody(lambda: on_file.fails(command))  # noqa: B023 - called at once
        assert f"The SQLite file {folder}/data/blog.db cannot be opened: this user may not read it" in said
    assert on_file.is_as_before()


def test_a_folder_that_this_user_may_not_enter(on_file: BeforeAFailure, folder: Path) -> None:
    (folder / "data").chmod(0o700)
    said = as_nobody(lambda: on_file.fails("upgrade"))
    assert f"blog.db cannot be opened: this user may not enter the folder {folder}/data" in said
    assert on_file.is_as_before()


def test_a_file_that_is_missing_where_this_user_may_make_none(on_file: BeforeAFailure, folder: Path) -> None:
    on_file.at(database=f"{folder}/data/other.db")
    said = as_nobody(lambda: on_file.fails("upgrade"))
    assert f"other.db cannot be opened: it does not exist, and this user may make no file in {folder}/data" in said
    assert not (folder / "data" / "other.db").exists()


def test_a_disk_that_is_mounted_read_only(make_app: MakeApp, folder: Path) -> None:
    with small_disk(folder / "data", kilobytes=2000) as disk:
        case = BeforeAFailure(make_app, f"sqlite:///{disk}/blog.db")
        case.app.extensions["db"].engine.dispose()
        make_read_only(disk)
        said = case.fails("upgrade")
        assert f"lease on the file {disk}/blog.db.lease, and cannot: Read-only file system" in said
        assert f"The file system of {disk} is mounted read-only: mount it for writing, or move the database." in said
        with pytest.raises(sa.exc.OperationalError) as error, case.admin.begin() as connection:
            connection.exec_driver_sql("UPDATE post SET title = 'x'")
        found = diagnosis_of(error.value, lambda: [case.admin])
        assert found is not None
        assert found.what == f"the SQLite file {disk}/blog.db is on a file system that is mounted read-only"
        assert case.is_as_before()
        assert "at: 1" in case.says("status")
        case.app.extensions["db"].engine.dispose()


def test_an_address_that_opens_a_file_to_read(make_app: MakeApp, tmp_path: Path) -> None:
    case = BeforeAFailure(make_app, f"sqlite:///{tmp_path}/blog.db")
    case.at_url(sa.make_url(f"sqlite:///file:{tmp_path}/blog.db?mode=ro&uri=true"))
    said = case.fails("upgrade")
    assert f"The SQLite file {tmp_path}/blog.db is read-only" in said
    assert "Remove mode=ro or immutable=1 from" in said
    assert case.is_as_before()


@pytest.mark.on("mariadb")
def test_a_server_that_is_read_only(make_app: MakeApp, database_url: str) -> None:
    case = BeforeAFailure(make_app, database_url)
    user = "'rewind_writer'@'%'"
    create = [f"CREATE USER {user} IDENTIFIED BY 'w'", f"GRANT ALL ON `{case.url.database}`.* TO {user}"]
    with user_of(case, create, [f"DROP USER IF EXISTS {user}"]):
        case.at(username="rewind_writer", password="w")
        case.run("SET GLOBAL read_only = ON")
        try:
            said = case.fails("upgrade")
        finally:
            case.run("SET GLOBAL read_only = OFF")
        assert "The server is read-only, as a replica is: The MariaDB server is running with the --read-only" in said
        assert said.endswith("SET GLOBAL read_only = OFF;")
        assert case.is_as_before()
        assert "1 revision crossed" in case.says("upgrade")


@pytest.mark.on("postgresql")
def test_a_role_that_is_read_only(make_app: MakeApp, database_url: str) -> None:
    case = BeforeAFailure(make_app, database_url)
    name = case.url.database
    case.run(f"ALTER ROLE root IN DATABASE {name} SET default_transaction_read_only = on")
    case.at()
    said = case.fails("upgrade")
    assert "The server takes no writes: it is a standby, or default_transaction_read_only is on" in said
    assert said.endswith("ALTER ROLE root SET default_transaction_read_only = off;")
    case.admin = sa.create_engine(
        case.url, poolclass=NullPool, connect_args={"options": "-c default_transaction_read_only=off"}
    )
    assert case.is_as_before()
    assert "at: 1" in case.says("status")


@pytest.mark.on("mariadb")
def test_transactions_that_are_read_only(make_app: MakeApp, database_url: str) -> None:
    case = BeforeAFailure(make_app, database_url)
    options = {"engine_options": {"connect_args": {"init_command": "SET SESSION TRANSACTION READ ONLY"}}}
    case.at_url(case.url, **options)
    said = case.fails("upgrade")
    assert "The transactions of this session are read-only: Cannot execute statement in a READ ONLY trans" in said
    assert "Remove the setting that makes them read-only" in said
    assert case.is_as_before()
