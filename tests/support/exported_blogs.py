"""Random blogs made by the blog's own services, and their rows without numbers, to compare blogs by."""

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask_login import AnonymousUserMixin
from hypothesis import strategies as st
from qingbo.accounts.models import User
from qingbo.accounts.queries import user_named
from qingbo.accounts.registration import create_user
from qingbo.backups.making import in_silence
from qingbo.comments.models import Comment, State
from qingbo.comments.moderation import Words, add_comment, delete_comment, edit_comment, move_comments
from qingbo.comments.subscriptions import subscribe
from qingbo.database import Base, writing
from qingbo.exports.folder import Exported, export_blog
from qingbo.extensions import db, session
from qingbo.imports.listing import list_files
from qingbo.imports.markdown_folder import import_folder
from qingbo.imports.options import Options
from qingbo.imports.report import Report
from qingbo.media.addresses import address_of
from qingbo.media.intake import take_in
from qingbo.media.models import Media
from qingbo.media.place import current_storage
from qingbo.posts.bin import bin_post
from qingbo.posts.kinds import ARTICLE, KINDS, LINK, PAGE, PHOTOS, Parts
from qingbo.posts.models import PRIVATE, PUBLIC, UNLISTED, Post, Series, Tag
from qingbo.posts.old_addresses import add_old_address
from qingbo.posts.publishing import Draft, create_post, update_post
from qingbo.posts.series import change_series, order_series
from qingbo.posts.tagging import change_tag
from sample_media import encoded, jpeg, moving, picture, png

LETTERS = st.characters(exclude_categories=["Cc", "Cs", "Co", "Cn", "Cf", "Zl", "Zp"])
WORDS = st.text(LETTERS, min_size=1, max_size=60).map(str.strip).filter(str.isprintable).filter(bool)
TITLES = WORDS | st.sampled_from(
    ["Part 1: One", "[a]", "# 1", "yes", "2024-02-30", '"', "null", "true", "- a", "{{ a }}"]
)
LINES = st.sampled_from(
    [
        "", "# 茶", "##茶", "---", "```", "1. a", "> q", "> — q", "| a | b |", "\\", "+++", "<b>x</b>", "{% raw %}",
        "{{< figure src=a >}}", "title: a", "draft: true", "    code", "two  ", "a\u2028b", "[x](a.md)", "[[a]]",
        "![a](b.png)", "![a](<https://a.example/b.png>)", "[a.example](<https://a.example>)",
    ]
)  # fmt: skip
TEXTS = st.lists(WORDS | LINES, max_size=8).map("\n".join).map(lambda text: text if text.strip() else "x")
TIMES = st.datetimes(datetime(1990, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
PEOPLE = {"ann": "editor", "茶人": "administrator"}
ALTS = st.sampled_from(["", "a cup", "茶 [1] \\ *x* <b>", "a\u200bb"])
PICTURES = (
    ("茶 (1).jpg", jpeg(40, 30)),
    ("still.webp", encoded(picture(48, 32), "WEBP", quality=70)),
    ("sharp.avif", encoded(picture(48, 32), "AVIF", quality=60)),
    ("line.png", png(20, 20)),
    ("moving.gif", moving("GIF", 3, 20)),
    ("tea.pdf", b"%PDF-1.4\n%tea\n"),
)

LEFT_OUT: dict[str, str] = {
    "posts.id": "a number of the database",
    "tags.id": "a number of the database",
    "series.id": "a number of the database",
    "redirects.id": "a number of the database",
    "comments.id": "a number of the database",
    "comment_subscriptions.id": "a number of the database",
    "media.id": "a number of the database",
    "media.renditions": "made again",
    "media.placeholder": "made again",
    "media.finished_at": "made again",
    "media.claimed_until": "about work in progress",
}
"""Columns that an export does not carry, and why."""
CARRIED = (
    "tags",
    "series",
    "media",
    "posts",
    "posts_tags",
    "media_uses",
    "redirects",
    "comments",
    "comment_subscriptions",
)
OTHER_TABLES = {
    "archive_years", "attempt_counts", "audit_events", "author_referrers", "author_views", "avatars", "comment_search",
    "imported_files", "invitations", "link_cards", "outgoing_mails", "passkeys", "post_drafts", "post_openings",
    "post_referrers", "post_search", "post_versions", "post_view_months", "post_views", "public_changes", "releases",
    "renderings", "roles", "site_settings", "users", "users_roles", "view_marks", "view_salts",
}  # fmt: skip
"""Tables that an export leaves to backups, or that are made again."""
_NAMED = {"users": "name", "posts": "slug", "tags": "slug", "series": "slug", "media": "digest"}


def rows() -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of all tables that an export carries, in their order, with names in place of numbers."""
    session().rollback()
    names = {table: dict(_pairs(table, column)) for table, column in _NAMED.items()}
    names["comments"] = {number: place for place, (number, _) in enumerate(_pairs("comments", "id"))}
    return {name: _rows_of(Base.metadata.tables[name], names) for name in CARRIED}


def _pairs(table: str, column: str) -> list[Any]:
    columns = Base.metadata.tables[table].c
    return list(session().execute(sa.select(columns.id, columns[column]).order_by(columns.id)).all())


def _rows_of(table: sa.Table, names: dict[str, dict[int, Any]]) -> list[tuple[Any, ...]]:
    columns = [each for each in table.columns if str(each) not in LEFT_OUT]
    order = [table.c.id] if "id" in table.c else []
    found = [
        tuple(_named(column, value, names) for column, value in zip(columns, row, strict=True))
        for row in session().execute(sa.select(*columns).order_by(*order))
    ]
    return found if order else sorted(found, key=repr)


def _named(column: sa.Column[Any], value: Any, names: dict[str, dict[int, Any]]) -> Any:
    if str(column) == "posts.parts":
        parts = {name: each for name, each in json.loads(value or "{}").items() if each}
        return parts | {"translations": sorted(names["posts"][each] for each in parts.get("translations", []))}
    table = "comments" if str(column) == "comments.parent_id" else ""
    table = next((each.column.table.name for each in column.foreign_keys), table)
    return names[table][value] if table and value is not None else value


def stored_files() -> dict[str, bytes]:
    """Return the content of the files that the database knows, by their digests."""
    storage = current_storage()
    found = session().execute(sa.select(Media.digest, Media.name)).all()
    return {digest: b"".join(storage.read(f"{digest[:2]}/{digest}{Path(name).suffix}")) for digest, name in found}


def export(folder: Path) -> Exported:
    """Export the current blog."""
    session().rollback()
    return export_blog(session(), current_storage(), folder, in_silence)


def bring(folder: Path, author: str = "ann", **options: Any) -> Report:
    """Import a folder into the current blog."""
    session().rollback()
    with writing():
        user = session().scalars(sa.select(User).where(User.name == author)).one()
        return import_folder(session(), list_files(folder), user, ZoneInfo("UTC"), Options(**options))


def empty() -> None:
    """Delete everything but the accounts."""
    session().rollback()
    with writing(), db.engine.begin() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            if table.name not in {"users", "roles", "users_roles", "releases", "public_changes"}:
                connection.execute(table.delete())
    session().expire_all()


def write_random_blog(blog: Any, data: st.DataObject) -> None:
    """Write posts of all kinds and states, files, comments, tags, series, translations and old addresses."""
    people = [blog.user(name, role) for name, role in PEOPLE.items()]
    with writing():
        files = [_file(data, people) for _number in range(data.draw(st.integers(0, 3)))]
        addresses = [address_of(each) for each in files]
        posts = [_post(data, people, addresses) for _number in range(data.draw(st.integers(1, 5)))]
        for post in posts:
            _change(data, post, posts)
            for _number in range(data.draw(st.integers(0, 4))):
                _comment(data, post, people)
        _name_terms(data)
        session().commit()


def _file(data: st.DataObject, people: list[User]) -> Media:
    name, content = PICTURES[data.draw(st.integers(0, len(PICTURES) - 1))]
    uploader = data.draw(st.sampled_from(people))
    media = take_in(session(), current_storage(), io.BytesIO(content), name, uploader.id, most_bytes=10**7)
    media.alt = data.draw(ALTS)
    session().flush()
    return media


def _post(data: st.DataObject, people: list[User], files: list[str]) -> Post:
    kind = data.draw(st.sampled_from(KINDS))
    author = people[1] if kind == PAGE else data.draw(st.sampled_from(people))
    return create_post(session(), author, _draft(data, kind, files))


def _draft(data: st.DataObject, kind: str, files: list[str]) -> Draft:
    pictures = st.sampled_from([*files, "https://a.example/b.png"])
    listed = data.draw(st.lists(st.tuples(pictures, ALTS), min_size=1, max_size=3))
    parts = Parts(
        source=data.draw(st.sampled_from(["", "Lu Yu", "陆羽\n*茶经*", "a\u2028b"])),
        link="https://a.example/?q=[1]_*&x=%41"
        if kind == LINK
        else data.draw(st.sampled_from(["", "https://b.example"])),
        pictures="\n\n".join(map("  ".join, listed)) if kind == PHOTOS or data.draw(st.booleans()) else "",
        cover=data.draw(st.just("") | pictures),
        cover_alt=data.draw(ALTS),
    )
    text = data.draw(TEXTS) + "".join(f"\n![]({each})" for each in files)
    visibilities = [PUBLIC, PRIVATE] if kind == PAGE else [PUBLIC, UNLISTED, PRIVATE]
    return Draft(
        data.draw(TITLES if kind == ARTICLE else TITLES | st.just("")),
        "" if kind in {LINK, PHOTOS} and data.draw(st.booleans()) else text,
        data.draw(st.lists(st.sampled_from(["茶", "Tea time", "c++", "no", "null", "1"]), unique=True, max_size=3)),
        data.draw(st.none() | TIMES),
        language=data.draw(st.sampled_from(["", "en", "zh-Hans", "ja"])),
        kind=kind,
        parts=parts,
        summary=data.draw(st.sampled_from(["", "In *short*.", "一句话：好", "true", "a <b>"])),
        visibility=data.draw(st.sampled_from(visibilities)),
        is_pinned=data.draw(st.booleans()),
        series=data.draw(st.sampled_from(["", "Tea", "true", "茶: 一"])),
    )  # fmt: skip


def _change(data: st.DataObject, post: Post, posts: list[Post]) -> None:
    """Do with a post what its author might: translate, move, unpublish, delete it."""
    what = data.draw(st.sets(st.sampled_from(["translate", "move", "unpublish", "bin", "address"]), max_size=3))
    session().refresh(post, ["tags"])
    draft = Draft(post.title, post.text, [each.name for each in post.tags], post.date, language=post.language or "")
    if "translate" in what:
        others = [each.slug for each in data.draw(st.lists(st.sampled_from(posts), max_size=2)) if each is not post]
        draft = Draft(**{**_values(draft), "translations": list(dict.fromkeys(others))})
    if "move" in what:
        draft = Draft(**{**_values(draft), "slug": f"moved-{post.id}"})
    if "unpublish" in what:
        draft = Draft(**{**_values(draft), "published_at": None})
    if what - {"bin", "address"}:
        update_post(session(), post, draft)
    if "address" in what:
        add_old_address(session(), post, data.draw(st.sampled_from([f'/旧/{post.id} "x"', f"/?p={post.id}", "/100%"])))
    if "bin" in what:
        bin_post(session(), post)


def _values(draft: Draft) -> dict[str, Any]:
    return {name: getattr(draft, name) for name in draft.__dataclass_fields__}


def _comment(data: st.DataObject, post: Post, people: list[User]) -> None:
    user = data.draw(st.sampled_from([*people, AnonymousUserMixin()]))
    above = (
        session().scalars(sa.select(Comment.id).where(Comment.post_id == post.id, Comment.state == State.SHOWN)).all()
    )
    parent = data.draw(st.none() | st.sampled_from(above)) if above else None
    email = data.draw(st.sampled_from(["", "guest@example.com", "Other.Guest@Example.com"]))
    comment = add_comment(session(), post, user, Words(data.draw(TEXTS), "a guest", email, parent))
    match data.draw(st.sampled_from(["", "", "edit", "spam", "hidden", "shown", "delete", "subscribe"])):
        case "edit":
            edit_comment(session(), comment, data.draw(TEXTS))
        case "spam" | "hidden" | "shown" as state:
            move_comments(session(), [comment], State(state))
        case "delete":
            thread = session().get_one(Comment, comment.thread_id)
            delete_comment(session(), thread)
        case "subscribe":
            subscribe(session(), comment, f"reader-{comment.id}@example.com")
    session().flush()


def _name_terms(data: st.DataObject) -> None:
    for tag in session().scalars(sa.select(Tag).order_by(Tag.id)):
        if data.draw(st.booleans()):
            change_tag(session(), tag, tag.name if data.draw(st.booleans()) else f"{tag.name} 2", "About *tea*.")
    for series in session().scalars(sa.select(Series).order_by(Series.id)):
        if data.draw(st.booleans()):
            slug = data.draw(st.sampled_from(["", f"all-{series.id}"]))
            change_series(session(), series, series.title, slug, "All about tea.")
        last = session().scalars(sa.select(Post.id).where(Post.series_id == series.id).order_by(Post.id.desc())).first()
        order_series(session(), series, {}, up=last or 0)


def make_people() -> None:
    """Make the accounts of the random blogs in the current blog, where they are missing."""
    with writing():
        for name, role in PEOPLE.items():
            if user_named(session(), name) is None:
                create_user(session(), name, "correct horse", role=role)
        session().commit()
