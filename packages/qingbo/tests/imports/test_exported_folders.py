"""Importing our own export: again, changed here or there, in parts, or written by somebody with bad intentions."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from exported_blogs import bring, empty, export, rows
from import_reports import counted, printed
from media_uploads import take
from qingbo.comments.models import Comment, State
from qingbo.comments.moderation import Words, add_comment, edit_comment, move_comments
from qingbo.database import writing
from qingbo.extensions import session
from qingbo.imports.report import Item, Topic
from qingbo.media.addresses import address_of
from qingbo.media.models import Media
from qingbo.posts.models import Post, Redirect
from qingbo.posts.publishing import Draft, update_post
from qingbo.posts.series import change_series, stored_series
from sample_media import encoded, photo_of_a_place, picture

pytestmark = pytest.mark.sqlite_first


@pytest.fixture
def out(blog: Any, tmp_path: Path) -> Path:
    """Export a blog with a note, comments and a picture, and empty it."""
    ann = blog.user("ann", "editor")
    media = take(blog, encoded(picture(48, 32), "WEBP", quality=70), "still.webp")
    blog.post("Tea", f"![]({address_of(media)})", author=ann, kind="note", series="Cups", tags=["茶"])
    post = session().scalars(sa.select(Post)).one()
    session().refresh(ann, ["roles"])
    with writing():
        first = add_comment(session(), post, ann, Words("first"))
        add_comment(session(), post, ann, Words("reply", parent_id=first.id))
        change_series(session(), stored_series(session(), "Cups")[0], "Cups", "all-cups", "Cups of tea.")
        session().commit()
    export(tmp_path / "out")
    return tmp_path / "out"


def comments() -> list[Comment]:
    session().rollback()
    return list(session().scalars(sa.select(Comment).order_by(Comment.id)))


def changed(path: Path, name: str, /, **values: Any) -> None:
    """Change the first item of a list in a JSON file of the export, or add one."""
    whole = json.loads(path.read_text())
    items = whole[name] if name else whole
    items[:1] = [(items[0] if items else {}) | values]
    path.write_text(json.dumps(whole, indent=1))


def test_an_export_imported_into_its_own_blog_doubles_nothing(blog: Any, out: Path) -> None:
    before = rows()
    report = bring(out)
    assert report.is_complete
    assert rows() == before
    assert (counted(report), counted(report, Item.COMMENT)) == ({"unchanged": 1}, {"unchanged": 2})


def test_a_dry_run_counts_the_same_and_changes_nothing(blog: Any, out: Path) -> None:
    empty()
    dry = bring(out, is_dry=True)
    assert [name for name, found in rows().items() if found] == []
    real = bring(out)
    assert {item: counted(dry, item) for item in (Item.POST, Item.COMMENT, Item.TAG, Item.SERIES)} == {
        item: counted(real, item) for item in (Item.POST, Item.COMMENT, Item.TAG, Item.SERIES)
    }


def test_a_later_export_at_another_place_updates_posts_and_comments(blog: Any, out: Path, tmp_path: Path) -> None:
    """The draft has no date, and its address has changed, so only its creation shows that it is the same."""
    first, reply = comments()
    post = session().scalars(sa.select(Post)).one()
    with writing():
        update_post(session(), post, Draft("Tea", "new text", ["茶"], None, slug="green-tea"))
        edit_comment(session(), first, "first, edited")
        move_comments(session(), [reply], State.HIDDEN)
        session().commit()
    export(tmp_path / "later")
    empty()
    bring(out)
    shutil.rmtree(out)
    report = bring(tmp_path / "later")
    assert (counted(report), counted(report, Item.COMMENT)) == ({"updated": 1}, {"updated": 2})
    post = session().scalars(sa.select(Post)).one()
    assert (post.text, post.date, post.kind, post.slug) == ("new text", None, "note", "tea")
    assert [(each.text, each.state) for each in comments()] == [("first, edited", "shown"), ("reply", "hidden")]
    assert counted(bring(tmp_path / "later")) == {"unchanged": 1}


def test_what_was_changed_here_is_not_overwritten(blog: Any, out: Path) -> None:
    empty()
    bring(out)
    with writing():
        first, reply = comments()
        edit_comment(session(), first, "edited here")
        move_comments(session(), [first], State.HIDDEN)
        session().delete(reply)
        media = session().scalars(sa.select(Media)).one()
        media.alt = "described here"
        session().commit()
    changed(out / "comments.json", "", text="edited there", edited_at="2026-01-01T10:00:00+00:00", state="spam")
    changed(out / "qingbo.json", "media", alt="described there")
    report = bring(out)
    (first,) = comments()
    assert (first.text, first.state) == ("edited here", State.HIDDEN)
    assert session().scalars(sa.select(Media.alt)).one() == "described here"
    assert counted(report, Item.COMMENT) == {"updated": 1, "deleted here": 1}


def test_a_comment_that_changed_there_only_changes_here(blog: Any, out: Path) -> None:
    empty()
    bring(out)
    changed(out / "comments.json", "", text="edited there", edited_at="2026-01-01T10:00:00+00:00", state="spam")
    assert counted(bring(out), Item.COMMENT) == {"updated": 1, "unchanged": 1}
    first, _reply = comments()
    assert (first.text, first.state, str(first.edited_at)) == ("edited there", "spam", "2026-01-01 10:00:00+00:00")


@pytest.mark.parametrize("is_edited_here", [True, False])
def test_a_comment_that_was_deleted_there_is_emptied_here_unless_it_was_edited(
    blog: Any, out: Path, is_edited_here: bool
) -> None:
    empty()
    changed(out / "comments.json", "", account=None, name="Bob", email="bob@example.com")
    bring(out)
    if is_edited_here:
        with writing():
            edit_comment(session(), comments()[0], "edited here")
            session().commit()
    changed(out / "comments.json", "", text="", email=None, state="deleted")
    bring(out)
    first, _reply = comments()
    expected = ("edited here", "shown", "bob@example.com") if is_edited_here else ("", "deleted", None)
    assert (first.text, first.state, first.guest_email) == expected


def test_comments_that_cannot_come_are_reported(blog: Any, out: Path) -> None:
    empty()
    one, two = json.loads((out / "comments.json").read_text())
    bad = [
        one | {"id": 3, "post": "coffee"},
        one | {"id": 4, "state": "public"},
        one | {"id": 5, "text": " "},
        one | {"id": "six"},
        one | {"id": 7, "account": "bob", "name": "Bob", "email": "no address"},
    ]
    (out / "comments.json").write_text(json.dumps([one, two | {"reply_to": 99}, *bad]))
    report = bring(out)
    path = out / "comments.json"
    assert sorted(printed(report, Topic.LEFT_OUT)) == [
        f"{path}, comment 3: its post “coffee” was not imported",
        f"{path}, comment 5: Comments can’t be empty.",
        f"{path}, item 4: state: Input should be 'shown', 'held', 'hidden', 'spam' or 'deleted'",
        f"{path}, item 6: id: Input should be a valid integer, unable to parse string as an integer",
    ]
    assert printed(report, Topic.CHECK) == [
        f"{path}, comment 7: the e-mail address no address of its guest is not valid, and was left out"
    ]
    assert [(each.text, each.parent_id, each.guest_name) for each in comments()] == [
        ("first", None, None),
        ("reply", None, None),
        ("first", None, "Bob"),
    ]


@pytest.mark.parametrize(
    "path", ["../secret.webp", "static/media/../../secret.webp", "/etc/passwd", "static/media/link/a.webp", "a\0b"]
)
def test_no_file_from_outside_the_export_comes(blog: Any, out: Path, path: str) -> None:
    empty()
    shutil.copy(next(out.glob("static/media/*/*")), out.parent / "secret.webp")
    (out / "static/media/link").mkdir()
    (out / "static/media/link/a.webp").symlink_to(out.parent / "secret.webp")
    changed(out / "qingbo.json", "media", path=path)
    report = bring(out)
    assert [each.text for each in report.about(Topic.LEFT_OUT)] == ["there is no such file in the export"]
    assert session().scalars(sa.select(Media)).all() == []
    assert [each.text.partition("…")[0] for each in report.about(Topic.MISSING)] == [
        f"there is no file /media/{next(out.glob('static/media/*[!link]/*')).parent.name}/"
    ]


def test_a_picture_with_metadata_is_cleaned_even_if_the_export_lists_it(blog: Any, out: Path) -> None:
    empty()
    (old,) = out.glob("static/media/*/*")
    photo, place = photo_of_a_place(), old.parent.name
    old.with_name("photo.jpg").write_bytes(photo)
    changed(out / "qingbo.json", "media", path=f"static/media/{place}/photo.jpg")
    assert bring(out).is_complete
    (stored,) = blog.app.extensions["qingbo_home"].media.glob("*/*.jpg")
    assert b"Exif" in photo
    assert b"Exif" not in stored.read_bytes()
    media = session().scalars(sa.select(Media)).one()
    assert session().scalars(sa.select(Post.text)).one() == f"![](/media/{media.handle}/still.webp)"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"format": 2, "end": true}', "has the format 2, and this release reads 1"),
        ('{"format": 1, "tags": [', "the JSON is broken: parse error: premature EOF"),
        ("[]", "has the format None, and this release reads 1"),
    ],
)
def test_contents_that_cannot_be_read_leave_the_posts(blog: Any, out: Path, text: str, reason: str) -> None:
    empty()
    (out / "qingbo.json").write_text(text)
    report = bring(out)
    assert [each.text for each in report.about(Topic.LEFT_OUT)] == [reason]
    assert counted(report) == {"new": 1}
    assert session().scalars(sa.select(Post.kind)).one() == "note"


@pytest.mark.parametrize("bad", ["a\0b", "\ud800", "\u202eb", " "])
def test_characters_that_no_database_stores_do_no_harm(blog: Any, out: Path, bad: str) -> None:
    empty()
    one, two = json.loads((out / "comments.json").read_text())
    comments_here = [one | {"text": f"x{bad}", "name": bad, "account": bad, "email": bad}, two | {"post": bad}]
    (out / "comments.json").write_text(json.dumps(comments_here))
    changed(out / "qingbo.json", "media", uploader=bad, alt=bad)
    changed(out / "qingbo.json", "tags", slug=bad, description=bad)
    changed(out / "qingbo.json", "series", slug=bad, description=bad)
    changed(out / "qingbo.json", "redirects", path=f"/{bad}", target=f"/posts/{bad}")
    assert counted(bring(out)) == {"new": 1}
    assert {each.text for each in comments()} <= {"x", "xb", "xab", "x?"}


def test_items_that_are_not_understood_are_reported(blog: Any, out: Path) -> None:
    empty()
    changed(out / "qingbo.json", "tags", name="x" * 51)
    changed(out / "qingbo.json", "series", title="")
    whole = json.loads((out / "qingbo.json").read_text())
    whole["redirects"] = [
        {"path": "/old", "target": "https://evil.example"},
        {"path": "/old", "target": "//evil.example"},
        {"path": "/old", "target": "/posts/tea"},
        {"path": "/login", "target": "/posts/tea"},
        {"path": "/a/../b", "target": "/posts/tea"},
    ]
    (out / "qingbo.json").write_text(json.dumps(whole))
    report = bring(out)
    path = out / "qingbo.json"
    no_page, taken = "it or its target is no path of a page", "the blog has another page there"
    assert [each.removeprefix(f"{path}, ") for each in printed(report, Topic.CHECK)] == [
        "tags, item 1: name: String should have at most 50 characters, so it was ignored",
        "series, item 1: Enter a name for the series.",
        f"redirects, item 1: the old address /old does not redirect to https://evil.example: {no_page}",
        f"redirects, item 2: the old address /old does not redirect to //evil.example: {no_page}",
        f"redirects, item 4: the old address /login does not redirect to /posts/tea: {taken}",
        f"redirects, item 5: the old address /a/../b does not redirect to /posts/tea: {no_page}",
    ]
    assert session().execute(sa.select(Redirect.path, Redirect.target)).all() == [("/old", "/posts/tea")]


def test_posts_that_went_on_to_hexo_keep_their_kind(blog: Any, out: Path, tmp_path: Path) -> None:
    empty()
    shutil.copytree(out / "posts", tmp_path / "hexo/source/_posts")
    shutil.copytree(out / "static/media", tmp_path / "hexo/source/media")
    (tmp_path / "hexo/_config.yml").write_text("title: Tea\n")
    report = bring(tmp_path / "hexo")
    assert (report.is_complete, counted(report), counted(report, Item.PICTURE)) == (True, {"new": 1}, {"new": 1})
    post = session().scalars(sa.select(Post)).one()
    assert (post.kind, post.title, post.series_position) == ("note", "Tea", 1)
