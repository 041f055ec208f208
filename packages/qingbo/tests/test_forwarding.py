"""A proxy in front that `trusted_proxies` does not count is noticed, at the cost of one small file an hour."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from qingbo.forwarding import FORGET_SECONDS, ForwardingNotice, unknown_proxy
from qingbo.home import DataFolder
from served_blog import serve

FORWARDED = {"HTTP_X_FORWARDED_FOR": "203.0.113.7"}


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    made = DataFolder(tmp_path / "blog")
    made.create()
    return made


def noticing(folder: DataFolder) -> Any:
    """Return a function that sends a request with an environment through the notice."""
    notice = ForwardingNotice(lambda environ, start: [b"page"], folder)
    return lambda **environ: list(notice(environ, lambda *_: None))  # type: ignore[arg-type, return-value]


@pytest.mark.parametrize("peer", ["127.0.0.1", "::1", "10.1.2.3", "172.17.0.1", "192.168.0.9", "fd00::1"])
def test_a_local_proxy_is_remembered(folder: DataFolder, peer: str) -> None:
    assert noticing(folder)(REMOTE_ADDR=peer, **FORWARDED) == [b"page"]
    assert unknown_proxy(folder) == peer
    assert folder.forwarded.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("peer", ["193.0.14.129", "8.8.8.8", "2606:4700::1", "", "no address"])
def test_a_stranger_who_sends_the_header_is_not(folder: DataFolder, peer: str) -> None:
    assert noticing(folder)(REMOTE_ADDR=peer, **FORWARDED) == [b"page"]
    assert unknown_proxy(folder) == ""


def test_requests_without_the_header_leave_no_note(folder: DataFolder) -> None:
    noticing(folder)(REMOTE_ADDR="127.0.0.1")
    assert not folder.forwarded.exists()


def test_of_many_requests_in_an_hour_one_is_written(folder: DataFolder) -> None:
    send = noticing(folder)
    send(REMOTE_ADDR="127.0.0.1", **FORWARDED)
    folder.forwarded.unlink()
    for _ in range(100):
        send(REMOTE_ADDR="127.0.0.1", **FORWARDED)
    assert not folder.forwarded.exists()


def test_an_old_or_damaged_note_counts_no_more(folder: DataFolder) -> None:
    for text in (json.dumps({"peer": "::1", "seen": time.time() - FORGET_SECONDS - 1}), "{", "[]", "{}", '{"seen": 1}'):
        folder.forwarded.write_text(text)
        assert unknown_proxy(folder) == ""


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_stops_no_request(folder: DataFolder) -> None:
    folder.path.chmod(0o500)
    try:
        assert noticing(folder)(REMOTE_ADDR="127.0.0.1", **FORWARDED) == [b"page"]
    finally:
        folder.path.chmod(0o700)


def test_a_folder_that_is_gone_stops_no_request(tmp_path: Path) -> None:
    assert noticing(DataFolder(tmp_path / "none"))(REMOTE_ADDR="127.0.0.1", **FORWARDED) == [b"page"]


@pytest.mark.sqlite_first
def test_the_health_page_says_so_in_both_languages(blog: Any) -> None:
    root = blog.visitor("root", "administrator")
    root.get("/", headers={"X-Forwarded-For": "203.0.113.7"})
    for language, words in (("en", "Reverse proxy"), ("zh", "反向代理")):
        page = root.get("/studio/health", headers={"Accept-Language": language}).text
        assert words in page
        assert "trusted_proxies = 1" in page


@pytest.mark.slow
def test_doctor_names_the_setting_until_it_is_changed(tmp_path: Path) -> None:
    def examined() -> str:
        command = [sys.executable, "-m", "qingbo", "--home", str(tmp_path / "blog"), "doctor"]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60).stdout

    with serve(tmp_path / "blog") as blog:
        assert "reverse proxy" not in examined()
        urlopen(Request(blog.url, headers={"X-Forwarded-For": "203.0.113.7"})).close()
        said = examined()
        assert "!!  reverse proxy: requests with X-Forwarded-For come from 127.0.0.1, but trusted_proxies is 0." in said
        assert (
            f"Add the number of proxies in front to {tmp_path}/blog/qingbo.toml and restart: trusted_proxies = 1"
            in said
        )
    (tmp_path / "blog/qingbo.toml").write_text("trusted_proxies = 1\n")
    assert "reverse proxy" not in examined()
