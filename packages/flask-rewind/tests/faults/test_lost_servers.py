"""A server that dies in the middle of a move: one error without a traceback, and the next move ends what was begun."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from before_a_failure import BeforeAFailure
from flask import Flask
from private_servers import PrivateServer, private_server

pytestmark = [pytest.mark.slow, pytest.mark.on("mariadb", "postgresql")]

MakeApp = Callable[..., Flask]

LONG = {
    "mariadb": "CREATE TABLE much AS SELECT seq FROM seq_1_to_100000000000",
    "postgresql": "CREATE TABLE much AS SELECT generate_series(1, 100000000000)",
}
READING = {"mariadb": "SELECT benchmark(100000000000, md5('x'))", "postgresql": "SELECT pg_sleep(300)"}
APP = """import os
import flask_rewind
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

app = Flask("blog")
app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["BLOG_URL"]
flask_rewind.Rewind(app, SQLAlchemy(app), directory=os.environ["BLOG_MIGRATIONS"])
"""


@pytest.fixture
def server(engine_name: str) -> Iterator[PrivateServer]:
    with private_server(engine_name) as running:
        yield running


def started(case: BeforeAFailure, *words: str) -> "subprocess.Popen[str]":
    """Start a command as a process of its own, whose output has all that anybody prints or logs."""
    directory = case.path.parents[1]
    program = directory.parent / "blog_app.py"
    program.write_text(APP)
    address = case.url.render_as_string(hide_password=False)
    return subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", str(program), "db", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | {"BLOG_URL": address, "BLOG_MIGRATIONS": str(directory)},
    )


@pytest.mark.parametrize("kind", ["a statement that changes the schema", "a statement that reads"])
def test_a_server_that_is_killed(make_app: MakeApp, server: PrivateServer, engine_name: str, kind: str) -> None:
    statement = (READING if "reads" in kind else LONG)[engine_name]
    second = f'op.drop_column("post", "slug")\nop.execute(sa.text({statement!r}))'
    case = BeforeAFailure(make_app, server.empty_database("blog"), second)
    mover = started(case, "upgrade")
    server.wait_for(statement[:30])
    server.kill()
    said, _ = mover.communicate(timeout=120)
    assert mover.returncode == 1, said
    assert "Traceback" not in said
    assert "ERROR" not in said
    error = said[said.index("Error: ") :]
    assert error.startswith("Error: The connection to the database was lost in step ")
    assert " of revision 2 (step), going up: " in error
    assert f"at {statement}" in error
    assert "Check that it runs" not in error
    assert ("the next move does it" if engine_name == "mariadb" else "Nothing of this revision was kept.") in error
    server.start()
    case.path.write_text(case.path.read_text().replace("op.execute", "str"))
    again = started(case, "upgrade")
    said, _ = again.communicate(timeout=120)
    assert (again.returncode, "Now at 2." in said) == (0, True), said


def test_a_server_that_was_killed_before(make_app: MakeApp, server: PrivateServer) -> None:
    case = BeforeAFailure(make_app, server.empty_database("blog"))
    server.kill()
    for command in ("upgrade", "status"):
        mover = started(case, command)
        said, _ = mover.communicate(timeout=120)
        assert mover.returncode == 1
        assert "Error: No database server answers: " in said
        assert "Traceback" not in said
    server.start()
    assert case.is_as_before()
