"""The other guides: what they tell to write is valid, and the one for users of Flask-Migrate works."""

import os
import re
import site
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from page_blocks import blocks_of
from qingbo.config import Settings
from reader import Reader

ROOT = Path(__file__).parents[2]
GUIDES = sorted(ROOT.glob("docs/how-to/*.md"))


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.name)
def test_every_setting_of_a_guide_is_valid(page: Path) -> None:
    texts = [block.text for block in blocks_of(page) if block.language == "toml"]
    texts += re.findall(r"qingbo\.toml <<'EOF'\n(.*?)^EOF$", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    for text in texts:
        assert Settings.model_validate(tomllib.loads(text))


def test_the_settings_of_guides_are_found() -> None:
    texts = [block for page in GUIDES for block in blocks_of(page) if block.language == "toml"]
    assert len(texts) >= 4


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
