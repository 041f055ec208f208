"""A script floods the forms for passwords, registration and comments: limits hold, and people can still use them."""

import os
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from form_client import Client
from qingbo.accounts.roles import AUTHOR
from served_blog import ServedBlog, add_users, serve

pytestmark = [pytest.mark.slow, pytest.mark.flood]

TIMES = int(os.environ.get("FLOOD_TIMES", "150"))
"""Requests of one flood, above every limit it meets; `make prove` sends 1,000."""
PASSWORD = "correct horse battery"
POST = "/posts/a-blog-that-fits-in-a-folder"


@pytest.fixture(scope="module")
def blog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedBlog]:
    environment = {"QINGBO_TRUSTED_PROXIES": "1", "QINGBO_REGISTRATION": "open", "QINGBO_COMMENT_HOLD": "none"}
    home: Path = tmp_path_factory.mktemp("floods") / "blog"
    with serve(home, "--demo", environment=environment) as blog:
        add_users(home, PASSWORD, {"ann": AUTHOR, "ben": AUTHOR})
        yield blog
    with closing(sqlite3.connect(home / "qingbo.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def flood(send: object, *, workers: int = 8) -> tuple[Counter[int], int]:
    """Return the answers, and how many times a limit per minute was reached at most: a busy machine takes longer."""
    begun = time.monotonic()
    with ThreadPoolExecutor(workers) as pool:
        answers = Counter(pool.map(send, range(TIMES)))  # type: ignore[arg-type]
    return answers, 1 + int((time.monotonic() - begun) / 60)


def sign_in(client: Client, name: str, password: str = PASSWORD) -> int:
    client.get("/login")
    return client.send("/login", name=name, password=password)


def test_a_flood_of_passwords(blog: ServedBlog) -> None:
    person = Client(blog, "10.1.0.1")
    assert sign_in(person, "ann") == 303
    person.cookies.pop("qingbo_session")
    script = Client(blog, "10.1.0.9")
    script.get("/login")
    answers, minutes = flood(lambda number: script.send("/login", name="ann", password=f"guess number {number}"))
    assert answers[422] <= 10 * minutes
    assert answers[422] + answers[429] == TIMES, (answers, blog.output[-6000:])
    # The person gets in: from the browser that did before, even at the script's own address, and from elsewhere.
    person.headers["X-Forwarded-For"] = "10.1.0.9"
    assert sign_in(person, "ann") == 303
    assert sign_in(Client(blog, "10.1.0.2"), "ann") == 303
    assert sign_in(Client(blog, "10.1.0.9"), "ben") == 303


def test_a_flood_of_names(blog: ServedBlog) -> None:
    script = Client(blog, "10.2.0.9")
    script.get("/login")
    answers, minutes = flood(lambda number: script.send("/login", name=f"name{number}", password="summer holidays"))
    assert answers[422] <= 60 * minutes
    assert answers[429] >= TIMES - 60 * minutes
    assert sign_in(Client(blog, "10.2.0.1"), "ben") == 303


def test_a_flood_of_registrations(blog: ServedBlog) -> None:
    def register(client: Client, name: str) -> int:
        fields = {"name": name, "email": f"{name}@example.com", "password": PASSWORD, "repeated": PASSWORD}
        return client.send("/register", **fields)

    script = Client(blog, "10.3.0.9")
    script.get("/register")
    answers, minutes = flood(lambda number: register(script, f"robot{number}"))
    assert answers[303] <= 5 * minutes
    assert answers[429] >= TIMES - 5 * minutes
    assert blog.qingbo("user", "list").count("robot") == answers[303]
    person = Client(blog, "10.3.0.1")
    person.get("/register")
    assert register(person, "carl") == 303


def test_a_flood_of_comments(blog: ServedBlog) -> None:
    def comment(client: Client, text: str) -> int:
        return client.send(POST, name="robot", text=text, started="")

    script = Client(blog, "10.4.0.9")
    answers, minutes = flood(lambda number: comment(script, f"buy {number}"))
    assert answers[200] <= 30 * minutes  # and those were only asked to send it once more
    assert answers[429] >= TIMES - 30 * minutes
    assert "buy" not in Client(blog, "10.4.0.1").get(POST)
    person = Client(blog, "10.4.0.9")
    assert sign_in(person, "ben") == 303
    person.get(POST)
    assert person.send(POST, text="I have an account") == 303
    assert comment(Client(blog, "10.4.0.2"), "hello") == 200
