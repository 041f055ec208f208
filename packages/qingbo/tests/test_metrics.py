"""Metrics for Prometheus: the sum of all workers, protected by a token."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from awaiting import awaited
from pydantic import SecretStr
from qingbo.app import create_app
from qingbo.errors import BadSettings
from served_blog import ServedBlog, serve

TOKEN = "a token of some length"


@pytest.fixture
def tokened(blog: Any) -> Any:
    settings = blog.app.extensions["qingbo_settings"]
    blog.app.extensions["qingbo_settings"] = settings.model_copy(update={"metrics_token": SecretStr(TOKEN)})
    return blog


def test_there_are_none_without_the_setting(blog: Any) -> None:
    assert blog.visitor().get("/metrics").status_code == 404
    assert blog.visitor().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 404


@pytest.mark.parametrize(
    "said",
    [None, "", "Bearer", "Bearer ", f"Basic {TOKEN}", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", "Bearer 词"],
)
def test_whoever_has_no_token_is_told_to_send_one(tokened: Any, said: str | None) -> None:
    headers = {} if said is None else {"Authorization": said.encode().decode("latin-1")}
    answer = tokened.visitor().get("/metrics", headers=headers)
    assert (answer.status_code, answer.headers["WWW-Authenticate"], answer.text) == (401, "Bearer", "")


@pytest.mark.parametrize("said", [f"Bearer {TOKEN}", f"bearer {TOKEN}"])
def test_whoever_has_it_reads_what_waits(tokened: Any, said: str) -> None:
    answer = tokened.visitor().get("/metrics", headers={"Authorization": said})
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.mimetype == "text/plain"
    assert "qingbo_outbox_mails 0.0" in answer.text
    assert "qingbo_jobs_waiting 0.0" in answer.text


def test_a_short_token_is_refused(blog: Any) -> None:
    (blog.home / "qingbo.toml").write_text('metrics_token = "short"\n')
    with pytest.raises(BadSettings, match="metrics_token"):
        create_app(blog.home)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedBlog]:
    home: Path = tmp_path_factory.mktemp("metrics") / "blog"
    with serve(home, "--demo", "--workers", "2", environment={"QINGBO_METRICS_TOKEN": TOKEN}) as blog:
        yield blog


def read(blog: ServedBlog) -> dict[str, float]:
    with urlopen(Request(f"{blog.url}/metrics", headers={"Authorization": f"Bearer {TOKEN}"})) as answer:
        lines = answer.read().decode().splitlines()
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if not line.startswith("#")}


def wait(blog: ServedBlog, name: str, value: float) -> None:
    awaited(lambda: read(blog).get(name, 0) == value, said=lambda: read(blog))


@pytest.mark.slow
def test_the_requests_of_all_workers_are_counted(served: ServedBlog) -> None:
    name = 'qingbo_requests_total{endpoint="security.login",method="GET",status="2xx"}'
    before = read(served).get(name, 0)
    for _ in range(30):
        with urlopen(f"{served.url}/login"):
            pass
    assert read(served)[name] == before + 30
    with pytest.raises(HTTPError, match="404"):
        urlopen(f"{served.url}/nothing")
    with pytest.raises(HTTPError, match="405"):
        urlopen(Request(f"{served.url}/", method="BREW"))
    found = read(served)
    assert found['qingbo_request_seconds_count{endpoint="security.login"}'] == before + 30
    assert any('method="other",status="4xx"' in each for each in found)
    assert not any("BREW" in each or "nothing" in each for each in found)


@pytest.mark.slow
def test_stored_pages_are_counted_and_measured(served: ServedBlog) -> None:
    before = read(served)
    for _ in range(40):
        with urlopen(f"{served.url}/archive"):
            pass
    made = sum(
        value
        for name, value in read(served).items()
        if name.startswith('qingbo_requests_total{endpoint="site.show_arch')
    )
    hits = before["qingbo_stored_page_hits_total"] + 40 - made
    wait(served, "qingbo_stored_page_hits_total", hits)
    assert 1 <= made <= 2, "once in each worker"
    assert read(served)["qingbo_stored_page_bytes"] > 10_000
    assert read(served)["qingbo_views_waiting"] == 0
    assert read(served)["qingbo_database_connections"] >= 0


@pytest.mark.slow
def test_its_files_are_private_and_those_of_an_earlier_server_go(tmp_path: Path) -> None:
    environment = {"QINGBO_METRICS_TOKEN": TOKEN}
    with serve(tmp_path / "blog", environment=environment) as blog:
        read(blog)
        folder = blog.home / "metrics"
        assert folder.stat().st_mode & 0o777 == 0o700
        first = {path.name for path in folder.iterdir()}
        assert first
        assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir())
        assert re.search("!!|Traceback", blog.output + blog.qingbo("doctor")) is None
    with serve(tmp_path / "blog", environment=environment) as blog:
        assert not first & {path.name for path in folder.iterdir()}
    with serve(tmp_path / "blog") as blog:
        assert not folder.exists()
        with pytest.raises(HTTPError, match="404"):
            read(blog)
