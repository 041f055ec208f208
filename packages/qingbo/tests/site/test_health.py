"""Health checks: whether the process is alive, and whether it can serve pages."""

import http.client
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from awaiting import awaited
from qingbo.app import create_app
from qingbo.database import writing
from qingbo.extensions import db
from served_blog import ServedBlog, serve, stop


@pytest.mark.parametrize("path", ["/healthz", "/healthz/ready"])
def test_ready_says_whether_the_schema_is_this_codes(blog: Any, path: str) -> None:
    assert blog.visitor().get(path).json == {"status": "ok"}
    with writing(), db.engine.begin() as connection:
        head = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
        connection.execute(sa.text("UPDATE alembic_version SET version_num = 'future'"))
    try:
        response = blog.visitor().get(path)
        assert (response.status_code, response.json) == (503, {"status": "the schema is ahead"})
        assert blog.visitor().get("/healthz/live").status_code == 200
    finally:
        with writing(), db.engine.begin() as connection:
            connection.execute(sa.text("UPDATE alembic_version SET version_num = :head"), {"head": head})


def test_live_asks_no_database(blog: Any, count_queries: Any) -> None:
    visitor = blog.visitor()
    answers: list[Any] = []
    assert count_queries(lambda: answers.append(visitor.get("/healthz/live"))) == []
    assert answers[0].json == {"status": "ok"}
    assert "Set-Cookie" not in answers[0].headers


def test_a_process_lives_whose_database_is_down(blog: Any) -> None:
    (blog.home / "qingbo.toml").write_text('database_url = "postgresql://127.0.0.1:9/none"\n')
    app = create_app(blog.home)
    client = app.test_client()
    assert client.get("/healthz/live").status_code == 200
    for path in ("/healthz", "/healthz/ready"):
        answer = client.get(path)
        assert (answer.status_code, answer.json) == (503, {"status": "the database does not answer"})
    app.extensions["qingbo_page_cache"].close()


@pytest.mark.slow
def test_a_server_that_stops_says_so_and_goes_on_for_a_while(tmp_path: Path) -> None:
    with serve(tmp_path / "blog", "--workers", "2", "--drain", "30") as blog:
        blog.process.terminate()
        awaited(lambda: says_it_stops(blog))
        for _ in range(12):
            assert ask(blog, "/")[0] == 200
            assert ask(blog, "/healthz/live")[0] == 200
        assert blog.process.poll() is None
        assert stop(blog) == 0  # once more: at once
        assert "Traceback" not in blog.output


def says_it_stops(blog: ServedBlog) -> bool:
    """Return whether it does; until then it must be ready."""
    answer = ask(blog, "/healthz/ready")
    is_stopping = answer == (503, '{"status":"stopping"}\n', "close")
    assert is_stopping or answer[0] == 200
    return is_stopping


def ask(blog: ServedBlog, path: str) -> tuple[int, str, str]:
    """Return status, text and the header Connection."""
    with closing(http.client.HTTPConnection(urlsplit(blog.url).netloc, timeout=20)) as connection:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode(), answer.headers.get("Connection", "")
