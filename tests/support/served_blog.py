"""A served blog: `qingbo serve` in a separate process, for tests, screenshots and benchmarks."""

import atexit
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from unittest.mock import patch
from urllib.error import URLError
from urllib.request import urlopen

import flask_rewind
from database_servers import free_port
from qingbo import demo
from qingbo.accounts.registration import create_user
from qingbo.app import create_app
from qingbo.database import writing
from qingbo.extensions import db, session
from qingbo.home import DataFolder

START_SECONDS = STOP_SECONDS = 60

NOTHING_FETCHED = {"QINGBO_LINK_PREVIEWS": "false"}
"""Tests ask no other server."""

CHANGED = "UPDATE public_changes SET number = number + 1"
"""What a test executes that writes into the database behind the blog's back: its pages are made anew."""


@dataclass
class ServedBlog:
    """A running server and what it printed."""

    url: str
    home: Path
    process: "subprocess.Popen[str]"
    log: Path

    @property
    def output(self) -> str:
        """Everything printed so far."""
        return self.log.read_text()

    @property
    def setup_link(self) -> str:
        """The link for the first administrator."""
        found = re.search(r"http://\S+/setup/\S+", self.output)
        assert found, self.output
        return found[0]

    @property
    def workers(self) -> list[int]:
        """The numbers of the processes that answer, on Linux."""
        number = self.process.pid
        return [int(word) for word in Path(f"/proc/{number}/task/{number}/children").read_text().split()]

    def qingbo(self, *words: str) -> str:
        """Run a command on the blog and return what it printed."""
        return qingbo(self.home, *words)


def qingbo(home: Path, *words: str, environment: Mapping[str, str] | None = None) -> str:
    """Run a command on the blog in a folder and return what it printed; it must succeed."""
    command = [sys.executable, "-m", "qingbo", "--home", str(home), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=_environment(environment))
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@contextmanager
def serve(
    home: Path, *options: str, port: int | None = None, environment: Mapping[str, str] | None = None
) -> Iterator[ServedBlog]:
    """Serve the blog of a folder until the block ends; a folder that is missing becomes a copy of a new blog."""
    if not home.exists():
        make_blog(home, has_sample="--demo" in options)
    with serve_as_it_is(home, *options, port=port, environment=environment) as blog:
        yield blog


@contextmanager
def serve_as_it_is(
    home: Path, *options: str, port: int | None = None, environment: Mapping[str, str] | None = None
) -> Iterator[ServedBlog]:
    """Serve the blog of a folder until the block ends; `qingbo serve` makes what is missing, which takes seconds."""
    port = port or free_port()
    if "--workers" not in options:  # as many as there are cores take their time to start
        options = (*options, "--workers", "1")
    log = home.with_name(f"{home.name}-{port}.log")
    command = [sys.executable, "-m", "qingbo", "--home", str(home), "serve", "--port", str(port), *options]
    with log.open("w") as output:
        process = subprocess.Popen(
            command,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            env=_environment(environment),
        )
    blog = ServedBlog(f"http://127.0.0.1:{port}", home, process, log)
    try:
        _wait_for(blog)
        yield blog
    finally:
        stop(blog)


@contextmanager
def opened(home: Path) -> Iterator[None]:
    """Write into the blog of a folder, whether it is served or not; a command takes seconds to start."""
    with patch.dict(os.environ, NOTHING_FETCHED):
        app = create_app(home)
    with app.app_context(), writing():
        yield
        session().commit()
        db.engine.dispose()


def add_users(home: Path, password: str, roles: Mapping[str, str]) -> None:
    """Give a blog accounts, by name and role."""
    with opened(home):
        for name, role in roles.items():
            create_user(session(), name, password, role=role)


def make_blog(home: Path, *, has_sample: bool = False) -> None:
    """Make the folder of a new blog, a copy: `qingbo init` takes seconds."""
    shutil.copytree(_new_blog(has_sample), home)


@cache
def _new_blog(has_sample: bool) -> Path:
    """Return the folder of a blog that nobody has used, made once by each process."""
    folder = DataFolder(_folders() / ("sample" if has_sample else "empty"))
    folder.create()
    with opened(folder.path):
        flask_rewind.upgrade()
        if has_sample:
            demo.fill(session(), "Asia/Shanghai")
    return folder.path


@cache
def _folders() -> Path:
    made = mkdtemp(prefix="qingbo-new-")
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return Path(made)


def _environment(given: Mapping[str, str] | None) -> dict[str, str]:
    return {**os.environ, **NOTHING_FETCHED, **(given or {})}


def stop(blog: ServedBlog, how: signal.Signals = signal.SIGTERM) -> int:
    """Stop the server, wait, and return its exit code."""
    if blog.process.poll() is None:
        blog.process.send_signal(how)
    return blog.process.wait(timeout=STOP_SECONDS)


def kill(blog: ServedBlog) -> None:
    """Kill the server and its workers at once with SIGKILL, and wait."""
    os.killpg(blog.process.pid, signal.SIGKILL)
    blog.process.wait(timeout=STOP_SECONDS)


def _wait_for(blog: ServedBlog) -> None:
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            with urlopen(f"{blog.url}/healthz", timeout=2):
                return
        except (URLError, ConnectionError, TimeoutError):
            if blog.process.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"the server did not start:\n{blog.output}") from None
            time.sleep(0.1)
