"""Each command in a message can be typed as it is, however the program was started."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from qingbo.hints import for_pages
from qingbo.home import DataFolder

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
BIN = Path(sys.executable).parent
BARE = {"PATH": "/usr/bin:/bin"}


def without_path() -> dict[str, str]:
    """Return an environment in which neither qingbo nor flask is on the PATH, but `python3`."""
    return {name: value for name, value in os.environ.items() if not name.startswith("QINGBO_")} | BARE


def typed(command: str, cwd: Path, environment: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["sh", "-c", command], cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=60
    )


# As `make run` does, the tutorial, and people with a venv; and from where.
WAYS = {
    "a path in the project": (".venv/bin/qingbo --home {home}", "project", {}),
    "a whole path": (f"{BIN}/qingbo --home {{home}}", "elsewhere", {}),
    "a checkout": ("python3 manage.py --home {home}", "project", {"PYTHONPATH": ""}),
    "the tutorial": (f"{sys.executable} {{root}}/manage.py --home {{home}}", "elsewhere", {}),
    "a module": (f"{sys.executable} -m qingbo --home {{home}}", "elsewhere", {}),
    "on the path": ("qingbo --home {home}", "elsewhere", {"PATH": f"{BIN}:{BARE['PATH']}"}),
    "the environment": (f"{BIN}/qingbo", "elsewhere", {"QINGBO_HOME": "{home}"}),
}


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_what_is_hinted_at_runs(tmp_path: Path, way: str) -> None:
    home = tmp_path / "a blog"
    DataFolder(home).create()
    program, place, variables = WAYS[way]
    program = program.format(home=shlex.quote(str(home)), root=ROOT)
    environment = without_path() | {name: value.format(home=home) for name, value in variables.items()}
    cwd = tmp_path
    if place == "project":
        (tmp_path / ".venv").symlink_to(BIN.parent)
        shutil.copy(ROOT / "manage.py", tmp_path)

    def hinted(words: str, pattern: str) -> str:
        said = typed(f"{program} {words}", cwd, environment)
        found = re.search(pattern, said.stdout + said.stderr)
        assert found, said.stdout + said.stderr
        return found[1]

    def run(command: str) -> str:
        done = typed(command, cwd, environment)
        assert done.returncode == 0, (command, done.stdout + done.stderr)
        return done.stdout

    assert "0001" in run(hinted("db upgrade nope", r"List the revisions: (.+)"))
    assert "0010" in run(hinted("doctor", r"Run: (.+ upgrade)"))


@pytest.mark.slow
def test_hints_of_flask_run(tmp_path: Path) -> None:
    environment = without_path()
    home = tmp_path / "blog"
    DataFolder(home).create()
    environment |= {"QINGBO_HOME": str(home)}
    said = typed(f"{BIN}/flask --app qingbo db upgrade nope", tmp_path, environment).stderr
    found = re.search(r"List the revisions: (.+)", said)
    assert found, said
    assert "0001" in typed(found[1], tmp_path, environment).stdout


def test_commands_on_pages_are_for_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = DataFolder(tmp_path / "a blog")
    monkeypatch.setenv("PATH", BARE["PATH"])
    assert for_pages("Run: qingbo db upgrade", folder) == f"Run: {BIN}/qingbo --home '{folder.path}' db upgrade"
    assert for_pages("next: flask db log", folder).endswith(f"qingbo --home '{folder.path}' db log")
    monkeypatch.setenv("PATH", str(BIN))
    assert for_pages("Run: qingbo doctor", folder) == f"Run: qingbo --home '{folder.path}' doctor"


def test_the_health_page_names_its_command(blog: Any) -> None:
    page = blog.visitor("root", "administrator").read("/studio/health")
    assert f"qingbo --home {blog.home} doctor" in page


APP = """
from flask import Flask
from flask_rewind import Rewind
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///shop.db"
Rewind(app, SQLAlchemy(app))
"""


@pytest.mark.parametrize("program", ["{bin}/flask db", "{bin}/python -m flask --app app db"])
def test_hints_in_another_app_run(tmp_path: Path, program: str) -> None:
    (tmp_path / "app.py").write_text(APP)
    command = program.format(bin=BIN)
    said = typed(f"{command} history", tmp_path, without_path()).stderr
    found = re.search(r"Make one: (.+)", said)
    assert found, said
    done = typed(found[1], tmp_path, without_path())
    assert done.returncode == 0, done.stderr
    following = re.search(r"then run: (.+)", done.stdout)
    assert following, done.stdout
    assert typed(following[1], tmp_path, without_path()).returncode == 0
