"""Starting: packages that few requests need are imported by the first one that does, and checks need no Alembic."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from flask import render_template
from qingbo.app import create_app
from qingbo.extensions import db

LATER = (
    "PIL", "alembic", "altcha", "boto3", "botocore", "bs4", "diff_match_patch", "flask_admin", "granian", "html5lib",
    "httpcore", "huey", "mako", "markdown_it", "markdownify", "merge3", "nh3", "psycopg", "pygments", "pymysql",
    "pypinyin", "redis", "slugify", "soupsieve", "zxcvbn",
)  # fmt: skip
"""Pictures, moves, the work of browsers, buckets, pasting, comparing, raw data, fetching, the queue, rendering, drivers
of databases that a blog does not use, pinyin, new passwords."""


def imported(program: str, *wanted: str) -> str:
    """Run a program and return which of these packages it imported."""
    asked = f"import sys\n{program}\nprint(*sorted(set({wanted!r}) & sys.modules.keys()))"
    return subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout.strip()


def test_importing_the_app_brings_in_nothing_that_few_requests_need() -> None:
    assert imported("import qingbo.app", *LATER) == ""


def test_an_app_is_made_and_checked_without_what_few_requests_need(tmp_path: Path) -> None:
    home = tmp_path / "blog"
    subprocess.run([sys.executable, "-m", "qingbo", "--home", str(home), "init"], capture_output=True, check=True)
    program = (
        f"from qingbo.app import create_app; from qingbo import serving; app = create_app({str(home)!r})\n"
        "assert serving.bring_to_head(app) == ''; serving.require_own_schema(app)\n"
        "assert app.test_client().get('/').status_code == 200"
    )
    assert imported(program, *set(LATER) - {"granian"}) == ""


def rendered(home: Path) -> str:
    """Return a page of an app that was just made."""
    app = create_app(home)
    with app.test_request_context():
        page = render_template("site/error.html", title="Gone", text="", kept=None)
    with app.app_context():
        db.engine.dispose()
    return page


def test_compiled_templates_are_kept_where_python_keeps_its_own(
    blog: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def render() -> dict[Path, int]:
        assert rendered(blog.home)
        return {path: path.stat().st_ino for path in tmp_path.rglob("*.cache")}

    assert render() == {}
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    kept = render()
    assert kept
    assert all("templates" in path.parts for path in kept)
    assert render() == kept, "nothing was compiled again"
    for path in kept:
        path.write_bytes(b"not a template")
    assert render().keys() == kept.keys()


def test_a_folder_that_takes_no_bytecode_stops_nothing(
    blog: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "file"))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    assert rendered(blog.home)
