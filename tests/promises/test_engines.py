"""What the tests say, and do, where a database engine is missing."""

import os
import subprocess
import sys
from pathlib import Path

import database_servers
import pytest

pytestmark = pytest.mark.slow

TEST = """
def test_something(database_url):
    assert database_url
"""

WITHOUT_MARIADB = """
import database_servers
database_servers.MariaDB.programs = lambda self: [None]
"""


def run(folder: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    (folder / "conftest.py").write_text(WITHOUT_MARIADB)
    (folder / "test_it.py").write_text(TEST)
    # Without this run's servers too: two of these tests at once would make the same database on them.
    ours = {"REQUIRE_ENGINES", "TEST_MARIADB_URL", database_servers.FOLDER}
    inherited = {key: value for key, value in os.environ.items() if key not in ours}
    inherited["PYTHONPATH"] = str(Path(database_servers.__file__).parent)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "database_servers", "-p", "no:randomly", str(folder)]
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
