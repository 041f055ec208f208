"""Other users of the machine cannot read the blog's files, whatever permissions the folder had before."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from qingbo import doctor
from qingbo.app import create_app
from qingbo.cli import main

pytestmark = pytest.mark.slow


def run(home: Path, *words: str) -> str:
    return CliRunner().invoke(main, ["--home", str(home), *words]).output


def open_entries(home: Path) -> set[str]:
    found = [home, *home.rglob("*")]
    return {path.relative_to(home).as_posix() for path in found if path.stat().st_mode & 0o077}


def tightened(home: Path) -> list[doctor.Finding]:
    """Do what `serve` does before it serves."""
    return doctor.make_private(create_app(home))


@pytest.fixture(autouse=True, params=[0o000, 0o022, 0o077])
def _umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "blog"
    home.mkdir()
    home.chmod(0o755)
    return home


def test_in_an_empty_folder_that_was_there_nothing_is_open(home: Path) -> None:
    run(home, "init")
    run(home, "db", "downgrade", "base")
    run(home, "db", "upgrade")
    assert {path.name for path in home.iterdir()} >= {"qingbo.db", "qingbo.toml", "secret_key", "copies"}
    assert list((home / "copies").iterdir())
    assert open_entries(home) == set()
    assert "other users on this server can’t read the files" in run(home, "doctor")


def test_a_new_file_beside_the_database_is_private_from_the_start(tmp_path: Path) -> None:
    home = tmp_path / "new"
    run(home, "init")
    (home / "qingbo.db").unlink()
    with create_app(home).app_context():
        from qingbo.extensions import db

        with db.engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE t (id INTEGER)")
            assert (home / "qingbo.db-wal").stat().st_mode & 0o077 == 0
            assert (home / "qingbo.db-shm").stat().st_mode & 0o077 == 0
        db.engine.dispose()


def test_what_was_open_is_told_of_and_made_private(home: Path) -> None:
    run(home, "init")
    run(home, "db", "downgrade", "base")
    (home / "setup_token").write_text("token")
    (home / "qingbo.db.lock").touch()
    (home / "qingbo.toml.bak").touch()
    with closing(sqlite3.connect(home / "qingbo.db")) as reader:
        reader.execute("SELECT * FROM sqlite_master").fetchone()  # -wal and -shm stay as long as somebody reads
        paths = [home, *home.rglob("*")]
        assert home / "qingbo.db-wal" in paths
        for path in paths:
            path.chmod(0o755 if path.is_dir() else 0o644)
        said = run(home, "doctor")
        assert "!!  file permissions: other users can read" in said
        for path in paths:
            assert f"chmod {'700' if path.is_dir() else '600'} {path}" in said
        assert tightened(home) == []
        assert open_entries(home) == set()
        assert "!!  file permissions" not in run(home, "doctor")


def test_a_folder_with_other_files_keeps_its_rights_and_theirs(home: Path) -> None:
    (home / "copies").mkdir()
    for path in (home / "index.html", home / "copies" / "letter.txt"):
        path.write_text("for everybody")
        path.chmod(0o644)
    (home / "copies").chmod(0o755)
    run(home, "init")
    run(home, "db", "downgrade", "base")
    for copy in (home / "copies").glob("qingbo.db-*"):
        copy.chmod(0o644)
    assert f"but can see their names: {home} also contains other files" in tightened(home)[0].message
    assert open_entries(home) == {".", "index.html", "copies", "copies/letter.txt"}
    assert "ok  file permissions: other users on this server can’t read the files, but can see their names" in run(
        home, "doctor"
    )


def test_a_folder_that_others_can_write_is_told_of(home: Path) -> None:
    (home / "index.html").touch()
    home.chmod(0o777)
    run(home, "init")
    assert home.stat().st_mode & 0o777 == 0o777
    assert f"!!  file permissions: other users can write to {home}" in run(home, "doctor")


def test_a_database_elsewhere_is_private_and_its_folder_as_it_was(home: Path, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere"
    other.mkdir()
    other.chmod(0o755)
    (other / "blog.db").touch()
    (other / "blog.db").chmod(0o666)
    (other / "notes.db").touch()
    (other / "notes.db").chmod(0o644)
    run(home, "init")
    (home / "qingbo.toml").write_text(f'database_url = "sqlite:///{other}/blog.db"\n')
    assert f"chmod 600 {other}/blog.db" in run(home, "doctor")
    run(home, "init")
    assert open_entries(other) == {".", "notes.db"}


def test_rights_that_cannot_be_changed_are_told_of(home: Path) -> None:
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("needs root, to make a file another user's")
    run(home, "init")
    (home / "qingbo.toml").chmod(0o644)
    os.chown(home / "qingbo.toml", 4321, 4321)
    command = ["setpriv", "--bounding-set=-fowner", sys.executable, "-m", "qingbo", "--home", str(home), "init"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert (
        f"other users can read {home}/qingbo.toml, and the permissions can’t be changed (Operation not permitted)"
        in said
    )
    assert f"As the owner of these files, run: chmod 600 {home}/qingbo.toml" in said


def test_the_root_folder_is_never_changed() -> None:
    from qingbo import privacy
    from qingbo.home import DataFolder

    before = Path("/").stat().st_mode
    assert privacy.tighten(DataFolder(Path("/")), None) == []
    assert Path("/").stat().st_mode == before
