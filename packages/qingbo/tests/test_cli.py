"""The command line, in process: valid and invalid input."""

import gc
import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from qingbo.cli import main
from qingbo.extensions import MIGRATIONS


class Shell:
    """Types commands of one blog, on SQLite."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def __call__(self, *words: str, **options: Any) -> Result:
        result = CliRunner().invoke(main, ["--home", str(self.home), *words], **options)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
        return result

    def ok(self, *words: str, **options: Any) -> str:
        result = self(*words, **options)
        assert result.exit_code == 0, result.output
        return result.output

    def fails(self, *words: str, **options: Any) -> str:
        result = self(*words, **options)
        assert result.exit_code != 0, result.output
        assert "Traceback" not in result.output
        return result.output


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    shell = Shell(tmp_path / "blog")
    shell.ok("init")
    return shell


def test_init_makes_a_private_folder_and_says_so(tmp_path: Path) -> None:
    shell = Shell(tmp_path / "new")
    assert f"Made the data folder {tmp_path}/new.\nEverything of this blog is in it.\n" in shell.ok("init")
    assert f"Then: qingbo --home {tmp_path}/new serve" in shell.ok("init")
    assert "Made" not in shell.ok("init")
    assert (tmp_path / "new/secret_key").stat().st_mode & 0o777 == 0o600
    assert len((tmp_path / "new/secret_key").read_text()) >= 40


@pytest.mark.parametrize(
    "words",
    [
        ["db", "status"],
        ["user", "list"],
        ["demo"],
        ["doctor"],
        ["routes"],
        ["import", "markdown", ".", "--author", "a"],
    ],
)
def test_in_the_wrong_place_every_other_command_says_there_is_no_blog(tmp_path: Path, words: list[str]) -> None:
    output = Shell(tmp_path / "nowhere").fails(*words)
    assert f"There is no blog in {tmp_path}/nowhere." in output
    assert f"Make one with `qingbo --home {tmp_path}/nowhere init`" in output
    assert "or name it: qingbo --home FOLDER" in output
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.slow
def test_accounts(shell: Shell) -> None:
    assert "Made the account 张三, an administrator." in shell.ok(
        "user", "create", "张三", "--admin", "--password", "geheim-12345"
    )
    shell.ok("user", "create", "ann", "--password", "geheim-12345")
    assert shell.ok("user", "list") == "张三 (administrator)\nann (author)\n"
    assert "ann is an administrator." in shell.ok("user", "promote", "ANN")
    assert "new password" in shell.ok("user", "password", "ann", "--password", "geheim-67890")
    assert "The name Ann is taken. Choose another one." in shell.fails(
        "user", "create", "Ann", "--password", "geheim-12345"
    )
    assert "12 to 256" in shell.fails("user", "create", "bob", "--password", "short")
    assert "Usernames can have" in shell.fails("user", "create", "a b", "--password", "geheim-12345")
    assert "There is no user named bob." in shell.fails("user", "promote", "bob")
    shell.ok("user", "create", "eve", "--role", "reader", "--email", "Eve@Example.com", "--password", "geheim-12345")
    assert "eve (reader)" in shell.ok("user", "list")
    for email, said in (("eve@example.com", "already an account with eve@example.com"), ("eve", "no e-mail address")):
        assert said in shell.fails("user", "create", "eva", "--email", email, "--password", "geheim-12345")


def test_without_a_terminal_nothing_is_asked(shell: Shell) -> None:
    assert "Give it: --password" in shell.fails("user", "create", "ann")
    assert "Name is missing" in shell.fails("user", "create", "--password", "geheim-12345")


@pytest.mark.slow
def test_the_schema_commands_are_there(shell: Shell) -> None:
    assert "nothing pending" in shell.ok("db", "status")
    assert "0010" in shell.ok("db", "current")
    assert "0001" in shell.ok("db", "history")
    shell.ok("db", "check")
    shell.ok("db", "downgrade", "base")
    assert "pending: 0001" in shell.ok("db", "status")
    shell.ok("db", "checkout", "head")
    assert "Can't locate revision identified by 'nope'" in shell.fails("db", "upgrade", "nope")


@pytest.mark.slow
def test_import_says_what_it_did_and_fails_where_something_was_left_out(shell: Shell, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    assert "There is no account named ann." in shell.fails("import", "markdown", str(folder), "--author", "ann")
    shell.ok("user", "create", "ann", "--password", "geheim-12345")
    assert "There are no Markdown files" in shell.fails("import", "markdown", str(folder), "--author", "ann")
    (folder / "a.md").write_text("# A\n\ntext")
    output = shell.ok("import", "markdown", str(folder), "--author", "ann")
    assert "Importing: 1 of 1 (a.md)" in output
    assert "Posts: 1 new." in output
    (folder / "b.md").write_bytes(b"\xff")
    output = shell.fails("import", "markdown", str(folder), "--author", "ann")
    assert f"left out: {folder}/b.md: is not UTF-8 (byte 0)" in output
    assert "Posts: 1 unchanged, 1 left out." in output


def test_import_says_what_became_a_draft_and_what_to_check(shell: Shell, tmp_path: Path) -> None:
    shell.ok("user", "create", "ann", "--password", "geheim-12345")
    folder = tmp_path / "in"
    (folder / "_drafts").mkdir(parents=True)
    (folder / "_drafts/a.md").write_text("# A\n\ntext")
    (folder / "b.md").write_text("---\ntitle: B\npublishDate: 2999-01-02\n---\ntext")
    (folder / "c.md").write_text("---\ntitle: C\ndate: 2024-01-02\nexpiryDate: 2999-01-02\n---\ntext")
    (folder / "d.md").write_text("---\ntitle: D\n\ntext")
    output = shell.fails("import", "markdown", str(folder), "--author", "ann")
    assert output.splitlines()[-6:] == [
        f"draft: {folder}/_drafts/a.md: it is in the folder _drafts",
        f"scheduled: {folder}/b.md: becomes public on 2999-01-02 00:00",
        f"please check: {folder}/c.md: it expires on 2999-01-02; unpublish it then; Qingbo does not do that by itself",
        f"left out: {folder}/d.md, line 1: has front matter without an end; put a line --- below its last line",
        "Posts: 3 new, 1 left out.",
        "1 became a draft. 1 is scheduled. 1 thing to check.",
    ]


@pytest.mark.slow
def test_import_takes_what_cannot_be_recognised_as_options(shell: Shell, tmp_path: Path) -> None:
    shell.ok("user", "create", "ann", "--password", "geheim-12345")
    (tmp_path / "in").mkdir()
    (tmp_path / "in/tea.md").write_bytes("# 茶\n\ntext".encode("gb18030"))
    command = ["import", "markdown", str(tmp_path / "in"), "--author", "ann"]
    assert "nothing is no encoding" in shell.fails(*command, "--encoding", "nothing")
    output = shell.ok(*command, "--encoding", "gbk", "--permalink", "/old/:title/", "--from", "hexo")
    assert f"draft: {tmp_path}/in/tea.md: it has no date; see --date-from\n" in output
    assert "Redirects: 1 new." in output
    for date_from in ("now", "mtime"):
        output = shell.ok(*command, "--encoding", "gbk", "--date-from", date_from)
        assert f"Posts: 1 {'updated' if date_from == 'now' else 'unchanged'}." in output
    assert "Pages" not in output


@pytest.mark.slow
def test_import_prints_its_report_as_json_and_a_dry_run_imports_nothing(shell: Shell, tmp_path: Path) -> None:
    shell.ok("user", "create", "ann", "--password", "geheim-12345")
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.md").write_text("---\ndate: 2024-01-02\n---\n# A\n\ntext")
    command = ["import", "markdown", str(tmp_path / "in"), "--author", "ann"]
    for words, is_dry in ((["--dry-run"], True), ([], False)):
        result = shell(*command, "--json", *words)
        assert result.exit_code == 0
        assert json.loads(result.stdout) == {"dry_run": is_dry, "counts": {"posts": {"new": 1}}, "remarks": []}
    assert "Posts: 1 unchanged." in shell.ok(*command)
    assert "This was a dry run: nothing was changed.\n" in shell.ok(*command, "--dry-run")


@pytest.mark.slow
def test_demo_fills_once(shell: Shell) -> None:
    assert "Wrote a sample of 5 posts." in shell.ok("demo")
    assert "The sample is there already." in shell.ok("demo")
    assert shell.ok("user", "list") == "qingbo (inactive)\n"


def test_demo_on_another_schema_says_what_to_do(shell: Shell) -> None:
    shell.ok("db", "downgrade", "base")
    assert f"Bring it there: qingbo --home {shell.home} upgrade" in shell.fails("demo")


def test_doctor_finds_nothing_wrong_with_a_new_blog(shell: Shell) -> None:
    output = shell.ok("doctor")
    assert output.count("ok  ") == 11
    assert "!!" not in output


def test_doctor_says_what_to_do(shell: Shell) -> None:
    shell.ok("db", "downgrade", "base")
    (shell.home / "secret_key").chmod(0o644)
    (shell.home / "qingbo.toml").write_text('mail_host = "127.0.0.1"\nmail_port = 9\nmail_from = "a@b.c"\n')
    output = shell.fails("doctor")
    assert "!!  file permissions: other users can read" in output
    assert f"chmod 600 {shell.home}/secret_key" in output
    pending = len(list((MIGRATIONS / "versions").glob("*.py")))
    assert f"!!  database schema: pending revisions: {pending}\n      Run: qingbo --home {shell.home} upgrade" in output
    assert "!!  email: Can’t send email through 127.0.0.1 port 9 (starttls): " in output
    assert "!!  links in emails: email is set up, but address isn’t" in output
    assert f"Add the address of the blog to {shell.home}/qingbo.toml" in output


def test_an_unreachable_database_is_a_message(shell: Shell) -> None:
    (shell.home / "qingbo.toml").write_text('database_url = "postgresql://u:geheim@127.0.0.1:9/none"\n')
    for words in (["db", "upgrade"], ["doctor"], ["demo"], ["user", "list"], ["serve", "--port", "18099"]):
        output = shell.fails(*words)
        assert "127.0.0.1" in output, words
        assert "geheim" not in output


def test_an_unknown_setting_is_a_message(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QINGBO_TITEL", "x")
    assert "QINGBO_TITEL (environment) is no setting. Did you mean title?" in shell.fails("doctor")


def test_routes_lists_the_pages(shell: Shell) -> None:
    assert "/posts/<slug>" in shell.ok("routes")


WORDS_OF_THE_TUTORIAL = ("server", "db", "shell", "show-urls", "clean", "assets")


def test_every_word_of_the_tutorial_is_in_the_help(tmp_path: Path) -> None:
    text = Shell(tmp_path / "none").ok("--help")
    for word in (*WORDS_OF_THE_TUTORIAL, "serve"):
        assert re.search(rf"^  {word} ", text, re.MULTILINE), word


def test_help_of_every_command_needs_no_blog(tmp_path: Path) -> None:
    shell = Shell(tmp_path / "none")
    for word in WORDS_OF_THE_TUTORIAL:
        assert "Usage:" in shell.ok(word, "--help")
    for word, steps in (("downgrade", "-1"), ("upgrade", "+1"), ("checkout", "-1")):
        assert steps in shell.ok("db", word, "--help")
    assert "There is no blog" in shell.fails("db", "downgrade", "-1")
    assert not (tmp_path / "none").exists()


def test_show_urls_and_assets_list_what_is_served(shell: Shell) -> None:
    assert shell.ok("show-urls") == shell.ok("routes")
    listed = shell.ok("assets")
    assert re.search(r"^/static/v-[0-9a-f]{10}/js/theme\.js  \d+ bytes$", listed, re.MULTILINE)
    assert shell.ok("assets", "build") == listed


def test_clean_deletes_compiled_files_and_nothing_else(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = [tmp_path / "app/__pycache__/a.cpython-311.pyc", tmp_path / "app/old.pyo"]
    kept = [tmp_path / "app/a.py", tmp_path / ".venv/lib/__pycache__/b.cpython-311.pyc"]
    for path in (*gone, *kept):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    monkeypatch.chdir(tmp_path)
    assert shell.ok("clean") == "Deleted 2 compiled files.\n"
    assert not any(path.exists() for path in gone)
    assert all(path.exists() for path in kept)


def test_the_shell_has_what_one_needs_at_hand(shell: Shell) -> None:
    output = shell.ok("shell", input="print(app.name, db.engine.dialect.name, Post.__tablename__, User.__name__)\n")
    assert "qingbo sqlite posts User" in output


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite:///elsewhere/blog.db", "Everything of this blog is in it."),
        ("sqlite:///../blog.db", "posts and people are in sqlite:///"),
    ],
)
def test_init_says_where_the_blog_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, said: str) -> None:
    (tmp_path / "new/elsewhere").mkdir(parents=True)
    monkeypatch.setenv("QINGBO_DATABASE_URL", url)
    output = Shell(tmp_path / "new").ok("init")
    assert said in output
    assert ("Everything" in output) == ("Everything" in said)


def test_init_says_that_posts_are_on_a_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QINGBO_DATABASE_URL", "postgresql://u:geheim@127.0.0.1:9/none")
    output = Shell(tmp_path / "new").ok("init")
    assert "posts and people are in postgresql+psycopg://u:***@127.0.0.1:9/none." in output
    assert "Everything" not in output


def test_hints_can_be_typed_as_they_stand(shell: Shell) -> None:
    assert f"qingbo --home {shell.home} db history" in shell.fails("db", "upgrade", "nope")


def test_bytes_that_are_no_text_are_a_message(shell: Shell) -> None:
    assert "not UTF-8" in shell.fails("user", "promote", "a\udcff")
    assert "not UTF-8" in shell.fails("user", "create", "zed", "--password", "aaaabbbbccccdddd\udcff")


def test_a_damaged_database_is_a_message_that_names_the_copies(shell: Shell) -> None:
    gc.collect()  # closes the connections of earlier commands, for which the file is what it was
    for path in shell.home.glob("qingbo.db-*"):
        path.unlink()
    (shell.home / "qingbo.db").write_bytes(b"nonsense" * 1000)
    for words in (["user", "list"], ["serve", "--port", "18098"]):
        output = shell.fails(*words)
        assert "file is not a database" in output
        assert f"{shell.home}/copies" in output
    assert "file is not a database" in shell.fails("doctor")
    assert "file is not a database" in shell.fails("db", "current")


def test_a_missing_or_empty_key_is_said(shell: Shell) -> None:
    (shell.home / "secret_key").write_text("")
    assert "secret_key is missing or no key" in shell.fails("doctor")
    (shell.home / "secret_key").unlink()
    assert "secret_key is missing or no key" in shell.fails("user", "list")
    assert "Made the data folder" not in shell.ok("init")
    shell.ok("user", "list")


def test_a_relative_sqlite_address_is_meant_from_the_data_folder(shell: Shell) -> None:
    (shell.home / "qingbo.toml").write_text('database_url = "sqlite:///other.db"\n')
    shell.ok("db", "upgrade")
    assert (shell.home / "other.db").exists()
