"""`qingbo serve` as a process: what it creates, prints and refuses, and how it stops."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from awaiting import awaited
from database_servers import free_port
from served_blog import make_blog, qingbo, serve, serve_as_it_is, stop

pytestmark = pytest.mark.slow


def listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def run(*words: str, **options: object) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "qingbo", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, **options)  # type: ignore[call-overload, no-any-return]


def test_it_makes_what_is_missing_and_prints_address_and_setup_link(tmp_path: Path) -> None:
    with serve_as_it_is(tmp_path / "blog", "--demo") as blog:
        assert f"Made the data folder {tmp_path}/blog." in blog.output
        assert "The database was brought to revision 0010." in blog.output
        assert "Wrote a sample of 5 posts." in blog.output
        assert f"serves {blog.url}" in blog.output
        with urlopen(blog.url) as page:
            assert "好的落款要用手写" in page.read().decode()
        with urlopen(blog.setup_link) as page:
            assert page.status == 200
        link = blog.setup_link
        blog.qingbo("user", "create", "root", "--admin", "--password", "geheim-12345")
        with pytest.raises(HTTPError, match="404"):
            urlopen(link)
    with serve(tmp_path / "blog", "--demo") as blog:
        assert "setup" not in blog.output
        assert "Made" not in blog.output


def test_it_says_that_mail_needs_an_address(tmp_path: Path) -> None:
    mail = {"QINGBO_MAIL_HOST": "127.0.0.1", "QINGBO_MAIL_FROM": "blog@example.com"}
    with serve(tmp_path / "blog", environment=mail) as blog:
        assert f'Add the address of the blog to {tmp_path}/blog/qingbo.toml and restart: address = "' in blog.output
    with serve(tmp_path / "blog", environment=mail | {"QINGBO_ADDRESS": "https://blog.example.com"}) as blog:
        assert "address" not in blog.output


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_cleanly(tmp_path: Path, how: signal.Signals) -> None:
    with serve(tmp_path / "blog") as blog:
        assert stop(blog, how) == 0
        assert "Traceback" not in blog.output
    with serve(tmp_path / "blog"):
        pass


def test_a_taken_port_is_said_with_the_next_free_one(tmp_path: Path) -> None:
    with serve(tmp_path / "blog") as blog:
        port = int(blog.url.rpartition(":")[2])
        second = run("--home", str(tmp_path / "other"), "serve", "--port", str(port))
        assert second.returncode == 1
        assert f"Cannot listen on 127.0.0.1 port {port}: another program listens there." in second.stderr
        assert f"-m qingbo --home {tmp_path}/other serve --port" in second.stderr
        assert not (tmp_path / "other").exists()
        with urlopen(f"{blog.url}/healthz") as health:
            assert health.status == 200


def test_a_schema_behind_is_refused_with_the_command_to_type(tmp_path: Path) -> None:
    home = tmp_path / "blog"
    make_blog(home)
    qingbo(home, "db", "downgrade", "base")
    refused = run("--home", str(home), "serve", "--no-upgrade", "--port", str(free_port()))
    assert refused.returncode == 1
    assert "The database is at base; this version needs 0010." in refused.stderr
    assert f"qingbo --home {home} upgrade" in refused.stderr


def test_a_schema_ahead_is_refused_and_its_writer_named(tmp_path: Path) -> None:
    import sqlite3

    home = tmp_path / "blog"
    make_blog(home)
    with sqlite3.connect(home / "qingbo.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0099'")
        connection.execute(
            "INSERT INTO releases (version, revision, moved_at) VALUES ('9.1.0', '0099', '2030-01-01 00:00:00')"
        )
    connection.close()
    refused = run("--home", str(home), "serve", "--port", str(free_port()))
    assert refused.returncode == 1
    assert "The database is at revision 0099, which Qingbo 9.1.0 wrote; this is Qingbo 0.1.0" in refused.stderr
    assert "Traceback" not in refused.stderr


def bound_by_rights(*words: str) -> "subprocess.CompletedProcess[str]":
    """Run a command that rights hold back, root's own too."""
    drop = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    command = [*drop, sys.executable, "-m", "qingbo", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_a_folder_that_cannot_be_written_is_said_and_left_alone(tmp_path: Path) -> None:
    home = tmp_path / "blog"
    make_blog(home)
    before = sorted(path.name for path in home.iterdir())
    home.chmod(0o555)
    try:
        for words in (["serve", "--port", str(free_port())], ["doctor"]):
            refused = bound_by_rights("--home", str(home), *words)
            assert refused.returncode == 1
            assert f"{home} cannot be written: Permission denied" in refused.stderr + refused.stdout
            assert "Traceback" not in refused.stderr
        for words in (["db", "downgrade", "base"], ["user", "create", "ann", "--password", "geheim-12345"]):
            refused = bound_by_rights("--home", str(home), *words)
            assert refused.returncode == 1
            assert "Traceback" not in refused.stderr, refused.stderr
        missing = bound_by_rights("--home", str(home / "below"), "init")
        assert missing.returncode == 1
        assert "cannot be written: Permission denied" in missing.stderr
    finally:
        home.chmod(0o755)
    assert sorted(path.name for path in home.iterdir()) == before
    assert "nothing pending" in qingbo(home, "db", "status")


def test_a_second_server_of_a_folder_is_refused(tmp_path: Path) -> None:
    home = tmp_path / "blog"
    with serve(home) as blog:
        for port in (blog.url.rpartition(":")[2], str(free_port())):
            second = run("--home", str(home), "serve", "--port", port)
            assert second.returncode == 1
            served = f"(process {blog.process.pid}, {blog.url}) serves {home}."
            assert f"Another qingbo serve {served}" in second.stderr
            assert f"Stop it first: kill {blog.process.pid}" in second.stderr
        assert "nothing pending" in blog.qingbo("db", "status")
        assert "ok  database schema" in blog.qingbo("doctor")
        blog.qingbo("user", "create", "ann", "--password", "geheim-12345")
        with urlopen(f"{blog.url}/healthz") as health:
            assert health.status == 200
        stop(blog, signal.SIGKILL)
        with serve(home):  # the lock went with its process
            pass
    with serve(home):
        pass


def test_the_words_of_the_tutorial_work(tmp_path: Path) -> None:
    root = Path(__file__).parents[3]
    environment = os.environ | {"QINGBO_HOME": str(tmp_path / "blog")}
    python = shutil.which("python3") or sys.executable

    def manage(*words: str, text: str = "") -> str:
        command = [python, str(root / "manage.py"), *words]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env=environment, cwd=tmp_path, input=text
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    manage("init")
    manage("db", "upgrade")
    assert "nothing pending" in manage("db", "status")
    assert "posts" in manage("shell", text="print(Post.__tablename__)\n")
    assert "--port" in manage("server", "--help")
    assert "  server " in manage("--help")
    flask = [sys.executable, "-m", "flask", "--app", "qingbo"]
    for words in (["db", "current"], ["routes"]):
        done = subprocess.run([*flask, *words], capture_output=True, text=True, check=False, env=environment)
        assert done.returncode == 0, done.stderr
    gone = environment | {"QINGBO_HOME": str(tmp_path / "gone")}
    done = subprocess.run([*flask, "db", "current"], capture_output=True, text=True, check=False, env=gone)
    assert "There is no blog in" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_form_that_comes_slowly_keeps_nobody_from_writing(tmp_path: Path) -> None:
    import re
    import socket
    import time
    from urllib.parse import urlencode
    from urllib.request import Request

    with serve(tmp_path / "blog", "--demo") as blog:
        with urlopen(blog.url) as page:
            path = re.search(r'href="(/posts/[^"]+)"', page.read().decode())[1]  # type: ignore[index]
        host, port = blog.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as slow:
            slow.sendall(f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n".encode())
            slow.sendall(b"Content-Type: application/x-www-form-urlencoded\r\n\r\nname=a&te")
            time.sleep(0.5)
            form = urlencode({"name": "quick", "text": "here already"}).encode()
            with urlopen(Request(blog.url + path, form), timeout=60) as answer:  # the slow one never ends
                assert "here already" in answer.read().decode()
            assert stop(blog) == 0  # nor from stopping, while it still waits


def test_a_killed_server_leaves_no_worker_behind(tmp_path: Path) -> None:
    with serve(tmp_path / "blog") as blog:
        port = int(blog.url.rpartition(":")[2])
        stop(blog, signal.SIGKILL)
        awaited(lambda: not listens(port))
        with serve(tmp_path / "blog", port=port):
            pass
