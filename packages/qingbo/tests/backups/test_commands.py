"""`qingbo backup` and `qingbo restore`, as they are typed."""

import json
import tomllib
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from qingbo.app import create_app
from qingbo.cli import main
from qingbo.tasks import index_missing

pytestmark = pytest.mark.slow


class Shell:
    """Types commands of one blog, on SQLite."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def __call__(self, *words: str) -> Result:
        result = CliRunner().invoke(main, ["--home", str(self.home), *words])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
        return result

    def ok(self, *words: str) -> str:
        result = self(*words)
        assert result.exit_code == 0, result.output
        return result.stdout

    def fails(self, *words: str) -> str:
        result = self(*words)
        assert result.exit_code != 0, result.output
        return result.stderr


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    shell = Shell(tmp_path / "blog")
    shell.ok("init")
    shell.ok("demo")
    return shell


def settings(shell: Shell, text: str) -> None:
    (shell.home / "qingbo.toml").write_text(text)


def read_settings(shell: Shell) -> dict[str, object]:
    return tomllib.loads((shell.home / "qingbo.toml").read_text())


def test_a_backup_has_no_secrets_unless_they_are_asked_for(shell: Shell, tmp_path: Path) -> None:
    settings(shell, '# password: hunter2\ntitle = "茶"\nmail_password = "hunter2"\n[[menu]]\nlabel=""\naddress="/"\n')
    key = (shell.home / "secret_key").read_text()
    shell.ok("backup", str(tmp_path / "without.zip"))
    with zipfile.ZipFile(tmp_path / "without.zip") as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist())
    assert b"hunter2" not in everything
    assert key.encode() not in everything
    assert "茶".encode() in everything
    shell.ok("backup", "--with-secrets", str(tmp_path / "with.zip"))
    other = Shell(tmp_path / "other")
    assert "Settings added to" in other.ok("restore", str(tmp_path / "with.zip"))
    assert read_settings(other) == read_settings(shell)
    assert (other.home / "secret_key").read_text() == key
    assert (other.home / "secret_key").stat().st_mode & 0o777 == 0o600


def test_settings_of_this_place_stay(shell: Shell, tmp_path: Path) -> None:
    settings(shell, 'title = "Old"\nposts_per_page = 5\ns3_region = "x"\n')
    shell.ok("backup", "--with-secrets", str(tmp_path / "blog.zip"))
    other = Shell(tmp_path / "other")
    other.ok("init")
    settings(other, '# mine\ntitle = "New"\n')
    output = other.ok("restore", str(tmp_path / "blog.zip"))
    assert "left as they are here: title" in output
    assert read_settings(other) == {"title": "New", "posts_per_page": 5}
    assert (other.home / "qingbo.toml").read_text().startswith("# mine\n")


def test_a_backup_without_a_name_goes_into_the_data_folder(shell: Shell) -> None:
    shell.ok("backup")
    (path,) = (shell.home / "backups").iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    assert (shell.home / "backups").stat().st_mode & 0o777 == 0o700


def test_what_exists_is_not_overwritten_by_mistake(shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "blog.zip"
    path.write_text("precious")
    assert "blog.zip exists." in shell.fails("backup", str(path))
    assert "and is no backup" in shell.fails("backup", "--overwrite", str(path))
    assert path.read_text() == "precious"
    assert "There is no folder" in shell.fails("backup", str(tmp_path / "nowhere/blog.zip"))
    path.unlink()
    shell.ok("backup", str(path))
    first = path.stat()
    assert "add --overwrite" in shell.fails("backup", str(path))
    shell.ok("backup", "--overwrite", str(path))
    assert path.stat().st_ino != first.st_ino
    assert sorted(each.name for each in tmp_path.iterdir()) == ["blog", "blog.zip"]


def test_a_blog_with_posts_is_replaced_only_if_asked_and_kept_in_a_backup(shell: Shell, tmp_path: Path) -> None:
    shell.ok("backup", str(tmp_path / "blog.zip"))
    shell.ok("user", "create", "ann", "--password", "geheim-12345")
    error = shell.fails("restore", str(tmp_path / "blog.zip"))
    assert "is not empty." in error
    assert "add --replace" in error
    assert "ann" in shell.ok("user", "list")
    output = shell.ok("restore", "--replace", str(tmp_path / "blog.zip"))
    assert "ann" not in shell.ok("user", "list")
    (kept,) = (shell.home / "backups").iterdir()
    assert f"The blog that was here is in {kept}." in output
    shell.ok("restore", "--replace", "--no-backup", str(kept))
    assert "ann" in shell.ok("user", "list")


def test_a_dry_run_says_what_is_in_it_and_makes_nothing(shell: Shell, tmp_path: Path) -> None:
    summary = json.loads(shell.ok("backup", "--json", str(tmp_path / "blog.zip")))
    other = Shell(tmp_path / "other")
    assert json.loads(other.ok("restore", "--dry-run", "--json", str(tmp_path / "blog.zip"))) == summary
    assert summary["rows"]["posts"] == 5
    assert "is whole: 5 posts" in other.ok("restore", "--dry-run", str(tmp_path / "blog.zip"))
    assert not other.home.exists()
    facts = json.loads(other.ok("restore", "--json", str(tmp_path / "blog.zip")))
    assert facts["rows"] == sum(summary["rows"].values())


def test_the_search_index_can_be_left_to_the_server(shell: Shell, tmp_path: Path) -> None:
    shell.ok("backup", str(tmp_path / "blog.zip"))
    other = Shell(tmp_path / "other")
    other.ok("restore", "--search-later", str(tmp_path / "blog.zip"))
    assert "posts and comments missing from the index: 8" in other("doctor").stdout
    app = create_app(other.home)
    index_missing(app)
    assert "all posts and comments can be found" in other("doctor").stdout


def test_themes_come_back(shell: Shell, tmp_path: Path) -> None:
    (shell.home / "themes").mkdir()
    (shell.home / "themes/tea.css").write_text("body { color: green }")
    shell.ok("backup", str(tmp_path / "blog.zip"))
    other = Shell(tmp_path / "other")
    other.ok("restore", str(tmp_path / "blog.zip"))
    assert (other.home / "themes/tea.css").read_text() == "body { color: green }"


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    assert "There is no file" in Shell(tmp_path / "new").fails("restore", str(tmp_path / "blog.zip"))
