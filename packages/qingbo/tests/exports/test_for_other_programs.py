"""What the export writes for Hugo, Hexo, Jekyll and nginx."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml
from exported_blogs import bring, empty, export
from qingbo.clock import now
from qingbo.database import writing
from qingbo.exports.front_matter import LONGEST_ALIASES, MOST_ALIASES
from qingbo.extensions import db, session
from qingbo.posts.models import Post, Redirect

pytestmark = pytest.mark.sqlite_first


def test_what_no_list_shows_is_withheld_by_hugo_hexo_and_us(blog: Any, tmp_path: Path) -> None:
    blog.post("draft", published_at=None)
    blog.post("unlisted", visibility="unlisted")
    blog.post("private", visibility="private")
    blog.post("later", published_at=now() + timedelta(days=9))
    blog.post("public")
    export(tmp_path / "out")
    files = {path.stem: path.read_text() for path in (tmp_path / "out/posts").iterdir()}
    withheld = {name for name, text in files.items() if text.startswith("---\ndraft: true\npublished: false\n")}
    assert withheld == {"draft", "unlisted", "private"}
    empty()
    bring(tmp_path / "out", "author")
    dated = sa.select(Post.slug).where(Post.published_at.is_not(None))
    assert set(session().scalars(dated)) == {"later", "public"}


def test_pages_comments_and_redirects_are_written(blog: Any, tmp_path: Path) -> None:
    root = blog.user("root", "administrator")
    blog.post("About", kind="page", author=root)
    slug = blog.post("Tea").slug
    blog.comment(f"/posts/{slug}", '好喝 "really"')
    session().rollback()
    with writing(), db.engine.begin() as connection:
        connection.execute(
            sa.text("INSERT INTO redirects (path, target) VALUES (:path, :target)"),
            {"path": '/旧 "x"', "target": f"/posts/{slug}"},
        )
    done = export(tmp_path / "out")
    assert (done.posts, done.pages, done.comments, done.redirects) == (1, 1, 1, 1)
    assert "\nlayout: page\n" in (tmp_path / "out/pages/about.md").read_text()
    (comment,) = json.loads((tmp_path / "out/comments.json").read_text())
    assert (comment["post"], comment["name"], comment["text"]) == ("tea", "guest", '好喝 "really"')
    lines = (tmp_path / "out/redirects.conf").read_text().splitlines()
    assert lines[1] == r'location = "/旧 \"x\"" { return 301 "/posts/tea"; }'
    assert "aliases:\n- /旧" in (tmp_path / "out/posts/tea.md").read_text()
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o700


def test_other_programs_find_the_keys_that_they_know(blog: Any, tmp_path: Path) -> None:
    blog.post("Tea: a cup", "Text.", kind="quote", tags=["茶", "no"], summary="short", series="Cups", language="en")
    export(tmp_path / "out")
    (path,) = (tmp_path / "out/posts").iterdir()
    _empty, front, body = path.read_text().split("---\n", 2)
    values = yaml.safe_load(front)
    assert {name: values[name] for name in ("title", "slug", "author", "tags", "series", "lang", "excerpt")} == {
        "title": "Tea: a cup", "slug": "tea-a-cup", "author": "author", "tags": ["no", "茶"], "series": ["Cups"],
        "lang": "en", "excerpt": "short",
    }  # fmt: skip
    assert values["date"] <= values["updated"] == values["lastmod"]
    assert values.keys().isdisjoint({"draft", "published", "layout", "cover", "aliases"})
    assert (path.name, body) == ("tea-a-cup.md", "\n> Text.\n")


def test_front_matter_stays_short_enough_to_be_read_again(blog: Any, tmp_path: Path) -> None:
    slug = blog.post("Tea").slug
    with writing():
        session().add_all(Redirect(path=f"/{'x' * 400}-{number}", target=f"/posts/{slug}") for number in range(90))
        session().commit()
    export(tmp_path / "out")
    front = (tmp_path / "out/posts/tea.md").read_text()
    assert LONGEST_ALIASES - 1000 < len(front) < LONGEST_ALIASES + 1000
    assert front.count("\n- /x") < MOST_ALIASES
    empty()
    assert bring(tmp_path / "out", "author").is_complete
    assert session().scalar(sa.select(sa.func.count(Redirect.id))) == 90
