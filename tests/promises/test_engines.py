"""What the tests do and report if a database engine is missing."""

import os
import subprocess
import sys
from pathlib import Path

import database_servers
import pytest
import sqlalchemy as sa
from schema_texts import schema_texts
from sqlalchemy.pool import NullPool

pytestmark = pytest.mark.slow

TEST = """
def test_something(database_url):
    assert database_url
"""

WITHOUT_MARIADB = """
import database_servers
database_servers.MariaDB.programs = lambda self: [None]
"""


def run(
    folder: Path, *options: str, conftest_text: str = WITHOUT_MARIADB, test: str = TEST, **environment: str
) -> "subprocess.CompletedProcess[str]":
    (folder / "conftest.py").write_text(conftest_text)
    (folder / "test_it.py").write_text(test)
    # Without this run's servers too: two of these tests at once would make the same database on them.
    ours = {"REQUIRE_ENGINES", "TEST_MARIADB_URL", database_servers.FOLDER}
    inherited = {key: value for key, value in os.environ.items() if key not in ours}
    inherited["PYTHONPATH"] = str(Path(database_servers.__file__).parent)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "database_servers", "-p", "no:randomly"]
    command += [*options, str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=inherited | environment, cwd=folder)


def test_a_missing_engine_is_skipped_in_a_line_one_cannot_overlook(tmp_path: Path) -> None:
    done = run(tmp_path)
    assert done.returncode == 0, done.stdout
    assert "1 skipped" in done.stdout
    assert "NOT TESTED ON MARIADB: no server program found here" in done.stdout
    assert "SQLite" in done.stdout.partition("database engines these tests ran on")[2]


def test_a_missing_engine_that_is_required_fails(tmp_path: Path) -> None:
    done = run(tmp_path, REQUIRE_ENGINES="mariadb,postgresql")
    assert done.returncode == 1
    assert "MariaDB is required (REQUIRE_ENGINES) and no server program is here" in done.stdout


WITHOUT_GALERA = """
import pathlib
import galera_cluster
galera_cluster.LIBRARY = pathlib.Path("nowhere")
"""


def test_a_missing_cluster_is_said_and_required_like_an_engine(tmp_path: Path) -> None:
    files = {"conftest_text": WITHOUT_GALERA, "test": "def test_something(nodes):\n    assert nodes"}
    done = run(tmp_path, "-p", "galera_cluster", **files)
    assert (done.returncode, "1 skipped" in done.stdout) == (0, True), done.stdout
    assert "NOT TESTED ON GALERA: no server program found here" in done.stdout
    done = run(tmp_path, "-p", "galera_cluster", **files, REQUIRE_ENGINES="mariadb,galera")
    assert done.returncode == 1
    assert "Galera is required (REQUIRE_ENGINES) and no server program is here" in done.stdout


SCHEMAS = "SELECT nspname, CAST(nspowner AS regrole), nspacl, obj_description(oid, 'pg_namespace') FROM pg_namespace"


def left_in(url: str, *statements: str) -> tuple[object, ...]:
    """Return what a database has, and execute these statements in it."""
    engine = sa.create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        rows = connection.exec_driver_sql(f"{SCHEMAS} WHERE nspname NOT LIKE 'pg_t%%' ORDER BY 1").all()
        found = (str(rows), schema_texts(engine), connection.exec_driver_sql("SELECT 1 FROM pg_publication").all())
        for statement in statements:
            connection.exec_driver_sql(statement)
    return found


@pytest.mark.on("postgresql")
@pytest.mark.parametrize("more", ["CREATE SCHEMA elsewhere", "CREATE PUBLICATION p"])
def test_an_emptied_database_is_like_a_new_one(engine_name: str, worker_id: str, more: str) -> None:
    name = f"rewind_test_emptied_{worker_id}_{len(more)}"
    new = left_in(database_servers.empty_database(engine_name, name), "CREATE TYPE mood AS ENUM ('glad')", more)
    assert left_in(database_servers.empty_database(engine_name, name), "CREATE TABLE t ()") == new
    assert left_in(database_servers.empty_database(engine_name, name)) == new


def collected(folder: Path, test: str) -> str:
    """Return what pytest says of the tests that a file makes."""
    (folder / "pytest.ini").write_text("[pytest]\nmarkers = on(*engines): engines\n")
    (folder / "test_it.py").write_text(f"import pytest\n\n{test}")
    plugins = ["-p", "database_servers", "-p", "engine_marks"]
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", *plugins, str(folder)]
    path = str(Path(database_servers.__file__).parent)
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env=os.environ | {"PYTHONPATH": path}, cwd=folder
    ).stdout


def test_a_test_and_its_cases_are_made_for_the_engines_they_are_marked_on(tmp_path: Path) -> None:
    case = 'pytest.param("x", marks=pytest.mark.on("mariadb"))'
    marks = f'@pytest.mark.on("sqlite", "mariadb")\n@pytest.mark.parametrize("letter", ["a", {case}])\n'
    found = collected(tmp_path, f"{marks}def test_it(engine_name, letter): pass\n")
    assert {line.partition("::")[2] for line in found.splitlines() if "::" in line} == {
        "test_it[sqlite-a]",
        "test_it[mariadb-a]",
        "test_it[mariadb-x]",
    }


def test_a_mark_that_names_no_engine_is_an_error(tmp_path: Path) -> None:
    assert "but the engines are sqlite, mariadb, postgresql" in collected(
        tmp_path, '@pytest.mark.on("maria")\ndef test_it(engine_name): pass\n'
    )
    assert "does not use the fixture engine_name" in collected(
        tmp_path, '@pytest.mark.on("mariadb")\ndef test_it(): pass\n'
    )
