"""Backups made at an older revision, and blogs with hidden columns and tables."""

from pathlib import Path
from typing import Any

import flask_rewind
import pytest
import sqlalchemy as sa
from qingbo.backups.making import make_backup
from qingbo.backups.tables import FORMER_TABLES
from qingbo.database import FTS5_TABLES, Base, writing
from qingbo.extensions import db, session
from restored_blogs import everything, inside, put_into

pytestmark = [pytest.mark.slow, pytest.mark.sqlite_first]


def test_an_older_backup_is_restored_and_upgraded(blog: Any, other_blogs: Any, tmp_path: Path) -> None:
    post = blog.post("龙井", "明前", tags=["茶"])
    blog.comment(f"/posts/{post.slug}", "好喝")
    session().close()
    without_series = frozenset({"series"})  # revision 0005
    before = everything(but=without_series)
    with writing():
        flask_rewind.downgrade(revision="0004")
        manifest = make_backup(tmp_path / "blog.zip")
        flask_rewind.upgrade()
    assert manifest.revision == "0004"
    assert "series" not in manifest.tables
    other = other_blogs(blog.engine_name)
    result = put_into(other, tmp_path / "blog.zip")
    assert result.upgraded == ["0005", "0006", "0007", "0008", "0009", "0010"]
    with inside(other):
        after = everything(but=without_series)
        assert after.pop("numbers") == before.pop("numbers")
        assert after == before
        assert flask_rewind.status()[0].is_at_head
        flask_rewind.check()
        assert "龙井" in other.test_client().get("/search?q=明前").text


def test_an_older_backup_replaces_a_blog_whose_rows_do_not_return(blog: Any, other_blogs: Any, tmp_path: Path) -> None:
    with writing():
        flask_rewind.downgrade(revision="0004")
        make_backup(tmp_path / "empty.zip")
        flask_rewind.upgrade()
    other = other_blogs("sqlite")
    with inside(other), writing(), db.engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM series"))
        connection.execute(sa.text("INSERT INTO series (title, slug, created_at) VALUES ('mine', 's', '2026-01-01')"))
    put_into(other, tmp_path / "empty.zip")
    with inside(other):
        assert everything()["series"] == []
        assert flask_rewind.attic() == ()


def test_what_is_hidden_is_in_the_archive_and_named(blog: Any, other_blogs: Any, tmp_path: Path) -> None:
    blog.post("still here")
    with writing():
        flask_rewind.downgrade(revision="0009")
    manifest = make_backup(tmp_path / "blog.zip")
    with writing():
        flask_rewind.upgrade()
    assert manifest.places == ("media.claimed_until",)
    assert {"media", "rewind_attic", "rewind_crossings"} <= manifest.hidden.keys()
    another = "postgresql" if blog.engine_name == "sqlite" else "sqlite"
    result = put_into(other_blogs(another), tmp_path / "blog.zip")
    assert result.left_in_archive == ("media.claimed_until",)


def test_every_table_of_every_revision_is_known(blog: Any) -> None:
    """A table that no model has any more must be in FORMER_TABLES, or backups of older revisions would leave it out."""
    known = {*Base.metadata.tables, *FORMER_TABLES, "alembic_version"}
    with writing():
        for _ in range(len(flask_rewind.history())):
            names = sa.inspect(db.engine).get_table_names()
            shown = {name for name in names if not name.startswith(("_attic_", "rewind_", *FTS5_TABLES))}
            assert shown <= known
            flask_rewind.downgrade()
        flask_rewind.upgrade()
