"""`qingbo search`, `qingbo reindex`, and the check of the index by `qingbo doctor`."""

import json
from pathlib import Path
from typing import Any

from blogs import Blog
from click.testing import CliRunner
from qingbo.cli import main
from qingbo.database import writing
from qingbo.doctor import examine
from qingbo.extensions import session
from qingbo.posts.search_index import PostSearch
from sqlalchemy import delete


def run(home: Path, *arguments: str) -> Any:
    session().close()
    return CliRunner().invoke(main, ["--home", str(home), *arguments], catch_exceptions=False)


def test_posts_are_found_on_the_command_line(blog: Blog) -> None:
    blog.post("茶与书", "一杯绿茶。", tags=["茶"])
    blog.post("草稿", "绿茶", published_at=None)
    result = run(blog.home, "search", "绿茶")
    assert result.exit_code == 0
    assert "茶与书" in result.stdout
    assert "草稿" not in result.stdout
    (found,) = json.loads(run(blog.home, "search", "绿茶", "--json").stdout)
    assert found["title"] == "茶与书"
    assert found["tags"] == ["茶"]
    assert found["path"].startswith("/posts/")
    assert "绿茶" in found["snippet"]
    nothing = run(blog.home, "search", "咖啡")
    assert (nothing.exit_code, nothing.stdout) == (0, "")
    assert json.loads(run(blog.home, "search", "咖啡", "--json").stdout) == []


def test_doctor_says_what_is_missing_and_reindex_makes_it(blog: Blog) -> None:
    blog.post("茶", "Tea.")
    with writing():
        session().execute(delete(PostSearch))
        session().commit()
    said = [each for each in examine(blog.app) if "qingbo reindex" in each.remedy]
    assert [each.subject for each in said] == ["search"]
    assert "1" in said[0].message
    result = run(blog.home, "reindex")
    assert result.exit_code == 0, result.output
    assert "Indexed 1" in result.stdout
    assert not [each for each in examine(blog.app) if "qingbo reindex" in each.remedy]
    assert "茶" in run(blog.home, "search", "茶").stdout
