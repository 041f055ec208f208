"""The server is killed with SIGKILL while it stores pictures and makes renditions."""

import hashlib
import http.client
import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sample_media as samples
import sqlalchemy as sa
from awaiting import awaited
from database_servers import free_port
from media_uploads import multipart
from PIL import Image
from qingbo.accounts.registration import create_user
from qingbo.accounts.roles import ADMINISTRATOR
from qingbo.app import create_app
from qingbo.database import writing
from qingbo.extensions import db, session
from qingbo.home import DataFolder
from qingbo.media.models import Media
from qingbo.media.renditions import renditions_of, wanted_renditions
from served_blog import ServedBlog, kill, serve

pytestmark = [pytest.mark.slow, pytest.mark.kills]

KILLS = 20 if int(os.environ.get("KILLED_SAVES", "20")) >= 200 else 2
PASSWORD = "correct horse battery"
SECONDS = 40


class Uploader(threading.Thread):
    """Uploads one picture after the other, however often the server goes away."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self.port = port
        self.cookies: dict[str, str] = {}
        self.token = ""
        self.acknowledged: list[str] = []
        self.is_over = False

    def run(self) -> None:
        number = 0
        while not self.is_over:
            number += 1
            try:
                if not self.token:
                    self.sign_in()
                self.upload(samples.jpeg(1700 + number, 1000))
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)  # it is being started again

    def sign_in(self) -> None:
        token = self.token_on("/login")
        body = f"name=ann&password={PASSWORD.replace(' ', '+')}&csrf_token={token}".encode()
        assert self.ask("POST", "/login", body, "application/x-www-form-urlencoded")[0] == 303
        self.token = self.token_on("/studio/media")

    def upload(self, content: bytes) -> None:
        body, kind = multipart({"csrf_token": self.token}, [("files", "tea.jpg", content)])
        status, text = self.ask("POST", "/studio/media", body, kind)
        assert status == 200, text
        self.acknowledged.append(re.findall(r"/media/([0-9a-f]+)/", text)[0])

    def token_on(self, path: str) -> str:
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.ask("GET", path)[1])
        if found is None:
            raise http.client.HTTPException("no token yet")
        return found[1]

    def ask(self, method: str, path: str, body: bytes = b"", kind: str = "") -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"Sec-Fetch-Site": "same-origin", "Cookie": cookies}
        headers |= {"Content-Type": kind} if kind else {}
        headers |= {"Accept": "application/json"} if "multipart" in kind else {}
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            for cookie in answer.headers.get_all("Set-Cookie") or []:
                name, _, value = cookie.partition(";")[0].partition("=")
                self.cookies[name] = value
            return answer.status, answer.read().decode()
        finally:
            connection.close()


@pytest.mark.parametrize("engine_name", ["sqlite", "mariadb"])
def test_nothing_is_half_and_nothing_is_missing_after_kills(
    tmp_path: Path, engine_name: str, migrated: Callable[[str], str]
) -> None:
    home = blog_of(tmp_path / "blog", migrated(engine_name), engine_name)
    port = free_port()
    uploader = Uploader(port)
    uploader.start()
    for _ in range(KILLS):
        with serve(home.path, port=port) as blog:
            there = len(list(files(home)))
            wait(blog, lambda there=there: len(list(files(home))) >= there + 3)
            kill(blog)
    uploader.is_over = True
    uploader.join(SECONDS)
    assert len(uploader.acknowledged) >= 3
    check_files(home)
    with serve(home.path, port=port) as blog:
        # Nothing is typed: the server finds by itself what is missing.
        wait(blog, lambda: not unfinished(home))
    check_files(home)
    with create_app(home.path).app_context():
        rows = list(session().scalars(sa.select(Media)))
        assert set(uploader.acknowledged) <= {row.handle for row in rows}
        for row in rows:
            assert renditions_of(row) == list(wanted_renditions(row)) != []
            names = {path.name for path in files(home) if path.name.startswith(row.digest)}
            assert len(names) == 1 + len(renditions_of(row))
        session().close()
        db.engine.dispose()


def blog_of(path: Path, address: str, engine_name: str) -> DataFolder:
    home = DataFolder(path)
    home.create()
    if engine_name == "sqlite":
        path.joinpath("qingbo.db").write_bytes(Path(address.removeprefix("sqlite:///")).read_bytes())
    else:
        home.settings.write_text(f'database_url = "{address}"\n')
    with create_app(path).app_context(), writing():
        for table in reversed(db.metadata.sorted_tables):
            if engine_name != "sqlite" and table.name != "releases":
                session().execute(table.delete())
        create_user(session(), "ann", PASSWORD, role=ADMINISTRATOR)
        session().commit()
        db.engine.dispose()
    return home


def files(home: DataFolder) -> Iterator[Path]:
    return (path for path in home.media.rglob("*") if path.is_file())


def unfinished(home: DataFolder) -> int:
    with create_app(home.path).app_context():
        try:
            return session().scalar(sa.select(sa.func.count()).where(Media.finished_at.is_(None))) or 0
        finally:
            session().close()
            db.engine.dispose()


def wait(blog: ServedBlog, until: Callable[[], bool]) -> None:
    awaited(until, said=lambda: blog.output)


def check_files(home: DataFolder) -> None:
    """Every file is whole: it decodes, and what is named after its content has that content."""
    for path in files(home):
        with Image.open(path) as picture:
            picture.load()
        if path.name.count(".") == 1:
            assert hashlib.sha256(path.read_bytes()).hexdigest() == path.stem
