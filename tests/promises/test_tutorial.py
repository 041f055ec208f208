"""The tutorial, followed from top to bottom: the English page on SQLite, the Chinese one on MariaDB.

Both have the same blocks: `test_site_of_docs.test_both_languages_have_the_same_code_blocks`.
"""

import os
import site
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from database_servers import free_port
from page_blocks import blocks_of
from private_servers import private_server
from reader import Reader

ROOT = Path(__file__).parents[2]
ENGLISH, CHINESE = ROOT / "docs/tutorial/light-blog.md", ROOT / "docs/tutorial/light-blog.zh-CN.md"
FOR_MARIADB = ("export DATABASE_URL", "CREATE DATABASE")

pytestmark = [pytest.mark.slow, pytest.mark.long, pytest.mark.timeout(900)]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home folder with the repository in it."""
    (tmp_path / "qingbo").symlink_to(ROOT)
    return tmp_path


@pytest.fixture
def environment(home: Path) -> dict[str, str]:
    """Of the reader's shell. With ``INSTALL_FOR_REAL``, pip downloads; else it finds what it needs in our venv."""
    kept = {name: value for name, value in os.environ.items() if name in {"LANG", "PATH", "TMPDIR"}}
    python = str(Path(sys.executable).resolve().parent)
    found = {"PATH": f"{python}:{kept['PATH']}", "HOME": str(home), "PYTHONUNBUFFERED": "1"}
    if not os.environ.get("INSTALL_FOR_REAL"):
        # No build isolation ("0" is how pip spells it): what builds the wheel is in our venv, too.
        found |= {"PYTHONPATH": site.getsitepackages()[0], "PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0"}
    return kept | found


@pytest.fixture
def reader(home: Path, environment: dict[str, str]) -> Iterator[Reader]:
    reader = Reader(home, environment, port=free_port())
    yield reader
    reader.close()


def test_the_tutorial_on_sqlite(reader: Reader, home: Path) -> None:
    reader.follow(ENGLISH, without=FOR_MARIADB)
    assert (home / "blog/instance/blog.db").exists()


def test_the_tutorial_on_mariadb(home: Path, environment: dict[str, str]) -> None:
    with private_server("mariadb") as server:
        [statements] = [block.text for block in blocks_of(CHINESE) if block.language == "sql"]
        with server.admin.connect() as connection:
            for statement in statements.strip().split("\n"):
                # The tests' server resolves no names.
                connection.exec_driver_sql(statement.replace("@localhost", "@'127.0.0.1'"))
        port = server.admin.url.port
        reader = Reader(home, environment, port=free_port(), replaced={"localhost:3306": f"127.0.0.1:{port}"})
        try:
            reader.follow(CHINESE, without=("CREATE DATABASE",))
        finally:
            reader.close()
        with server.admin.connect() as connection:
            assert connection.scalar(sa.text("SELECT count(*) FROM blog.posts_tags")) == 2
        assert not (home / "blog/instance").exists() or not (home / "blog/instance/blog.db").exists()
