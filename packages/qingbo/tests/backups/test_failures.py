"""A restore or a backup that fails changes nothing, and says why."""

import fcntl
from pathlib import Path
from typing import Any

import pytest
from altered_archives import line_changed, rewritten
from click.testing import CliRunner
from media_uploads import take
from qingbo.backups.making import make_backup
from qingbo.cli import main
from qingbo.errors import BackupFailed, RestoreFailed
from qingbo.media.storage import FolderStorage
from restored_blogs import everything, inside, put_into
from sample_media import jpeg

pytestmark = [pytest.mark.slow, pytest.mark.sqlite_first]


def test_rows_are_as_before_if_one_cannot_be_written(blog: Any, other_blogs: Any, tmp_path: Path) -> None:
    blog.post("new")
    make_backup(tmp_path / "good.zip")
    other = other_blogs(blog.engine_name)
    put_into(other, tmp_path / "good.zip")
    with inside(other):
        before = everything()
    blog.post("another")
    make_backup(tmp_path / "bad.zip")
    rewritten(line_changed("posts", lambda row: row.update(author_id=999_999)), with_sums=True)(tmp_path / "bad.zip")
    with pytest.raises(RestoreFailed, match=r"Rows 1 to 2 of posts cannot be written: .*(?i:foreign key)"):
        put_into(other, tmp_path / "bad.zip")
    with inside(other):
        assert everything() == before


@pytest.mark.on("sqlite")
def test_a_backup_that_fails_leaves_the_older_one(blog: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_backup(tmp_path / "blog.zip")
    before = (tmp_path / "blog.zip").read_bytes()

    def full(*_: Any, **__: Any) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("qingbo.backups.making.text_to_keep", full)
    with pytest.raises(BackupFailed, match="No space left on device"):
        make_backup(tmp_path / "blog.zip")
    assert [path.name for path in tmp_path.iterdir()] == ["blog.zip"]
    assert (tmp_path / "blog.zip").read_bytes() == before


@pytest.mark.on("sqlite")
def test_media_that_cannot_be_stored_stop_a_restore(
    blog: Any, other_blogs: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(blog, jpeg(30, 20))
    make_backup(tmp_path / "blog.zip")
    other = other_blogs("sqlite")
    with inside(other):
        before = everything()

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(FolderStorage, "put", full)
    with pytest.raises(RestoreFailed, match="Its files were not restored"):
        put_into(other, tmp_path / "blog.zip")
    with inside(other):
        assert everything() == before


def test_a_blog_that_is_served_is_not_restored_into(tmp_path: Path) -> None:
    home = ["--home", str(tmp_path / "blog")]
    for words in (["init"], ["backup", str(tmp_path / "blog.zip")]):
        assert CliRunner().invoke(main, [*home, *words]).exit_code == 0
    with (tmp_path / "blog/serve.lock").open("w") as file:
        file.write("1 http://127.0.0.1:8080")
        file.flush()
        fcntl.flock(file, fcntl.LOCK_EX)
        result = CliRunner().invoke(main, [*home, "restore", str(tmp_path / "blog.zip")])
    assert result.exit_code == 1
    assert "Another qingbo serve (process 1, http://127.0.0.1:8080)" in result.stderr
