"""import(export(x)) = x: row by row, pictures byte by byte."""

import json
import os
import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from media_uploads import take
from qingbo.backups.making import in_silence
from qingbo.clock import now
from qingbo.database import Base, writing
from qingbo.exports.folder import Exported, export_blog
from qingbo.extensions import db, session
from qingbo.imports.listing import list_files
from qingbo.imports.markdown_folder import import_folder
from qingbo.imports.report import Topic
from qingbo.media.addresses import address_of
from qingbo.media.place import current_storage
from qingbo.posts.models import Post
from sample_media import jpeg
from sqlalchemy.orm import selectinload

EXAMPLES = int(os.environ.get("RESTORED_BLOGS", "3"))
LETTERS = st.characters(exclude_categories=["Cc", "Cs", "Co", "Cn", "Cf", "Zl", "Zp"])
WORDS = st.text(LETTERS, min_size=1, max_size=60).map(str.strip).filter(str.isprintable).filter(bool)
TITLES = WORDS | st.sampled_from(["Part 1: One", "[a]", "# 1", "yes", "2024-02-30", '"', "null", "'", "- a", "{{ a }}"])
LINES = [
    "",
    "# 茶",
    "---",
    "```",
    "1. a",
    "> q",
    "| a | b |",
    "\\",
    "+++",
    "<b>x</b>",
    "{% raw %}",
    "{{< figure src=a >}}",
]
TEXTS = st.lists(WORDS | st.sampled_from(LINES))
POST = st.fixed_dictionaries(
    {
        "title": TITLES,
        "text": TEXTS.map("\n".join).map(lambda text: text.strip() or "x"),
        "tags": st.lists(st.sampled_from(["茶", "Tea time", "c++", "no", "1"]), unique=True, max_size=3),
        "published_at": st.none() | st.datetimes(datetime(1990, 1, 1), datetime(2026, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
        "language": st.sampled_from(["", "en", "zh"]),
        "summary": st.sampled_from(["", "In short.", "一句话：好"]),
    }
)


def rows() -> list[Any]:
    """Return what makes a post what it is, without its number and its internal times."""
    session().expire_all()
    posts = session().scalars(sa.select(Post).order_by(Post.slug).options(selectinload(Post.tags)))
    return [
        (
            each.slug,
            each.title,
            each.text,
            each.summary,
            each.language,
            each.published_at,
            sorted(tag.name for tag in each.tags),
        )
        for each in posts
    ]


def export(folder: Path) -> Exported:
    return export_blog(session(), current_storage(), folder, in_silence)


def empty() -> None:
    session().rollback()
    with writing(), db.engine.begin() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            if table.name not in {"users", "roles", "users_roles", "releases", "public_changes"}:
                connection.execute(table.delete())


def come_back(blog: Any, folder: Path) -> None:
    session().rollback()
    with writing():
        report = import_folder(session(), list_files(folder), blog.user("author"), ZoneInfo("UTC"))
    assert report.about(Topic.LEFT_OUT) == []


@pytest.mark.on("sqlite")
@settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate]
)  # fmt: skip
@given(written=st.lists(POST, min_size=1, max_size=6))
def test_random_posts_come_back(blog: Any, written: list[dict[str, Any]]) -> None:
    empty()
    for each in written:
        blog.post(**each)
    before = rows()
    with tempfile.TemporaryDirectory() as folder:
        export(Path(folder) / "out")
        empty()
        come_back(blog, Path(folder) / "out")
    assert rows() == before


def test_pictures_come_back_byte_by_byte(blog: Any, tmp_path: Path) -> None:
    media = take(blog, jpeg(60, 40), "茶 (1).jpg")
    blog.post("Tea", f"![tea]({address_of(media)})")
    before, file = rows(), media.digest
    assert export(tmp_path / "out").media == 1
    empty()
    shutil.rmtree(blog.app.extensions["qingbo_home"].media)
    come_back(blog, tmp_path / "out")
    assert rows() == before
    stored = list(blog.app.extensions["qingbo_home"].media.glob("??/*"))
    assert [path.name.partition(".")[0] for path in stored] == [file]


def test_what_no_list_shows_is_withheld_by_hugo_hexo_and_us(blog: Any, tmp_path: Path) -> None:
    blog.post("draft", published_at=None)
    blog.post("unlisted", visibility="unlisted")
    blog.post("private", visibility="private")
    blog.post("later", published_at=now() + timedelta(days=9))
    blog.post("public")
    export(tmp_path / "out")
    files = {path.stem: path.read_text() for path in (tmp_path / "out/posts").iterdir()}
    withheld = {name for name, text in files.items() if "\ndraft: true\npublished: false\n" in text}
    assert withheld == {"draft", "unlisted", "private"}
    empty()
    come_back(blog, tmp_path / "out")
    public = {slug for slug, *_rest, published_at, _tags in rows() if published_at is not None}
    assert public == {"later", "public"}


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
