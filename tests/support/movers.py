"""Processes that upgrade the same database at once."""

import subprocess
import sys
import time
from pathlib import Path

from histories import History

WAITING = """import pathlib, time
op.create_table("t", sa.Column("id", sa.Integer, primary_key=True))
pathlib.Path("{is_in}").touch()
while not pathlib.Path("{go_on}").exists():
    time.sleep(0.01)
op.execute("INSERT INTO t (id) VALUES (1)")"""
"""A revision in whose middle the test says when to go on."""

SINCE = r", since \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
"""How a message says since when somebody holds the lease."""

_PROGRAM = """import sys
import flask_rewind
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

url, directory, prelude = sys.argv[1:]
exec(prelude)
app = Flask("mover")
app.config["SQLALCHEMY_DATABASE_URI"] = url
app.config["REWIND_LEASE_TIMEOUT"] = 600
if url.startswith("sqlite"):
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"connect_args": {"timeout": 0.1}}
flask_rewind.Rewind(app, SQLAlchemy(app), directory=directory)
with app.app_context():
    try:
        print(len(flask_rewind.upgrade().crossings))
    except flask_rewind.RewindError as error:
        error.show()
        sys.exit(error.exit_code)
"""
_SAYS_IT_WAITS = "Waiting up to 600 seconds"


class Mover:
    """One process that upgrades."""

    def __init__(self, url: str, directory: Path, prelude: str) -> None:
        command = [sys.executable, "-c", _PROGRAM, url, str(directory), prelude]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.said = ""

    def waits(self) -> "Mover":
        """Return when it has said that it waits for another one."""
        while _SAYS_IT_WAITS not in self.said:
            line = self.process.stderr.readline() if self.process.stderr else ""
            assert line, self.said
            self.said += line
        return self

    def result(self) -> tuple[str, int]:
        """Return how many revisions it has crossed, and its exit code, when it is through."""
        crossed, said = self.process.communicate()
        self.said += said
        return crossed.strip(), self.process.returncode


class Movers:
    """Processes that upgrade a database by a revision that waits for a file.

    Args:
        blog: the database.
        folder: for files.
        prelude: what each process executes first.
    """

    def __init__(self, blog: History, folder: Path, prelude: str = "") -> None:
        self._go_on, self._is_in = folder / "go-on", folder / "is-in"
        path = blog.revision(WAITING.format(go_on=self._go_on, is_in=self._is_in), 'op.drop_table("t")')
        self._url = blog.engine.url.render_as_string(hide_password=False)
        self._directory, self._prelude = path.parents[1], prelude
        self.all: list[Mover] = []

    def start(self, count: int) -> None:
        """Start one, and when it is in the middle of its revision the others; return when all of these wait."""
        self.first()
        for each in [self.another() for _ in range(count - 1)]:
            each.waits()

    def first(self) -> Mover:
        """Start one, and return when it is in the middle of its revision."""
        first = self.another()
        while not self._is_in.exists():
            assert first.process.poll() is None, first.process.communicate()
            time.sleep(0.01)
        return first

    def another(self, url: str = "") -> Mover:
        """Start one, by default at the same address."""
        self.all.append(Mover(url or self._url, self._directory, self._prelude))
        return self.all[-1]

    def go_on(self) -> None:
        """Let the revision come to its end."""
        self._go_on.touch()

    def results(self) -> list[tuple[str, int]]:
        """Let them go on, and return how many revisions each has crossed, and its exit code."""
        self.go_on()
        return [each.result() for each in self.all]

    def end(self) -> None:
        """Kill those that still run."""
        for each in self.all:
            each.process.kill()
            each.process.communicate()
