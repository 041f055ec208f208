"""import(export(x)) = x for whole blogs with every kind of content: row by row, files byte by byte."""

import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
from database_servers import ENGINES
from exported_blogs import (
    CARRIED,
    LEFT_OUT,
    OTHER_TABLES,
    bring,
    empty,
    export,
    make_people,
    rows,
    stored_files,
    write_random_blog,
)
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from qingbo.backups.making import in_silence, snapshot
from qingbo.database import Base
from qingbo.exports.folder import Progress, export_blog
from qingbo.extensions import db, session
from qingbo.imports.report import Outcome, Report, Topic
from qingbo.media.place import current_storage
from qingbo.posts.models import Post
from restored_blogs import inside
from sqlalchemy.orm import Session
from writes_between import Writer

EXAMPLES = int(os.environ.get("EXPORTED_BLOGS", "5"))
SLOW_EXAMPLES = int(os.environ.get("EXPORTED_BLOGS", "2"))
RANDOM = settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
WRITES = (
    "UPDATE posts SET title = 'changed', text = 'changed'",
    "UPDATE comments SET text = 'changed'",
    "UPDATE tags SET description = 'changed'",
    "UPDATE media SET name = 'changed'",
    "DELETE FROM posts_tags",
    "DELETE FROM redirects",
)
"""What others commit while the blog is exported."""


def came_whole(report: Report) -> bool:
    assert [each.text for topic in (Topic.LEFT_OUT, Topic.CHECK, Topic.MISSING) for each in report.about(topic)] == []
    return report.is_complete


def brings_nothing(report: Report) -> bool:
    counts = {outcome for outcomes in report.counts.values() for outcome, number in outcomes.items() if number}
    assert came_whole(report)
    assert counts <= {Outcome.UNCHANGED}, report.as_dict()
    return True


def test_every_column_is_carried_or_named_with_a_reason() -> None:
    assert {table.name for table in Base.metadata.sorted_tables} == {*CARRIED} | OTHER_TABLES
    columns = {str(column) for name in CARRIED for column in Base.metadata.tables[name].columns}
    assert LEFT_OUT.keys() <= columns


@pytest.mark.on("sqlite")
@RANDOM
@given(data=st.data())
def test_a_random_blog_comes_back(blog: Any, data: Any) -> None:
    empty()
    write_random_blog(blog, data)
    before, files = rows(), stored_files()
    with tempfile.TemporaryDirectory() as folder:
        export(Path(folder) / "out")
        empty()
        assert came_whole(bring(Path(folder) / "out"))
        assert rows() == before
        assert stored_files() == files
        assert brings_nothing(bring(Path(folder) / "out"))
        assert rows() == before


@pytest.mark.slow
@pytest.mark.parametrize("other_name", ENGINES)
@settings(RANDOM, max_examples=SLOW_EXAMPLES)
@given(data=st.data())
def test_a_random_blog_moves_to_another_engine(
    blog: Any, other_blogs: Any, tmp_path_factory: Any, other_name: str, data: Any
) -> None:
    empty()
    write_random_blog(blog, data)
    before, files, folder = rows(), stored_files(), tmp_path_factory.mktemp("moved") / "out"
    export(folder)
    session().close()
    with inside(other_blogs(other_name)):
        empty()
        make_people()
        assert came_whole(bring(folder))
        assert rows() == before
        assert stored_files() == files
        assert brings_nothing(bring(folder))
        assert rows() == before


@pytest.mark.slow
@settings(RANDOM, max_examples=SLOW_EXAMPLES)
@given(data=st.data(), writes=st.permutations(WRITES))
def test_an_export_is_of_one_moment(blog: Any, tmp_path_factory: Any, data: Any, writes: list[str]) -> None:
    """Others write between any two posts and files that the export reads; the folder is as if nobody had."""
    empty()
    write_random_blog(blog, data)
    assume(session().query(Post).count())
    session().rollback()
    folder, writer = tmp_path_factory.mktemp("moments"), Writer(blog, writes)
    export_as_the_command(folder / "alone", in_silence)
    export_as_the_command(folder / "beside", writer.between_steps)
    assert len(writer.left) < len(WRITES)
    assert contents_of(folder / "beside") == contents_of(folder / "alone")


def export_as_the_command(folder: Path, progress: Progress) -> None:
    """Export from one snapshot."""
    with snapshot(db.engine) as connection, Session(connection) as reading:
        export_blog(reading, current_storage(), folder, progress)


def contents_of(folder: Path) -> dict[str, bytes]:
    """Return the content of each file by its path."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
