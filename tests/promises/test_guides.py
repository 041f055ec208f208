"""The commands of the docs work: every page that has some is followed from top to bottom, on SQLite.

`test_tutorial` and `test_server_guide` follow other pages. A page in Chinese has the same blocks as its twin.
"""

import os
import shutil
import site
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiosmtpd.smtp import AuthResult
from database_servers import empty_database, free_port
from forked_commands import forked_commands
from guides import GUIDES
from mail_server import mail_server
from old_blogs import write_old_blogs
from reader import Reader
from s3_bucket import s3_bucket

ROOT = Path(__file__).parents[2]
FOLLOWED_HERE = [
    pytest.param(page, marks=[pytest.mark.every_time] if "how-to" in page else [])
    for page, guide in GUIDES.items()
    if not guide.followed_by
]
"""CI follows all guides, and of the other pages a share."""


@pytest.fixture(scope="module")
def quick_commands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with forked_commands(tmp_path_factory.mktemp("commands")) as folder:
        yield folder


@pytest.fixture
def postgresql(worker_id: str) -> dict[str, str]:
    return {"postgresql://blog:password@localhost/blog": empty_database("postgresql", f"rewind_test_{worker_id}")}


@pytest.fixture
def old_blogs(tmp_path: Path) -> dict[str, str]:
    """A blog of each system in the home folder."""
    write_old_blogs(tmp_path)
    return {
        "mysql://typecho:password@localhost/typecho": f"sqlite:///{tmp_path}/typecho.db",
        "mysql://blog:password@localhost/myblog": f"sqlite:///{tmp_path}/blog2016.db",
    }


@pytest.fixture
def bucket() -> Iterator[dict[str, str]]:
    """A bucket, in which there have to be files afterwards."""
    with s3_bucket("blog") as (url, client):
        yield {"https://s3.example.com": url, '"the key"': '"key"', '"the secret"': '"secret"'}
        assert client.list_objects_v2(Bucket="blog")["KeyCount"] > 0


@pytest.fixture
def mailbox(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A mail server that takes mail over TLS from the user of the page, who has to have signed in afterwards."""
    files = [tmp_path / "key.pem", tmp_path / "tls.pem"]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-keyout", files[0], "-out", files[1]],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(files[1], files[0])
    seen = []

    def authenticate(server: object, session: object, envelope: object, mechanism: str, data: object) -> AuthResult:
        seen.append((data.login, data.password))  # type: ignore[attr-defined]
        return AuthResult(success=True)

    with mail_server(
        tls_context=context, require_starttls=True, auth_required=True, authenticator=authenticate
    ) as inbox:
        yield {"smtp.example.com": "localhost", "mail_port = 587": f"mail_port = {inbox.port}"}
    assert seen == [(b"blog@example.com", b"the password")]


def _put_repository_into(folder: Path) -> None:
    """Make the reader's copy of the repository; what the page writes there does not come into ours."""
    folder.mkdir()
    for path in ROOT.iterdir():
        (folder / path.name).symlink_to(path)
    (folder / "deploy").unlink()
    shutil.copytree(ROOT / "deploy", folder / "deploy")


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("page", FOLLOWED_HERE)
def test_a_page_is_followed(page: str, tmp_path: Path, quick_commands: Path, request: pytest.FixtureRequest) -> None:
    guide = GUIDES[page]
    _put_repository_into(tmp_path / "qingbo")
    replaced = dict(guide.replaced)
    for name in guide.needs:
        replaced |= request.getfixturevalue(name)
    replaced |= {place: f"{tmp_path}{place}" for place in ("/srv/", "/mnt/")}
    python = Path(sys.executable).parent
    environment = {"HOME": str(tmp_path), "LANG": "C.UTF-8", "PATH": f"{quick_commands}:{python}:{os.environ['PATH']}"}
    environment |= {"PYTHONPATH": os.environ["PYTHONPATH"]} if "PYTHONPATH" in os.environ else {}
    sql = "python3 -c 'import sqlite3, sys; sqlite3.connect(\"qingbo-data/qingbo.db\").executescript(sys.stdin.read())'"
    reader = Reader(tmp_path, environment, port=free_port(), replaced=replaced, sql=sql)
    try:
        reader.follow(ROOT / page, without=guide.without, first=guide.first, last=guide.last)
    finally:
        reader.close()


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    (tmp_path / "qingbo").symlink_to(ROOT)
    python = Path(sys.executable).resolve().parent
    environment = {
        "PATH": f"{python}:{os.environ['PATH']}", "HOME": str(tmp_path), "LANG": "C.UTF-8",
        "PYTHONPATH": site.getsitepackages()[0], "PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0",
    }  # fmt: skip
    reader = Reader(tmp_path, environment, port=0)
    # The reader has an app already, and so the command `flask` in its environment.
    reader.run("mkdir app && cd app && python3 -m venv .venv && . .venv/bin/activate")
    start = "import sys; from flask.cli import main; sys.exit(main())"
    reader.run(f"printf '#!%s/.venv/bin/python\\n%s\\n' $PWD '{start}' > .venv/bin/flask; chmod +x .venv/bin/flask")
    yield reader
    reader.close()


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_from_flask_migrate_and_back(reader: Reader) -> None:
    reader.follow(ROOT / "docs/how-to/flask-migrate.md")
    tables = "import sqlite3; print(sorted(row[0] for row in sqlite3.connect('instance/app.db').execute("
    kept = reader.run(f"""python3 -c "{tables}'SELECT name FROM sqlite_master WHERE type = \\'table\\'')))" """)
    assert kept.strip() == "['alembic_version', 'post']"
