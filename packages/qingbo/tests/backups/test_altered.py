"""Archives that are truncated, altered, foreign or newer are refused before anything is touched."""

import shutil
from pathlib import Path

import pytest
from altered_archives import ALTERED
from click.testing import CliRunner
from qingbo.cli import main

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("altered")
    for words in (["init"], ["demo"], ["backup", str(folder / "blog.zip")]):
        assert CliRunner().invoke(main, ["--home", str(folder / "blog"), *words]).exit_code == 0
    return folder / "blog.zip"


def test_there_are_enough_of_them() -> None:
    assert len(ALTERED) >= 30


@pytest.mark.parametrize("name", ALTERED)
def test_an_altered_archive_is_refused_and_nothing_is_made(name: str, archive: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(archive, tmp_path / "blog.zip"))
    ALTERED[name](path)
    result = CliRunner().invoke(main, ["--home", str(tmp_path / "new"), "restore", str(path)])
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit), result.exception
    assert "Error: " in result.output
    assert [each.name for each in tmp_path.iterdir()] == ["blog.zip"], result.output


def test_the_unaltered_one_is_taken(archive: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["--home", str(tmp_path / "new"), "restore", str(archive)])
    assert result.exit_code == 0, result.output
    assert "Restored 5 posts, 3 comments, 1 accounts" in result.output
