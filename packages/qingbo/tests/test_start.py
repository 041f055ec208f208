"""Starting: compiled templates are kept."""

import sys
from pathlib import Path
from typing import Any

import pytest
from flask import render_template
from qingbo.app import create_app
from qingbo.extensions import db


def rendered(home: Path) -> str:
    """Return a page of an app that was just made."""
    app = create_app(home)
    with app.test_request_context():
        page = render_template("site/error.html", title="Gone", text="", kept=None)
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
