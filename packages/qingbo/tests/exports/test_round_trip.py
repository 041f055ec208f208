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
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from qingbo.database import Base
from qingbo.extensions import session
from qingbo.imports.report import Outcome, Report, Topic
from restored_blogs import inside

EXAMPLES = int(os.environ.get("EXPORTED_BLOGS", "5"))
SLOW_EXAMPLES = int(os.environ.get("EXPORTED_BLOGS", "2"))
RANDOM = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate]
)


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
