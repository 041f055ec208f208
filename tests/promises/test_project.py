"""Rules of the project: public names, layers, wheels, texts, requirements."""

import ast
import inspect
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import flask_rewind
import messages
import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
SOURCES = sorted(ROOT.glob("packages/*/src/**/*.py"))


def test_every_public_name_of_flask_rewind_is_there_and_described() -> None:
    assert flask_rewind.__all__ == sorted(flask_rewind.__all__)
    for name in flask_rewind.__all__:
        value = getattr(flask_rewind, name)
        if inspect.isroutine(value) or inspect.isclass(value):
            assert inspect.getdoc(value), name


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        flask_rewind.nothing  # noqa: B018


def test_every_error_of_flask_rewind_is_exported() -> None:
    from flask_rewind import errors

    defined = {
        name for name, value in vars(errors).items() if inspect.isclass(value) and value.__module__ == errors.__name__
    }
    assert defined <= set(flask_rewind.__all__)


def test_the_layers_hold() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports")], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_alembic_is_private_in_one_module_only() -> None:
    for path in SOURCES:
        if path.name == "alembic_private.py" or "/templates/" in str(path) or "/migrations/" in str(path):
            continue
        tree = ast.parse(path.read_text())
        imported = [
            f"{node.module}.{alias.name}"
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("alembic")
            for alias in node.names
        ]
        assert not [name for name in imported if "._" in name], path


def test_every_text_of_a_page_is_in_chinese_too() -> None:
    with messages.CATALOGUE.open("rb") as file:
        translated = read_po(file, locale="zh")
    wanted = {text.id for text in messages.collect() if text.id}
    assert wanted == {text.id for text in translated if text.id}, "type: make messages"
    assert messages.untranslated(translated) == []
    for text in translated:
        names = set(re.findall(r"%\((\w+)\)", str(text.id)))
        assert names == set(re.findall(r"%\((\w+)\)", str(text.string))), text.id


def test_the_compiled_catalogue_is_the_written_one() -> None:
    def texts(catalogue: Catalog) -> set[tuple[Any, ...]]:
        def as_tuple(text: Any) -> tuple[str, ...]:
            return (text,) if isinstance(text, str) else tuple(text)

        return {(as_tuple(text.id), as_tuple(text.string)) for text in catalogue if text.id}

    with messages.CATALOGUE.open("rb") as written, messages.CATALOGUE.with_suffix(".mo").open("rb") as compiled:
        assert texts(read_mo(compiled)) == texts(read_po(written)), "type: make messages"


def test_every_requirement_has_a_hash() -> None:
    for path in (ROOT / "requirements").glob("*.txt"):
        pinned = re.split(r"\n(?=\S)", path.read_text())
        assert all("--hash=sha256:" in each for each in pinned if each.strip() and each[0] != "#"), path


@pytest.mark.slow
def test_the_wheels_hold_everything_that_runs(tmp_path: Path) -> None:
    for package in ("flask-rewind", "qingbo"):
        build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
        done = subprocess.run(build, cwd=ROOT / "packages" / package, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    inside = {name for wheel in tmp_path.glob("*.whl") for name in zipfile.ZipFile(wheel).namelist()}
    for name in (
        "qingbo/migrations/env.py",
        "qingbo/migrations/alembic.ini",
        "qingbo/migrations/versions/0001_first_schema.py",
        "qingbo/migrations/versions/0003_kinds_states_versions.py",
        "qingbo/templates/base.html",
        "qingbo/templates/accounts/mail/confirm.txt",
        "qingbo/static/js/theme.js",
        "qingbo/static/css/theme.css",
        "qingbo/static/mark.svg",
        "qingbo/translations/zh/LC_MESSAGES/messages.mo",
        "flask_rewind/templates/flask/env.py",
        "flask_rewind/templates/flask-multidb/script.py.mako",
        "flask_rewind/py.typed",
    ):
        assert name in inside
    assert any(name.startswith("qingbo/sample/") for name in inside)
