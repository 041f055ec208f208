"""A user who may not do what a move needs is told which privilege is missing, on what, and how to grant it."""

import re
from collections.abc import Callable, Iterator

import pytest
from before_a_failure import BeforeAFailure, user_of
from flask import Flask

pytestmark = pytest.mark.slow

MakeApp = Callable[..., Flask]

USER = "rewind_little"


@pytest.fixture
def case(make_app: MakeApp, database_url: str, engine_name: str) -> Iterator[BeforeAFailure]:
    """A database with a user who has no privileges yet, which the app is."""
    made = BeforeAFailure(make_app, database_url)
    if engine_name == "mariadb":
        create = [f"CREATE USER '{USER}'@'%' IDENTIFIED BY 'little'"]
        drop = [f"DROP USER IF EXISTS '{USER}'@'%'"]
    else:
        create = [f"CREATE ROLE {USER} LOGIN PASSWORD 'little'"]
        exists = f"IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{USER}')"
        drop = [
            f"DO $$ BEGIN {exists} THEN EXECUTE 'DROP OWNED BY {USER}'; EXECUTE 'DROP ROLE {USER}'; END IF; END $$",
        ]
    with user_of(made, create, drop):
        made.at(username=USER, password="little")
        yield made


def granted(case: BeforeAFailure, said: str) -> None:
    """Do what a message says, as the administrator."""
    statement = said[said.rindex(next(each for each in (" GRANT ", " ALTER TABLE ") if each in said)) :]
    assert statement.endswith(";")
    case.run(statement)
    case.at(username=USER, password="little")  # MariaDB looks at privileges when a connection begins


@pytest.mark.on("mariadb")
def test_no_right_to_alter(case: BeforeAFailure) -> None:
    database = case.url.database
    case.run(f"GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP ON `{database}`.* TO '{USER}'@'%'")
    said = case.fails("upgrade")
    assert f"'{USER}'@'127.0.0.1' has no ALTER privilege on `{database}`.`post`: ALTER command denied" in said
    assert "Nothing of this revision was kept." in said
    assert said.endswith(f"GRANT ALTER ON `{database}`.* TO '{USER}'@'%';")
    assert "purge" not in said
    assert case.is_as_before()
    assert case.says("attic") == "The attic is empty."
    granted(case, said)
    assert "1 revision crossed. Now at 2." in case.says("upgrade")


@pytest.mark.on("mariadb")
def test_no_right_to_write_into_the_journal(case: BeforeAFailure) -> None:
    case.run(f"GRANT SELECT ON `{case.url.database}`.* TO '{USER}'@'%'")
    said = case.fails("upgrade")
    found = re.search(rf"'{USER}'@'127.0.0.1' has no (\w+) privilege on `{case.url.database}`.`rewind_moves`", said)
    assert found
    assert said.endswith(f"GRANT {found[1]} ON `{case.url.database}`.* TO '{USER}'@'%';")
    assert case.is_as_before()


@pytest.mark.on("mariadb")
def test_no_right_to_the_database(case: BeforeAFailure) -> None:
    for command in ("upgrade", "status"):
        said = case.fails(command)
        assert f"has no privilege on the database {case.url.database}" in said
        assert said.endswith(f"GRANT ALL PRIVILEGES ON `{case.url.database}`.* TO '{USER}'@'%';")
    assert case.is_as_before()
    granted(case, said)
    assert "1 revision crossed" in case.says("upgrade")


@pytest.mark.on("mariadb")
def test_no_right_that_only_an_administrator_has(case: BeforeAFailure) -> None:
    case.run(f"GRANT ALL PRIVILEGES ON `{case.url.database}`.* TO '{USER}'@'%'")
    case.path.write_text(case.path.read_text().replace("op.drop_column", 'op.execute("SET GLOBAL flush_time = 0")#'))
    said = case.fails("upgrade")
    assert "the database user has no SUPER privilege" in said
    assert said.endswith(f"GRANT SUPER ON *.* TO '{USER}'@'%';")
    assert case.is_as_before()


@pytest.mark.on("postgresql")
def test_not_the_owner(case: BeforeAFailure) -> None:
    case.run(
        f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {USER}",
        f"GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {USER}",
        f"GRANT ALL ON SCHEMA public TO {USER}",
    )
    said = case.fails("upgrade")
    assert f"the database user {USER} is not the owner of table post: must be owner of table post" in said
    assert "Nothing of this revision was kept." in said
    assert said.endswith(f'ALTER TABLE "post" OWNER TO {USER};')
    assert "purge" not in said
    assert case.is_as_before()
    granted(case, said)
    assert "1 revision crossed. Now at 2." in case.says("upgrade")


@pytest.mark.on("postgresql")
def test_no_right_to_create_in_a_schema(case: BeforeAFailure) -> None:
    case.run(
        f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {USER}",
        f"GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {USER}",
        f"ALTER TABLE post OWNER TO {USER}",
    )
    said = case.fails("upgrade")
    assert f"the database user {USER} has no privilege (USAGE, CREATE) on schema public" in said
    assert said.endswith(f'GRANT USAGE, CREATE ON SCHEMA "public" TO {USER};')
    assert case.is_as_before()
    granted(case, said)
    assert "1 revision crossed" in case.says("upgrade")


@pytest.mark.on("postgresql")
def test_no_right_to_read(case: BeforeAFailure) -> None:
    for command in ("upgrade", "status", "log"):
        said = case.fails(command)
        assert f"The database user {USER} has no privilege (SELECT) on table" in said
        assert f"TO {USER};" in said
    assert case.is_as_before()


@pytest.mark.on("postgresql")
def test_the_owner_of_a_table_in_another_schema(case: BeforeAFailure) -> None:
    case.run(
        f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {USER}",
        f"GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {USER}",
        "CREATE SCHEMA more",
        f"GRANT ALL ON SCHEMA public, more TO {USER}",
        'CREATE TABLE more."user" (id int, n int)',
    )
    case.path.write_text(case.path.read_text().replace('"post", "slug")', '"user", "n", schema="more")'))
    said = case.fails("upgrade")
    assert said.endswith(f'ALTER TABLE "more"."user" OWNER TO {USER};')
    granted(case, said)
    assert "1 revision crossed" in case.says("upgrade")
