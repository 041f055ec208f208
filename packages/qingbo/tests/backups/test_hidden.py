"""What is hidden comes back with a backup on the same engine, and returns with the next move."""

import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import flask_rewind
import pytest
import sqlalchemy as sa
from altered_archives import line_changed, rewritten
from database_servers import empty_database
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from media_uploads import take
from next_release import installed, scripts_of_next_release
from qingbo.app import create_app
from qingbo.backups.archive import Archive
from qingbo.backups.making import make_backup
from qingbo.database import writing
from qingbo.errors import ArchiveRefused, RestoreFailed
from qingbo.extensions import db, session
from random_rows import fill
from restored_blogs import everything, inside, put_into, stored_files
from sample_media import jpeg

pytestmark = [pytest.mark.slow, pytest.mark.sqlite_first]

OtherBlogs = Callable[[str], Flask]
OF_THE_PROGRAM = ("0001", "0003", "0004", "0005", "0009")
HIDDEN_BY_NEXT_RELEASE = ("link_cards", "series.title")
NOW = "'2026-01-01 00:00:00.000000'"
NEW_IN_NEXT_RELEASE = ("ratings", "tags.colour")


@settings(max_examples=2, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(data=st.data())
@pytest.mark.parametrize("revision", OF_THE_PROGRAM)
def test_rows_hidden_by_a_rollback_return(
    blog: Any, other_blogs: OtherBlogs, tmp_path: Path, revision: str, data: Any
) -> None:
    with writing(), db.engine.begin() as connection:
        fill(connection, data)
    before = everything()
    with writing():
        flask_rewind.downgrade(revision=revision)
        hidden = tuple(sorted({each.place for each in flask_rewind.attic()}))
        make_backup(tmp_path / "blog.zip")
        flask_rewind.upgrade()
    # Revision 0002 inserts roles. The random ones have numbers that the database did not give.
    written_by_scripts = {"roles", "numbers"} if revision == "0001" else set()
    after = {name: rows for name, rows in everything().items() if name not in written_by_scripts}
    assert all(after[name] == before[name] for name in ("posts", "media", "series", "post_versions"))
    other = other_blogs(blog.engine_name)
    result = put_into(other, tmp_path / "blog.zip")
    assert (result.hidden, result.left_in_archive, result.still_hidden) == (hidden, (), ())
    with inside(other):
        assert {name: rows for name, rows in everything().items() if name not in written_by_scripts} == after
        assert flask_rewind.attic() == ()
        flask_rewind.check()


def test_files_of_hidden_media_come_back(blog: Any, other_blogs: OtherBlogs, tmp_path: Path) -> None:
    take(blog, jpeg(300, 200))
    files = stored_files(blog.app.extensions["qingbo_home"])
    with writing():
        flask_rewind.downgrade(revision="0003")
        make_backup(tmp_path / "blog.zip")
        flask_rewind.upgrade()
    other = other_blogs(blog.engine_name)
    assert put_into(other, tmp_path / "blog.zip").media == len(files) > 0
    assert stored_files(other.extensions["qingbo_home"]) == files


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    return scripts_of_next_release(tmp_path / "migrations")


@pytest.fixture
def filled(blog: Any) -> Any:
    """A blog with a series, a post with a tag, and a link card."""
    blog.post("龙井", tags=["茶"])
    with writing(), db.engine.begin() as connection:
        connection.execute(
            sa.text("INSERT INTO series (title, slug, created_at) VALUES ('四季', 's', '2026-01-01 00:00:00.000000')")
        )
        connection.execute(
            sa.text(
                "INSERT INTO link_cards (address, address_digest, title, description, site_name, asked_at, tries)"
                f" VALUES ('https://a', 'd', '茶', '', '', {NOW}, 1)"
            )
        )
    return blog


def test_what_an_upgrade_hid_stays_hidden_until_a_downgrade(
    filled: Any, other_blogs: OtherBlogs, tmp_path: Path, scripts: Path
) -> None:
    before = everything()
    other = other_blogs(filled.engine_name)
    with installed(filled.app, scripts), installed(other, scripts):
        with writing():
            flask_rewind.upgrade()
            with db.engine.begin() as connection:  # newborn: it has no title
                connection.execute(
                    sa.text("INSERT INTO series (slug, created_at) VALUES ('new', '2026-01-02 00:00:00.000000')")
                )
        attic, log = flask_rewind.attic(), flask_rewind.log()
        make_backup(tmp_path / "blog.zip")
        with writing():
            flask_rewind.downgrade(fill={"series.title": "'untitled'"})
        after = everything()
        assert sorted(before["link_cards"]) == after["link_cards"]
        assert len(after["series"]) == 2
        result = put_into(other, tmp_path / "blog.zip", of_next_release=True)
        assert result.hidden == result.still_hidden == HIDDEN_BY_NEXT_RELEASE
        with inside(other):
            assert flask_rewind.attic() == attic
            assert flask_rewind.log() == log
            with writing():
                flask_rewind.downgrade(fill={"series.title": "'untitled'"})
            assert everything() == after
            assert flask_rewind.attic() != ()  # what the downgrade has hidden
            with writing():
                flask_rewind.purge(everything=True)


def test_an_older_program_restores_what_it_does_not_know(
    filled: Any, other_blogs: OtherBlogs, tmp_path: Path, scripts: Path
) -> None:
    """`qingbo rollback`, then the older release, which backs up; and the newer release again on the new machine."""
    rated = "SELECT id, stars, said FROM ratings ORDER BY id"
    coloured = "SELECT name, colour FROM tags"
    with writing():
        with installed(filled.app, scripts):
            flask_rewind.upgrade()
            with db.engine.begin() as connection:
                connection.execute(sa.text("UPDATE tags SET colour = 'green'"))
                connection.execute(sa.text("INSERT INTO ratings (post_id, stars, said) SELECT id, 5, '好' FROM posts"))
            flask_rewind.downgrade(revision="0010")
        with db.engine.begin() as connection:
            connection.execute(
                sa.text("INSERT INTO tags (name, name_key, slug, post_count) VALUES ('新', '新', 'n', 0)")
            )
    attic = flask_rewind.attic()
    make_backup(tmp_path / "blog.zip")
    other = other_blogs(filled.engine_name)
    result = put_into(other, tmp_path / "blog.zip")
    assert result.hidden == result.still_hidden == NEW_IN_NEXT_RELEASE
    with inside(other), installed(other, scripts), writing():
        assert flask_rewind.attic() == attic
        flask_rewind.upgrade()
        with db.engine.connect() as connection:
            assert [row[1:] for row in connection.execute(sa.text(rated))] == [(5, "好")]
            assert dict(connection.execute(sa.text(coloured)).all()) == {"茶": "green", "新": None}
        flask_rewind.downgrade(revision="0010")
        flask_rewind.purge(everything=True)
    with writing():
        flask_rewind.purge(everything=True)


def test_on_another_engine_it_stays_in_the_archive(blog: Any, other_blogs: OtherBlogs, tmp_path: Path) -> None:
    with writing():
        flask_rewind.downgrade(revision="0009")
        make_backup(tmp_path / "blog.zip")
        flask_rewind.upgrade()
    another = "postgresql" if blog.engine_name == "sqlite" else "sqlite"
    result = put_into(other_blogs(another), tmp_path / "blog.zip")
    assert (result.hidden, result.left_in_archive) == ((), ("media.claimed_until",))
    assert result.why_left == f"it was hidden on {blog.engine_name}, and this database is {another}"


KILLED = """
import os, signal
from qingbo.__main__ import main
from qingbo.backups import restoring
restoring.insert_hidden = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
main()
"""


def test_a_restore_that_was_killed_is_done_again(blog: Any, tmp_path: Path, worker_id: str) -> None:
    take(blog, jpeg(30, 20))
    with writing():
        flask_rewind.downgrade(revision="0009")
        make_backup(tmp_path / "blog.zip")
        flask_rewind.upgrade()
    before = everything()
    home = tmp_path / "new"
    ran(home, "-m", "qingbo", "init")
    if blog.engine_name != "sqlite":
        address = empty_database(blog.engine_name, f"rewind_test_killed_{worker_id}")
        (home / "qingbo.toml").write_text(f'database_url = "{address}"\n')
    assert ran(home, "-c", KILLED, "restore", str(tmp_path / "blog.zip")).returncode == -signal.SIGKILL
    assert "add --replace" in ran(home, "-m", "qingbo", "restore", str(tmp_path / "blog.zip")).stderr
    restored = ran(home, "-m", "qingbo", "restore", "--replace", str(tmp_path / "blog.zip"))
    assert "Hidden data was restored, too: media.claimed_until." in restored.stdout, restored.stderr
    with inside(create_app(home)):
        after = everything()
        assert all(after[name] == rows for name, rows in before.items() if name not in {"audit_events", "numbers"})
        assert flask_rewind.attic() == ()


def ran(home: Path, kind: str, program: str, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, kind, program, "--home", str(home), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def _attic(files: dict[str, bytes], content: bytes) -> None:
    files["hidden/attic.json"] = content


def _one_value_less(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
    files["hidden/media.jsonl"] = b""
    manifest["hidden"]["media"]["rows"] = 0


ALTERED = {
    "a definition": rewritten(lambda files, manifest: _attic(files, b"{}")),
    "a definition that is no JSON, with sums": rewritten(lambda files, manifest: _attic(files, b"{"), with_sums=True),
    "deep JSON, with sums": rewritten(lambda files, manifest: _attic(files, b"[" * 100_000), with_sums=True),
    "no definition": rewritten(lambda files, manifest: files.pop("hidden/attic.json")),
    "a hidden value less": rewritten(lambda files, manifest: files.update({"hidden/media.jsonl": b""})),
    "a hidden value less, with sums": rewritten(_one_value_less, with_sums=True),
}


@pytest.mark.on("sqlite")
def test_an_altered_hidden_part_is_refused_before_anything_is_touched(blog: Any, tmp_path: Path) -> None:
    take(blog, jpeg(30, 20))
    with writing():
        flask_rewind.downgrade(revision="0009")
        make_backup(tmp_path / "blog.zip")
        flask_rewind.upgrade()
    for name, alter in ALTERED.items():
        alter(Path(shutil.copy(tmp_path / "blog.zip", tmp_path / name)))
    taken = [name for name in (*ALTERED, "blog.zip") if is_taken(tmp_path / name)]
    assert taken == ["blog.zip"]


def is_taken(path: Path) -> bool:
    try:
        with Archive(path) as archive:
            archive.verify()
    except ArchiveRefused:
        return False
    return True


def test_nothing_stays_hidden_after_a_restore_that_fails(blog: Any, other_blogs: OtherBlogs, tmp_path: Path) -> None:
    make_backup(tmp_path / "good.zip")
    other = other_blogs(blog.engine_name)
    put_into(other, tmp_path / "good.zip")
    blog.post("new")
    session().close()
    with writing():
        flask_rewind.downgrade(revision="0009")
        make_backup(tmp_path / "bad.zip")
        flask_rewind.upgrade()
    rewritten(line_changed("posts", lambda row: row.update(author_id=999_999)), with_sums=True)(tmp_path / "bad.zip")
    with pytest.raises(RestoreFailed, match="of posts cannot be written"):
        put_into(other, tmp_path / "bad.zip")
    with inside(other):
        assert flask_rewind.attic() == ()
        columns = [each["name"] for each in sa.inspect(db.engine).get_columns("media")]
        assert "claimed_until" not in columns
        assert not [name for name in columns if name.startswith("_attic_")]
    put_into(other, tmp_path / "good.zip")
