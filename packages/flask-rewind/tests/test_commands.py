"""Each command, as a Python function and on the command line."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import flask_rewind
import pytest
import sqlalchemy as sa
from flask import Flask
from flask_rewind.errors import BadRequest, ModelsDiffer, NotAtHead, NotSetUp, NoWay, RevisionNotFound, SeveralHeads

MakeApp = Callable[..., Flask]


@pytest.fixture
def app(make_app: MakeApp, tmp_path: Path) -> Flask:
    """An app with three revisions: 1 ← 2 ← 3, none applied."""
    app = make_app(f"sqlite:///{tmp_path}/blog.db")
    flask_rewind.init()
    for number in "123":
        write(
            tmp_path,
            number,
            f"op.create_table('t{number}', sa.Column('id', sa.Integer))",
            f"op.drop_table('t{number}')",
        )
    return app


def write(tmp_path: Path, number: str, up: str, down: str = "pass", **options: Any) -> Path:
    written = flask_rewind.revision(rev_id=number, message=f"step {number}", **options)
    assert written
    text = written.path.read_text()
    head, _, tail = text.partition("def upgrade():\n    pass\n")
    assert tail, text
    written.path.write_text(f"{head}def upgrade():\n    {up}\n{tail.replace('pass', down)}")
    return written.path


def tables(app: Flask) -> set[str]:
    names = sa.inspect(app.extensions["db"].engine).get_table_names()
    return {name for name in names if not name.startswith(("_attic_", "rewind_"))} - {"alembic_version"}


def run(app: Flask, *words: str) -> Any:
    return app.test_cli_runner().invoke(args=["db", *words])


def test_upgrade_and_downgrade_say_what_they_crossed(app: Flask) -> None:
    up = flask_rewind.upgrade(revision="2")
    assert [(each.revision, each.direction) for each in up.crossings] == [("1", "up"), ("2", "up")]
    assert (up.before, up.after) == ({"": ()}, {"": ("2",)})
    down = flask_rewind.downgrade()
    assert [(each.revision, each.direction) for each in down.crossings] == [("2", "down")]
    assert tables(app) == {"t1"}


def test_checkout_goes_up_or_down_whichever_leads_there(app: Flask) -> None:
    assert [each.direction for each in flask_rewind.checkout(revision="3").crossings] == ["up"] * 3
    assert [each.direction for each in flask_rewind.checkout(revision="1").crossings] == ["down"] * 2
    assert flask_rewind.checkout(revision="1").crossings == ()
    flask_rewind.checkout(revision="+1")
    assert tables(app) == {"t1", "t2"}
    flask_rewind.checkout(revision="base")
    assert tables(app) == set()
    flask_rewind.checkout()
    assert tables(app) == {"t1", "t2", "t3"}


def test_checkout_of_another_branch_is_refused_with_the_command_to_type(app: Flask, tmp_path: Path) -> None:
    write(tmp_path, "2b", "pass", head="1", splice=True)
    flask_rewind.upgrade(revision="3")
    with pytest.raises(NoWay, match="2b is neither above nor below 3") as error:
        flask_rewind.checkout(revision="2b")
    assert "flask db upgrade 2b" in error.value.hint


def test_status_says_where_it_is_and_what_is_pending(app: Flask) -> None:
    flask_rewind.upgrade(revision="1")
    (status,) = flask_rewind.status()
    assert (status.current, status.heads) == (("1",), ("3",))
    assert [each.id for each in status.pending] == ["2", "3"]
    assert not status.is_at_head
    assert status.unfinished is None
    flask_rewind.upgrade()
    assert flask_rewind.status()[0].is_at_head


def test_status_names_a_revision_that_no_script_knows(app: Flask) -> None:
    flask_rewind.upgrade()
    with app.extensions["db"].engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = 'newer'"))
    (status,) = flask_rewind.status()
    assert status.unknown == ("newer",)
    assert "unknown here: newer" in run(app, "status").output


def test_status_creates_nothing(app: Flask, tmp_path: Path) -> None:
    flask_rewind.status()
    flask_rewind.current()
    assert sa.inspect(app.extensions["db"].engine).get_table_names() == []


def test_history_heads_branches_current_and_show(app: Flask, tmp_path: Path) -> None:
    write(tmp_path, "2b", "pass", head="1", splice=True)
    flask_rewind.upgrade(revision="2")
    assert {each.id for each in flask_rewind.history()} == {"1", "2", "2b", "3"}
    assert [each.id for each in flask_rewind.history(rev_range="current:3")] == ["3", "2"]
    assert [each.id for each in flask_rewind.history(indicate_current=True) if each.is_current] == ["2"]
    assert {each.id for each in flask_rewind.heads()} == {"2b", "3"}
    (branch,) = flask_rewind.branches()
    assert (branch.revision.id, [child.id for child in branch.children]) == ("1", ["2", "2b"])
    assert [each.id for each in flask_rewind.current()[0].revisions] == ["2"]
    assert [each.message for each in flask_rewind.show(revision="current")] == ["step 2"]


def test_merge_joins_the_heads(app: Flask, tmp_path: Path) -> None:
    write(tmp_path, "2b", "pass", head="1", splice=True)
    with pytest.raises(SeveralHeads) as error:
        flask_rewind.upgrade()
    assert "flask db merge heads" in error.value.hint
    merged = flask_rewind.merge(revisions="heads", message="join")
    assert set(merged.parents) == {"2b", "3"}
    flask_rewind.upgrade()
    assert flask_rewind.status()[0].is_at_head
    flask_rewind.downgrade(revision="base")


def test_stamp_takes_several_revisions_and_runs_nothing(app: Flask, tmp_path: Path) -> None:
    write(tmp_path, "2b", "pass", head="1", splice=True)
    assert flask_rewind.stamp(revision=["2b", "3"]).after == {"": ("2b", "3")}
    assert tables(app) == set()
    assert run(app, "stamp", "base").exit_code == 0
    assert flask_rewind.current()[0].revisions == ()


def test_depends_on_is_written(app: Flask, tmp_path: Path) -> None:
    other = flask_rewind.revision(head="base", branch_label="other", depends_on=["2"], splice=True)
    assert other
    assert other.depends_on == ("2",)


def test_current_check_heads_fails_below_head(app: Flask) -> None:
    flask_rewind.upgrade(revision="2")
    with pytest.raises(NotAtHead):
        flask_rewind.current(check_heads=True)
    assert run(app, "current", "-c").exit_code == 1
    flask_rewind.upgrade()
    flask_rewind.current(check_heads=True)


def test_ensure_version_makes_the_table_alone(app: Flask) -> None:
    assert "CREATE TABLE alembic_version" in flask_rewind.ensure_version(sql=True)
    assert not sa.inspect(app.extensions["db"].engine).has_table("alembic_version")
    flask_rewind.ensure_version()
    assert sa.inspect(app.extensions["db"].engine).has_table("alembic_version")


def test_sql_prints_the_script_and_changes_nothing(app: Flask) -> None:
    up = run(app, "upgrade", "--sql")
    assert up.exit_code == 0
    assert "CREATE TABLE t3" in up.output
    refused = run(app, "downgrade", "--sql")
    assert refused.exit_code == 3
    assert refused.stdout == ""
    assert "refused: --sql cannot hide what the scripts drop (t3)" in refused.stderr
    assert "UPDATE alembic_version" in flask_rewind.stamp(revision="1:2", sql=True).sql
    assert tables(app) == set()


DIALECTS = ["sqlite:///none.db", "mariadb+pymysql://nobody@nowhere/none", "postgresql+psycopg://nobody@nowhere/none"]


@pytest.mark.parametrize("url", DIALECTS)
def test_sql_prints_drops_where_that_is_wanted(make_app: MakeApp, url: str) -> None:
    app = make_app(url)
    flask_rewind.init()
    written = flask_rewind.revision(rev_id="1")
    assert written
    body = "op.execute('DROP TABLE a')\n    op.drop_column('b', 'c')\n    op.execute('ALTER TABLE d DROP COLUMN e')"
    written.path.write_text(written.path.read_text().replace("():\n    pass", f"():\n    {body}"))
    for command, move in (("upgrade", flask_rewind.upgrade), ("downgrade", flask_rewind.downgrade)):
        refused = run(app, command, "--sql")
        assert refused.exit_code == 3
        assert "add --with-drops." in refused.stderr
        printed = run(app, command, "--sql", "--with-drops")
        assert printed.exit_code == 0
        assert all(each in printed.stdout for each in ("DROP TABLE a", "DROP COLUMN c", "DROP COLUMN e"))
        assert move(sql=True, with_drops=True).sql == printed.stdout


def test_drops_are_for_sql_alone(app: Flask) -> None:
    refused = run(app, "upgrade", "--with-drops")
    assert refused.exit_code == 1
    assert "--with-drops is for --sql" in refused.stderr
    assert tables(app) == set()


def test_steps_down_are_taken_as_typed(app: Flask) -> None:
    flask_rewind.upgrade()
    assert "Now at 2." in run(app, "downgrade", "-1").stdout
    assert "Now at 3." in run(app, "upgrade", "+1").stdout
    assert "Now at 1." in run(app, "checkout", "-2").stdout
    assert "Now at 2." in run(app, "checkout", "3-1").stdout
    assert "Now at 3." in run(app, "checkout", "2+1").stdout
    assert run(app, "plan", "-1", "--json").stdout == run(app, "plan", "--json", "2").stdout
    assert "Now at 2." in run(app, "downgrade", "3-1").stdout
    assert "Now at 1." in run(app, "downgrade", "--", "-1").stdout
    assert "Now at 2." in run(app, "upgrade", "1+1").stdout
    assert run(app, "show", "-1").stdout.startswith("Rev: 2")  # of the scripts, not of the database
    assert "UPDATE alembic_version" in run(app, "downgrade", "--with-drops", "-1", "--sql").stdout


def test_what_is_no_number_of_steps_is_an_option(app: Flask) -> None:
    for words in (("downgrade", "-7x"), ("downgrade", "--fil", "x"), ("upgrade", "-q"), ("downgrade", "-1", "-1")):
        assert run(app, *words).exit_code == 2
    assert "No such option" in run(app, "downgrade", "--fil").stderr
    flask_rewind.upgrade()
    assert "Now at 2." in run(app, "downgrade", "-x", "-3", "-1").stdout  # the value of -x is -3


def test_there_is_no_further_to_go(app: Flask) -> None:
    for words in (("downgrade",), ("downgrade", "-2"), ("checkout", "-1"), ("plan", "-1")):
        refused = run(app, *words)
        assert refused.exit_code == 1
        assert "Error: The database is at base already.\n" in refused.stderr
    flask_rewind.upgrade()
    for words in (("upgrade", "+1"), ("checkout", "+2"), ("plan", "+1")):
        refused = run(app, *words)
        assert refused.exit_code == 1
        assert "Error: The database is at head already.\n" in refused.stderr
    flask_rewind.downgrade(revision="1")
    assert "There are not 2 revisions below 1, where the database is." in run(app, "downgrade", "-2").stderr
    assert "There are not 3 revisions above 1, where the database is." in run(app, "upgrade", "+3").stderr
    assert run(app, "downgrade", "1").exit_code == 0


def test_a_plan_does_not_say_that_it_runs_something(app: Flask) -> None:
    assert "Running" not in run(app, "plan").stderr
    assert "Running upgrade  -> 1" in run(app, "upgrade").stderr
    assert "Running" not in run(app, "plan", "base").stderr


def test_check_does_not_show_what_is_hidden(make_app: MakeApp, database_url: str) -> None:
    app = make_app(database_url)
    flask_rewind.init()
    with app.extensions["db"].engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE old (id INTEGER PRIMARY KEY, x INTEGER NOT NULL, CHECK (x < 9))"))
    written = flask_rewind.revision(rev_id="1")
    assert written
    dropped = "def upgrade():\n    op.drop_column('old', 'x')"
    written.path.write_text(written.path.read_text().replace("def upgrade():\n    pass", dropped))
    flask_rewind.upgrade()
    differing = run(app, "check")
    assert differing.exit_code == 1
    assert "remove_table" in differing.stderr
    assert "_attic_" not in differing.stderr


def test_edit_opens_the_script(app: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("EDITOR", "touch")
    (opened,) = flask_rewind.edit(revision="2")
    assert opened.id == "2"
    assert run(app, "edit", "nope").exit_code == 1


def test_check_says_what_differs(make_app: MakeApp, tmp_path: Path) -> None:
    def models(db: Any) -> None:
        class Post(db.Model):
            id = sa.Column(sa.Integer, primary_key=True)

    make_app(f"sqlite:///{tmp_path}/blog.db", models)
    flask_rewind.init()
    with pytest.raises(ModelsDiffer, match="add_table") as error:
        flask_rewind.check()
    assert "flask db migrate" in error.value.hint


def test_json_is_for_programs(app: Flask) -> None:
    flask_rewind.upgrade(revision="1")
    (database,) = json.loads(run(app, "status", "--json").stdout)
    assert database["current"] == ["1"]
    assert [each["id"] for each in database["pending"]] == ["2", "3"]
    for words in (["history"], ["heads"], ["branches"], ["current"], ["show"], ["list-templates"]):
        assert isinstance(json.loads(run(app, *words, "--json").stdout), list)


def test_the_texts_are_alembics(app: Flask) -> None:
    flask_rewind.upgrade(revision="2")
    assert run(app, "heads").stdout == "3 (head)\n"
    assert run(app, "current").stdout == "2\n"
    assert run(app, "history", "-i").stdout == "2 -> 3 (head), step 3\n1 -> 2 (current), step 2\n<base> -> 1, step 1\n"


def test_quiet_says_nothing_and_raiseerr_everything(app: Flask) -> None:
    assert run(app, "upgrade", "2").stdout.startswith("Copied the database first: ")
    assert app.test_cli_runner().invoke(args=["db", "-q", "upgrade"]).stdout == ""
    failed = app.test_cli_runner().invoke(args=["db", "--raiseerr", "upgrade", "nope"])
    assert isinstance(failed.exception, RuntimeError)


def test_an_unknown_revision_is_a_message_and_exit_code_1(app: Flask) -> None:
    with pytest.raises(RevisionNotFound, match="nope"):
        flask_rewind.upgrade(revision="nope")
    result = run(app, "upgrade", "nope")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "Error: Can't locate revision identified by 'nope'" in result.stderr
    assert "Traceback" not in result.stderr


def test_without_a_migrations_directory_the_error_names_init(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app(f"sqlite:///{tmp_path}/blog.db")
    with pytest.raises(NotSetUp) as error:
        flask_rewind.upgrade()
    assert error.value.hint == "Make one: flask db init"
    assert run(app, "upgrade").exit_code == 1


def test_without_rewind_the_error_says_how_to_add_it() -> None:
    with Flask("bare").app_context(), pytest.raises(NotSetUp, match="has no Flask-Rewind"):
        flask_rewind.upgrade()


def test_init_refuses_a_folder_that_is_not_empty(app: Flask) -> None:
    with pytest.raises(BadRequest, match="already exists and is not empty"):
        flask_rewind.init()


def test_an_unreachable_database_is_a_message(make_app: MakeApp, tmp_path: Path) -> None:
    app = make_app("postgresql+psycopg://nobody@127.0.0.1:9/none")
    flask_rewind.init()
    result = run(app, "upgrade")
    assert result.exit_code == 1
    assert "Traceback" not in result.output
    assert "127.0.0.1" in result.stderr


def test_an_unknown_setting_is_refused_by_name(make_app: MakeApp) -> None:
    with pytest.raises(flask_rewind.BadSetting, match="Unknown setting REWIND_COPIES"):
        make_app("sqlite://", config={"REWIND_COPIES": 1})
    with pytest.raises(flask_rewind.BadSetting, match="REWIND_DERIVED is 'post'"):
        make_app("sqlite://", config={"REWIND_DERIVED": "post"})
    with pytest.raises(flask_rewind.BadSetting, match="REWIND_SQLITE_COPIES is 'three'"):
        make_app("sqlite://", config={"REWIND_SQLITE_COPIES": "three"})


def test_an_id_that_is_taken_or_too_long_is_refused(app: Flask) -> None:
    with pytest.raises(BadRequest, match="The id 1 is already used by"):
        flask_rewind.revision(rev_id="1")
    with pytest.raises(BadRequest, match="longer than 32 characters"):
        flask_rewind.revision(rev_id="x" * 33)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("revision = '9'\ndown_revision = '3'\nthis is no Python", "SyntaxError"),
        ("revision = '9'\ndown_revision = '3'\nimport nothing_like_it", "ModuleNotFoundError"),
        ("revision = '9'\ndown_revision = 'gone'", "A script depends on revision 'gone', and no script has that id."),
        ("revision = '9'\ndown_revision = '3'\n{}['no revision']", "KeyError: 'no revision'"),
        ("revision = '9'\ndown_revision = '3'\ndef upgrade(): pass", ""),
    ],
)
@pytest.mark.filterwarnings("ignore:Revision gone referenced:UserWarning")
def test_a_broken_script_is_a_message(app: Flask, tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "migrations/versions/9.py").write_text(text)
    result = run(app, "upgrade")
    if message:
        assert result.exit_code == 1
        assert message in result.stderr
    else:
        result = run(app, "downgrade")
        assert "not complete" in result.stderr
    assert "Traceback" not in result.stderr
    assert isinstance(result.exception, SystemExit)


def test_a_damaged_directory_is_a_message(app: Flask, tmp_path: Path) -> None:
    for name in ("env.py", "alembic.ini", "script.py.mako"):
        path = tmp_path / "migrations" / name
        text = path.read_text()
        path.unlink()
        for words in (["upgrade"], ["revision"]):
            result = run(app, *words)
            assert isinstance(result.exception, SystemExit | None), (name, words, result.exc_info)
        path.write_text(text)
    (tmp_path / "migrations/versions").rename(tmp_path / "migrations/elsewhere")
    assert "There is no folder" in run(app, "upgrade").stderr


def test_checkout_with_another_branch_applied_is_refused(app: Flask, tmp_path: Path) -> None:
    write(tmp_path, "2b", "pass", head="1", splice=True)
    flask_rewind.upgrade(revision="heads")
    with pytest.raises(NoWay, match="3 is applied already, and so is 2b on another branch"):
        flask_rewind.checkout(revision="3")


def test_checkout_of_an_unknown_database_is_a_message(app: Flask) -> None:
    flask_rewind.upgrade()
    with app.extensions["db"].engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = 'newer'"))
    with pytest.raises(RevisionNotFound, match="newer"):
        flask_rewind.checkout(revision="1")


def test_a_file_that_is_no_database_is_a_message(make_app: MakeApp, tmp_path: Path) -> None:
    (tmp_path / "blog.db").write_bytes(b"nonsense" * 1000)
    app = make_app(f"sqlite:///{tmp_path}/blog.db")
    flask_rewind.init()
    assert "file is not a database" in run(app, "upgrade").stderr
    assert "file is not a database" in run(app, "status").stderr


def test_no_name_is_no_revision(app: Flask) -> None:
    for words in (["upgrade", ""], ["downgrade", ""], ["checkout", ""]):
        assert "Traceback" not in run(app, *words).output
        assert run(app, *words).exit_code == 1
