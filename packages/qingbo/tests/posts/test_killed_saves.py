"""The server is killed with SIGKILL while scripts save: every acknowledged save is stored, byte for byte."""

import http.client
import json
import os
import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import flask_rewind
import pytest
import sqlalchemy as sa
from database_servers import free_port
from qingbo.accounts.registration import create_user
from qingbo.accounts.roles import ADMINISTRATOR
from qingbo.app import create_app
from qingbo.clock import now
from qingbo.database import writing
from qingbo.extensions import db, session
from qingbo.home import DataFolder
from qingbo.posts.models import Post, PostDraft, PostVersion
from qingbo.posts.publishing import Draft, create_post
from served_blog import kill, serve

pytestmark = [pytest.mark.slow, pytest.mark.kills]

SAVES = int(os.environ.get("KILLED_SAVES", "20"))
"""Acknowledged saves of one run; `make prove` asks for 200."""
SAVES_PER_KILL = 10
NAMES = ("ann", "ben", "carl", "dora")
PASSWORD = "correct horse battery"
HEADERS = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"}


@dataclass
class Race:
    """What the scripts and the test that kills the server know in common."""

    port: int
    is_up: threading.Event = field(default_factory=threading.Event)
    news: threading.Condition = field(default_factory=threading.Condition)
    sent: int = 0
    saved: dict[str, str] = field(default_factory=dict)
    """The acknowledged texts as they were sent, each with the way it was saved."""
    unanswered: int = 0

    def next_number(self) -> int:
        with self.news:
            self.sent += 1
            return self.sent

    def note(self, text: str, way: str) -> None:
        with self.news:
            self.saved[text] = way
            self.news.notify_all()

    def wait_for_saves(self, count: int) -> None:
        """Wait until so many more saves are acknowledged, and return at that moment."""
        with self.news:
            due = len(self.saved) + count
            assert self.news.wait_for(lambda: len(self.saved) >= due, timeout=60), self.saved

    @property
    def is_over(self) -> bool:
        return len(self.saved) >= SAVES


class Writer:
    """A script that saves texts, each in another way than the one before, until there are enough."""

    def __init__(self, race: Race, name: str) -> None:
        self.race, self.name = race, name
        self.cookies: dict[str, str] = {}

    def sign_in(self) -> None:
        assert self.race.is_up.wait(60)
        self.token = self.token_on("/login")
        assert self.ask("POST", "/login", name=self.name, password=PASSWORD)[0] == 303
        self.token = self.token_on("/posts/new")

    def token_on(self, path: str) -> str:
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.ask("GET", path)[1])
        assert found, path
        return found[1]

    def run(self) -> None:
        self.sign_in()
        while not self.race.is_over:
            number = self.race.next_number()
            path, way, fields = self.save(number)
            text = text_of(number)
            try:
                status, page = self.ask("POST", path, text=text, opened=f"{number}.", **fields)
            except (OSError, http.client.HTTPException):
                self.race.unanswered += 1
                assert self.race.is_up.wait(60)
                continue
            assert status in {200, 303}, (status, path, page[:2000])
            self.race.note(text, way)

    def save(self, number: int) -> tuple[str, str, dict[str, str]]:
        """Return where the save goes, how its text is kept, and its fields."""
        match number % 4:
            case 0:  # typed into a form for a new post
                return "/posts/autosave", "draft", {"draft": f"new-{number}"}
            case 1:  # typed into a tab of its own, for a post that others save at the same time
                return "/posts/autosave", "draft", {"draft": "post-1", "post": "1"}
            case 2:
                return "/posts/shared/edit", "post", {"title": f"Shared {number}", "tags": "a, b", "action": "publish"}
            case _:
                action = "draft" if number % 8 == 3 else "publish"
                return "/posts/new", "post", {"title": f"夜 {number}", "tags": f"t{number}", "action": action}

    def ask(self, method: str, path: str, **fields: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.race.port, timeout=60)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        body = urlencode(fields | {"csrf_token": self.token}) if fields else None
        try:
            connection.request(method, path, body, HEADERS | {"Cookie": cookies})
            answer = connection.getresponse()
            page = answer.read().decode()
        finally:
            connection.close()
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, page


def text_of(number: int) -> str:
    """Return a text as a browser sends it, short or long."""
    lines = [f"第 {number} 次保存。", "", "雨👩‍👩‍👧𠮷 Été &amp; <b>é</b>  ", "\ttab", f"end {number}"]
    return "\r\n".join(lines * (200 if number % 5 == 0 else 1))


def texts_in(address: str) -> dict[str, set[str]]:
    """Return the texts of a database: those of posts and versions, and those of drafts."""
    engine = sa.create_engine(address, poolclass=sa.NullPool)
    with engine.connect() as connection:
        posts = set(connection.scalars(sa.select(Post.text)))
        versions = {json.loads(each)["text"] for each in connection.scalars(sa.select(PostVersion.content))}
        drafts = {json.loads(each)["text"] for each in connection.scalars(sa.select(PostDraft.content))}
        if engine.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
    return {"post": posts | versions, "draft": drafts}


def kept(text: str, way: str) -> str:
    """Return a text as it is kept: that of a post has the line ends of Unix."""
    return text.replace("\r\n", "\n") if way == "post" else text


def make_blog(home: Path, database_url: str) -> None:
    """Make a blog with an account for each writer, and the post that all of them change."""
    folder = DataFolder(home)
    folder.create()
    (home / "qingbo.toml").write_text(f'database_url = "{database_url}"\n')
    with create_app(home).app_context(), writing():
        flask_rewind.upgrade()
        users = [create_user(session(), name, PASSWORD, role=ADMINISTRATOR) for name in NAMES]
        create_post(session(), users[0], Draft("Shared", "First.", published_at=now()))
        session().commit()
        db.engine.dispose()


@pytest.mark.parametrize("engine_name", ["sqlite", "mariadb"], indirect=True)
def test_a_killed_server_loses_no_save_that_it_acknowledged(
    tmp_path: Path, database_url: str, record_property: Callable[[str, str], None]
) -> None:
    home, race = tmp_path / "blog", Race(free_port())
    make_blog(home, database_url)
    kills = 0
    with ThreadPoolExecutor(len(NAMES)) as pool:
        writers = [pool.submit(Writer(race, name).run) for name in NAMES]
        while not race.is_over:
            with serve(home, port=race.port) as blog:
                race.is_up.set()
                race.wait_for_saves(SAVES_PER_KILL)
                race.is_up.clear()
                kill(blog)  # at once: the other writers wait for an answer
                kills += 1
        race.is_up.set()
    for writer in writers:
        writer.result()
    record_property("saves", f"{len(race.saved)} acknowledged, {race.unanswered} cut off, {kills} kills")
    found = texts_in(database_url)
    assert [text for text, way in race.saved.items() if kept(text, way) not in found[way]] == []
    assert kills >= SAVES // SAVES_PER_KILL
