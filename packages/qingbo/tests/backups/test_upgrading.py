"""`qingbo upgrade` and `qingbo rollback`."""

import json
from pathlib import Path
from typing import Any

import flask_rewind
import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from flask.cli import ScriptInfo
from media_uploads import take
from next_release import REVISION, installed, scripts_of_next_release
from qingbo.cli import main
from qingbo.clock import now
from qingbo.database import writing
from qingbo.extensions import db, session
from qingbo.media.models import Media
from sample_media import jpeg

pytestmark = pytest.mark.slow


def run(blog: Any, name: str, *words: str) -> Result:
    session().close()
    result = CliRunner().invoke(main.commands[name], words, obj=ScriptInfo(create_app=lambda: blog.app))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    return result


def typed(blog: Any, *words: str) -> str:
    result = run(blog, *words)
    assert result.exit_code == 0, result.output
    return result.stdout


def refused(blog: Any, *words: str) -> str:
    result = run(blog, *words)
    assert result.exit_code == 1, result.output
    return result.stderr


def test_there_and_back_with_what_was_hidden(blog: Any) -> None:
    number = take(blog, jpeg(30, 20)).id
    claimed = sa.text("SELECT claimed_until FROM media")
    with writing(), db.engine.begin() as connection:
        connection.execute(sa.update(Media).values(claimed_until=now()).where(Media.id == number))
        before = connection.scalar(claimed)
    output = typed(blog, "rollback", "0009")
    assert "The database is at revision 0009." in output
    assert "media.claimed_until" in output
    output = typed(blog, "upgrade")
    assert len(list(Path(blog.home / "backups").glob("before-move-*.zip"))) >= 1
    assert "The database is at revision 0010, and has the schema of this version." in output
    assert "rollback 0009" in output
    with db.engine.connect() as connection:
        assert connection.scalar(claimed) == before
    assert "Nothing to do: the database is at revision 0010" in typed(blog, "upgrade")
    typed(blog, "rollback", "--no-backup")
    assert flask_rewind.status()[0].current == ("0009",)
    with writing():
        flask_rewind.upgrade()


def test_a_dry_run_lists_the_revisions_and_moves_nothing(blog: Any) -> None:
    output = typed(blog, "rollback", "--dry-run", "0008")
    assert output.index("down 0010") < output.index("down 0009")
    assert flask_rewind.status()[0].is_at_head
    assert not (blog.home / "backups").exists()


@pytest.mark.on("sqlite")
def test_without_an_upgrade_it_asks_for_a_revision(blog: Any) -> None:
    assert "before it there was nothing" in refused(blog, "rollback")
    typed(blog, "rollback", "--no-backup", "0009")
    assert "The last move was no upgrade." in refused(blog, "rollback")
    assert refused(blog, "rollback", "9999")


@pytest.mark.sqlite_first
def test_programs_get_json(blog: Any) -> None:
    back = json.loads(typed(blog, "rollback", "--json", "0009"))
    assert (back["before"], back["after"], back["hidden"]) == (["0010"], ["0009"], ["media.claimed_until"])
    assert [(each["direction"], each["revision"]) for each in back["crossings"]] == [("down", "0010")]
    assert Path(back["backup"]).is_file()
    dry = json.loads(typed(blog, "upgrade", "--json", "--dry-run"))
    assert (dry["before"], dry["after"]) == (["0009"], ["0009"])
    assert [each["revision"] for each in dry["crossings"]] == ["0010"]
    there = json.loads(typed(blog, "upgrade", "--json", "--no-backup"))
    assert (there["after"], there["back_to"], there["backup"]) == (["0010"], "0009", None)
    assert there["differing_rows"] == {}
    nothing = json.loads(typed(blog, "upgrade", "--json"))
    assert nothing == {"before": ["0010"], "after": ["0010"]}


@pytest.mark.sqlite_first
def test_an_older_program_goes_back_by_the_journal(blog: Any, tmp_path: Path) -> None:
    scripts = scripts_of_next_release(tmp_path / "migrations")
    post = blog.post("龙井", tags=["茶"])
    number = post.id
    with writing(), installed(blog.app, scripts):
        session().rollback()
        flask_rewind.upgrade()
        with db.engine.begin() as connection:
            connection.execute(sa.text(f"INSERT INTO ratings (post_id, stars) VALUES ({number}, 5)"))
    assert "or go back to this one: " in refused(blog, "upgrade")
    if blog.engine_name != "sqlite":
        output = refused(blog, "rollback")
        assert f"is at revision {REVISION}" in output
        assert "cannot back that up." in output
    assert "goes by the journal" in typed(blog, "rollback", "--dry-run")
    assert flask_rewind.status()[0].unknown == (REVISION,)
    output = typed(blog, "rollback", "--no-backup")
    assert "The database is at revision 0010." in output
    assert "Hidden, and back after the next upgrade: tags.colour, ratings." in output
    assert "Now install" not in output
    flask_rewind.check()
    with writing(), installed(blog.app, scripts):
        flask_rewind.upgrade()
        with db.engine.connect() as connection:
            assert connection.execute(sa.text("SELECT post_id, stars FROM ratings")).all() == [(number, 5)]
        flask_rewind.downgrade()
        flask_rewind.purge(everything=True)


@pytest.mark.on("sqlite")
def test_without_a_journal_it_names_the_version_to_go_back_with(blog: Any) -> None:
    with writing(), db.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    output = refused(blog, "rollback")
    assert "The database is at revision 9999, which the version of Qingbo that ran before wrote" in output
    assert "Install the version of Qingbo that ran before again and go back with it: " in output
    assert "or go back to this one" not in refused(blog, "upgrade")
