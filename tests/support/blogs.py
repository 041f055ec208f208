"""Fixtures: a blog on each engine. The migrations make its schema once per worker; it is empty for each test.

Each conftest imports the fixtures that its tests use.
"""

import logging
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextvars import Context
from dataclasses import dataclass, field
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import flask_rewind
import pytest
import sqlalchemy as sa
import time_machine
from database_servers import empty_database, note_engine
from flask import Flask, current_app, g
from flask.testing import FlaskClient
from qingbo.accounts import passwords
from qingbo.accounts.models import User
from qingbo.accounts.queries import user_named
from qingbo.accounts.registration import create_user
from qingbo.accounts.roles import AUTHOR
from qingbo.app import create_app
from qingbo.background import background_of, prepare_background
from qingbo.clock import now
from qingbo.comments import passes
from qingbo.database import Base, say_writing, writing
from qingbo.extensions import db, limiter, session
from qingbo.home import DataFolder
from qingbo.posts.models import Post
from qingbo.posts.publishing import Draft, create_post
from qingbo.site_settings import change_settings
from sqlalchemy import event
from werkzeug.test import TestResponse

PASSWORD = "correct horse"


@dataclass
class Blog:
    """A blog to try things on, inside an app context."""

    app: Flask
    home: Path
    engine_name: str

    def post(self, title: str = "Title", text: str = "Text.", **parts: Any) -> Post:
        """Write a post, public now unless said otherwise."""
        author = parts.pop("author", None) or self.user("author")
        draft = Draft(title, text, **({"published_at": now()} | parts))
        with writing():
            post = create_post(session(), author, draft)
            session().commit()
        return post

    def user(self, name: str, role: str = AUTHOR, email: str | None = None) -> User:
        """Return the account of a name, made if it is missing."""
        if found := user_named(session(), name):
            return found
        with writing():
            session().rollback()
            made = create_user(session(), name, PASSWORD, role=role, email=email)
            made.confirmed_at = now()
            session().commit()
        return made

    def visitor(self, name: str | None = None, role: str = AUTHOR, email: str | None = None) -> "Visitor":
        """Return a browser, signed in where a name is given."""
        visitor = Visitor(self.app.test_client())
        if name:
            self.user(name, role, email)
            assert visitor.send("/login", name=name, password=PASSWORD).status_code == 303
        return visitor

    def comment(self, path: str, text: str = "Hello.", **fields: str) -> TestResponse:
        """Comment as a guest who takes their time, and return the answer."""
        return self.visitor().comment(path, text, **fields)

    def forget_pages(self) -> None:
        """Forget the stored pages, where a test changes what the app goes by in a way that no blog does."""
        self.app.extensions["qingbo_page_cache"].store.clear()
        self.app.extensions["qingbo_fragments"].clear()

    def change_settings(self, **values: Any) -> None:
        """Change settings as the studio does."""
        with writing():
            change_settings(session(), values)
            session().commit()
        g.pop("site_settings", None)


@dataclass
class Visitor:
    """Somebody with a browser: forms carry the token of their page, as a browser sends it."""

    client: FlaskClient
    headers: dict[str, str] = field(default_factory=lambda: {"Sec-Fetch-Site": "same-origin"})

    def get(self, path: str, **options: Any) -> TestResponse:
        return self._call(self.client.get, path, **options)

    def post(self, path: str, **options: Any) -> TestResponse:
        return self._call(self.client.post, path, **options)

    def _call(self, method: Callable[..., TestResponse], path: str, **options: Any) -> TestResponse:
        # Outside the test's own app context: Flask would take that one, and who is signed in with it.
        session().rollback()
        g.pop("site_settings", None)
        return Context().run(method, path, buffered=True, **options)

    def read(self, path: str) -> str:
        """Return the page, which must be there."""
        response = self.get(path)
        assert response.status_code == 200, response.status
        return unescape(response.text)

    def send(self, path: str, page: str | None = None, **fields: str) -> TestResponse:
        """Send a form to `path`, with the token that stands on `page` (by default at `path` itself)."""
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.get(page or path).text)
        data = fields | ({"csrf_token": token[1]} if token else {})
        return self.post(path, data=data, headers=self.headers)

    def comment(self, path: str, text: str = "Hello.", **fields: str) -> TestResponse:
        """Comment on the post at `path`, with a pass that is old enough."""
        with at_another_time(hours=-1):
            pass_ = passes.new_pass()
        return self.send(path, **({"name": "guest", "text": text, "started": pass_["started"]} | fields))


def form_on(page: str) -> dict[str, str]:
    """Return what the form for writing holds, hidden fields included, as a browser would send it."""
    form = re.split(r'<form[^>]*class="(?:composer|writing|buttons)"[^>]*>', page)[-1].partition("</form>")[0]
    fields = {}
    for tag in re.findall(r"<input[^>]*>", form):
        attributes = dict(re.findall(r'([a-z-]+)="([^"]*)"', tag))
        if attributes.get("type") not in {"radio", "checkbox"} or re.search(r"\schecked\b", tag):
            fields[attributes["name"]] = unescape(attributes.get("value", ""))
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        fields[name] = re.findall(r'<option selected value="([^"]*)"', options)[0]
    texts = re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>\s?(.*?)</textarea>', form, re.DOTALL)
    return fields | {name: unescape(value).strip("\r\n") for name, value in texts}


def at_another_time(**offset: int) -> Any:
    """Have the block run earlier or later than now."""
    return time_machine.travel(now() + timedelta(**offset))


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Callable[[str], str]:
    """Return a function that gives the address of a migrated database of an engine, for the tests of this worker."""
    addresses: dict[str, str] = {}

    def address(engine_name: str) -> str:
        if engine_name not in addresses:
            home = DataFolder(tmp_path_factory.mktemp(f"migrated-{engine_name}"))
            home.create()
            addresses[engine_name] = f"sqlite:///{home.database}"
            if engine_name != "sqlite":
                addresses[engine_name] = empty_database(engine_name, f"rewind_test_qingbo_{worker_id}")
            _migrate(home, addresses[engine_name])
        return addresses[engine_name]

    return address


def _migrate(home: DataFolder, address: str) -> None:
    (home.path / "qingbo.toml").write_text(f'database_url = "{address}"\n')
    with create_app(home.path).app_context(), writing():
        flask_rewind.upgrade()
        db.engine.dispose()


@pytest.fixture(autouse=True)
def _quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash with argon2 as the blog does, with parameters that take no time."""
    quick = {"argon2__time_cost": 1, "argon2__memory_cost": 64, "argon2__parallelism": 1}
    monkeypatch.setattr(passwords, "HASH_OPTIONS", quick)
    passwords._nobodys.cache_clear()


@pytest.fixture(scope="session")
def served_apps(tmp_path_factory: pytest.TempPathFactory, migrated: Callable[[str], str]) -> Callable[[str], Flask]:
    """Return a function that gives the app of an engine: making one takes a tenth of a second, emptying it nothing."""
    apps: dict[str, Flask] = {}

    def app_of(engine_name: str) -> Flask:
        if engine_name not in apps:
            folder = DataFolder(tmp_path_factory.mktemp(f"blog-{engine_name}"))
            folder.create()
            _lay_out(folder, engine_name, migrated(engine_name))
            apps[engine_name] = create_app(folder.path)
        return apps[engine_name]

    return app_of


def _lay_out(folder: DataFolder, engine_name: str, address: str) -> None:
    """Make the folder what it is before a test: its settings, an empty database, and nothing else but the key."""
    settings = 'language = "en"\ntimezone = "Asia/Shanghai"\n'
    for path in folder.path.iterdir():
        if path.name != "secret_key":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    if engine_name == "sqlite":
        note_engine("sqlite", f"SQLite {sqlite3.sqlite_version}")
        shutil.copy(address.removeprefix("sqlite:///"), folder.database)
    else:
        settings += f'database_url = "{address}"\n'
    (folder.path / "qingbo.toml").write_text(settings)


@pytest.fixture
def blog(engine_name: str, served_apps: Callable[[str], Flask], migrated: Callable[[str], str]) -> Iterator[Blog]:
    """An empty blog on the engine, in English, served from /."""
    app = served_apps(engine_name)
    folder: DataFolder = app.extensions["qingbo_home"]
    _lay_out(folder, engine_name, migrated(engine_name))
    settings = app.extensions["qingbo_settings"]
    counted_in = limiter._storage, limiter._limiter  # Flask-Limiter has one storage for all apps of a process
    app.testing = True
    say_writing(False)  # a test that called the client by itself may have left it said
    for name in [*logging.root.manager.loggerDict]:
        if name.startswith("qingbo"):
            logging.getLogger(name).disabled = False  # an app with log settings of its own has turned it off
    with app.app_context():
        if engine_name != "sqlite":
            _empty()
        yield Blog(app, folder.path, engine_name)
        session().close()
        app.extensions["qingbo_page_cache"].close()
        background_of(app).close()
        prepare_background(app, folder, settings)
        db.engine.dispose()
    app.extensions["qingbo_settings"] = settings
    limiter._storage, limiter._limiter = counted_in
    forget_attempts(app)


def forget_attempts(app: Flask) -> None:
    """Forget what this process knows of limits; the database has its own counts."""
    limiter.reset()
    app.extensions.pop("qingbo_attempts", None)


def _empty() -> None:
    tables = [table for table in reversed(Base.metadata.sorted_tables) if table.name != "releases"]
    filled = sa.text(" UNION ALL ".join(f"(SELECT '{each.name}' FROM {each.name} LIMIT 1)" for each in tables))
    with db.engine.begin() as connection:
        names = set(connection.scalars(filled))
        for table in tables:
            if table.name in names:
                connection.execute(table.delete())


@pytest.fixture
def mailing_blog(blog: Blog) -> Blog:
    """The blog, with a mail server in its settings: what it sends stays in the outbox."""
    settings = blog.app.extensions["qingbo_settings"]
    mail = {
        "mail_host": "127.0.0.1",
        "mail_port": 9,
        "mail_from": "blog@example.com",
        "mail_encryption": "none",
        "address": "http://localhost",
    }
    blog.app.extensions["qingbo_settings"] = settings.model_validate(settings.model_dump(exclude_unset=True) | mail)
    return blog


@pytest.fixture
def count_queries() -> Callable[[Callable[[], Any]], list[str]]:
    """Return a function that calls another and returns the statements it ran."""

    def count(call: Callable[[], Any]) -> list[str]:
        seen: list[str] = []

        def see(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
            # The page cache asks for changes now and then, and after each when the next post appears.
            is_for_cache = "min(posts.published_at)" in statement or "FROM public_changes" in statement
            if statement.split()[0] not in {"BEGIN", "SAVEPOINT", "RELEASE"} and not is_for_cache:
                seen.append(statement)

        current_app.extensions["qingbo_page_cache"].store.clear()  # what is stored asks for nothing
        current_app.extensions["qingbo_fragments"].clear()  # and what is kept for less
        event.listen(db.engine, "before_cursor_execute", see)
        try:
            call()
        finally:
            event.remove(db.engine, "before_cursor_execute", see)
        return seen

    return count
