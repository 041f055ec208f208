"""What `make dist` builds installs into a clean venv and runs there.

The dependencies are those of this Python, so that nothing is downloaded; the two packages themselves are not.
"""

import os
import re
import sqlite3
import subprocess
import sys
import sysconfig
import tarfile
import time
import venv
from collections.abc import Iterator, Mapping
from contextlib import closing
from importlib.metadata import distribution, version
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import dist
import pytest
from click.testing import CliRunner
from database_servers import free_port
from packaging.requirements import Requirement

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

PACKAGES = ("flask-rewind", "qingbo")
SECONDS = 60


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder that `make dist` filled."""
    folder = tmp_path_factory.mktemp("dist")
    done = subprocess.run(
        [sys.executable, dist.__file__, "--out", str(folder)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="module")
def clean(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of programs of a clean venv with both wheels."""
    folder = tmp_path_factory.mktemp("clean") / "venv"
    venv.create(folder, with_pip=True)
    programs = folder / "bin"
    install = ["-m", "pip", "install", "--quiet", "--no-index", "--no-deps", *map(str, built.glob("*.whl"))]
    run(programs / "python", *install)
    (libraries,) = (folder / "lib").glob("python3*/site-packages")
    # A path file that leads to other ones does not load them, so the editable packages of this Python stay out.
    (libraries / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    return programs


def clean_environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "QINGBO_", "FLASK_"))}
    return kept | {"PATH": "/usr/bin:/bin"} | more


def run(program: Path, *words: str, cwd: Path | None = None, environment: Mapping[str, str] | None = None) -> str:
    done = subprocess.run(
        [program, *words],
        cwd=cwd,
        env=environment or clean_environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=2 * SECONDS,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_both_have_a_wheel_and_an_sdist_with_sources_licence_and_tests(built: Path) -> None:
    number = dist.shared_version()
    stems = [f"{name.replace('-', '_')}-{number}" for name in PACKAGES]
    assert sorted(path.name for path in built.iterdir()) == sorted(
        name for stem in stems for name in (f"{stem}.tar.gz", f"{stem}-py3-none-any.whl")
    )
    for stem in stems:
        with tarfile.open(built / f"{stem}.tar.gz") as sdist:
            inside = sdist.getnames()
        for needed in ("LICENSE", "README.md", "pyproject.toml", "tests/conftest.py"):
            assert f"{stem}/{needed}" in inside
        assert not [name for name in inside if "__pycache__" in name or "qingbo-data" in name]


def test_the_wheels_are_what_runs(clean: Path) -> None:
    code = "import flask_rewind, qingbo; print(flask_rewind.__file__); print(qingbo.__file__)"
    for path in run(clean / "python", "-c", code).split():
        assert Path(path).is_relative_to(clean.parent)


def test_every_requirement_of_the_wheels_is_fulfilled_here(clean: Path) -> None:
    code = "from importlib.metadata import requires; print('\\n'.join(requires('{}') or []))"
    for name in PACKAGES:
        for line in run(clean / "python", "-c", code.format(name)).splitlines():
            required = Requirement(line)
            if required.marker is None or required.marker.evaluate({"extra": ""}):
                assert required.specifier.contains(version(required.name)), line
    assert distribution("qingbo").version == dist.shared_version()


def test_qingbo_tells_its_version(clean: Path) -> None:
    assert run(clean / "qingbo", "--version") == f"Qingbo, version {dist.shared_version()}\n"


@pytest.fixture
def served(clean: Path, tmp_path: Path) -> Iterator[str]:
    """Return the address of a blog that the installed command serves from a fresh folder."""
    port, log = free_port(), tmp_path / "log"
    command = [clean / "qingbo", "--home", tmp_path / "blog", "serve", "--port", str(port), "--workers", "1"]
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=tmp_path, env=clean_environment(), stdout=out, stderr=out)
    try:
        yield waited_for(f"http://127.0.0.1:{port}/", process, log)
    finally:
        process.terminate()
        process.wait(SECONDS)


def waited_for(address: str, process: "subprocess.Popen[bytes]", log: Path) -> str:
    end = time.monotonic() + SECONDS
    while True:
        try:
            urlopen(address).close()
        except URLError:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.1)
        else:
            return address


def test_qingbo_serves_a_fresh_folder(served: str) -> None:
    with urlopen(served) as answer:
        page = answer.read().decode()
    assert answer.status == 200
    style = re.search(r'rel="stylesheet" href="(/[^"]+)"', page)
    assert style, page
    with urlopen(served.rstrip("/") + style[1]) as answer:
        assert answer.headers["Content-Type"].startswith("text/css")


APP = """
from flask import Flask
from flask_rewind import Rewind
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///shop.db"
db = SQLAlchemy(app)
Rewind(app, db)


class Thing(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(20))
"""


def test_an_app_with_flask_rewind_moves_its_database(clean: Path, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(APP)
    for words in ("init", "migrate -m things", "upgrade"):
        run(clean / "python", "-m", "flask", "db", *words.split(), cwd=tmp_path)
    assert "(head)" in run(clean / "python", "-m", "flask", "db", "current", cwd=tmp_path)
    with closing(sqlite3.connect(tmp_path / "instance/shop.db")) as database:
        assert database.execute("SELECT count(*) FROM thing").fetchone() == (0,)


def test_different_versions_are_not_built(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in PACKAGES:
        project = tmp_path / "packages" / name / "pyproject.toml"
        project.parent.mkdir(parents=True)
        project.write_text(f'[project]\nversion = "{"1.0" if name == "qingbo" else "1.1"}"\n')
    code = tmp_path / "packages/qingbo/src/qingbo/version.py"
    code.parent.mkdir(parents=True)
    code.write_text('__version__ = "1.0"\n')
    monkeypatch.setattr(dist, "ROOT", tmp_path)
    result = CliRunner().invoke(dist.main, ["--out", str(tmp_path / "out")])
    assert result.exit_code == 1
    assert "packages/flask-rewind/pyproject.toml: 1.1" in result.output
    assert not (tmp_path / "out").exists()
