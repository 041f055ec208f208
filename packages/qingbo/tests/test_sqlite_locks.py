"""SQLite keeps its locks while connections open and close; otherwise another process could remove its log."""

import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from qingbo.app import create_app
from qingbo.database import prepare_sqlite
from qingbo.doctor import examine, make_private
from qingbo.home import DataFolder

# SQLite's shared lock: these bytes of the file (https://sqlite.org/src/file/src/os.h).
TRIES = """
import fcntl, sys
with open(sys.argv[1], "r+b") as file:
    fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 510, 0x40000002)
"""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="fcntl")


def is_locked(database: Path) -> bool:
    return (
        subprocess.run([sys.executable, "-c", TRIES, str(database)], capture_output=True, check=False).returncode != 0
    )


def test_each_commit_is_synced_to_the_disk(tmp_path: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'blog.db'}", poolclass=sa.NullPool)
    prepare_sqlite(engine)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL


def test_what_this_process_does_beside_a_connection_ends_no_lock(tmp_path: Path) -> None:
    home = DataFolder(tmp_path / "blog")
    home.create()
    engine = sa.create_engine(f"sqlite:///{home.database}", poolclass=sa.NullPool)
    prepare_sqlite(engine)
    with engine.begin() as first:
        first.exec_driver_sql("CREATE TABLE note (id INTEGER)")
    assert not is_locked(home.database)
    with engine.connect() as reader:
        reader.exec_driver_sql("SELECT * FROM note")
        assert is_locked(home.database)
        with engine.connect() as second:
            second.exec_driver_sql("INSERT INTO note VALUES (1)")
            assert is_locked(home.database)
        home.require_writable()
        assert is_locked(home.database)
        app = create_app(home.path)
        make_private(app)
        with app.app_context():
            list(examine(app))
        assert is_locked(home.database)
