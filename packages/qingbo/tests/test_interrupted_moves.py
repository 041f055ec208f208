"""A blog on MariaDB whose upgrade was killed: what serve, doctor and /healthz say; the next command ends it."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from qingbo.app import create_app
from served_blog import qingbo, serve

pytestmark = [pytest.mark.slow, pytest.mark.on("mariadb")]

KILLED = """
import itertools, os, signal, sys
from flask_rewind.journal import Journal
from qingbo.__main__ import main
note_done, count = Journal.note_done, itertools.count()
def killed(self, row, step):
    if next(count) == 40:
        os.kill(os.getpid(), signal.SIGKILL)
    note_done(self, row, step)
Journal.note_done = killed
main()
"""


def run(home: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "qingbo", "--home", str(home), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture
def killed_home(database_url: str, tmp_path: Path) -> Path:
    """Return the data folder of a blog whose first upgrade was killed in its middle."""
    home = tmp_path / "blog"
    qingbo(home, "init")
    (home / "qingbo.toml").write_text(f'database_url = "{database_url}"\nlink_previews = false\n')
    command = [sys.executable, "-c", KILLED, "--home", str(home), "db", "upgrade"]
    killed = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    return home


def test_an_interrupted_move_is_reported_and_the_next_one_ends_it(killed_home: Path) -> None:
    refused = run(killed_home, "serve")
    assert refused.returncode == 1
    assert "A move of the database was interrupted: revision " in refused.stderr
    assert f"qingbo --home {killed_home} db resume" in refused.stderr
    doctor = run(killed_home, "doctor").stdout
    assert "!!  database schema: the upgrade or downgrade of revision 00" in doctor
    assert f" --home {killed_home} db resume" in doctor
    app = create_app(killed_home)
    answer = app.test_client().get("/healthz")
    assert (answer.status_code, answer.json) == (503, {"status": "the schema is behind", "move": "unfinished"})
    app.extensions["qingbo_page_cache"].close()
    upgraded = run(killed_home, "db", "upgrade")
    assert upgraded.returncode == 0, upgraded.stderr
    with serve(killed_home) as blog:
        assert "ok  database schema" in blog.qingbo("doctor")


def test_an_interrupted_move_is_resumed_or_aborted_by_a_command(killed_home: Path) -> None:
    aborted = run(killed_home, "db", "abort")
    assert "was taken back." in aborted.stdout
    assert "No move was interrupted." in run(killed_home, "db", "abort").stdout
    assert "No move was interrupted." in run(killed_home, "db", "resume").stdout
    assert run(killed_home, "db", "upgrade").returncode == 0


def test_resume_goes_on_to_the_target_of_the_move(killed_home: Path) -> None:
    resumed = run(killed_home, "db", "resume")
    assert resumed.returncode == 0, resumed.stderr
    assert "nothing pending" in run(killed_home, "db", "status").stdout
