"""What becomes of the rows of the blog of 2016. Pure functions."""

from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo
from html import escape
from typing import Any

from qingbo.accounts.roles import ADMINISTRATOR, AUTHOR, READER
from qingbo.imports.html.cleaning import with_site
from qingbo.imports.html.conversion import converted
from qingbo.imports.systems.databases import Row
from qingbo.imports.systems.items import Body, Entry, Person, Remark
from qingbo.imports.systems.origins import digest_of
from qingbo.rendering.pasting import TooMuch, markdown_of

_ROLES = {"admin": ADMINISTRATOR, "poster": AUTHOR}


def person_of(row: Row, roles: Iterable[str], *, has_posts: bool) -> Person:
    """Return a user; somebody with posts is an author at least."""
    ranked = [role for name, role in _ROLES.items() if name in set(roles)]
    role = ranked[0] if ranked else AUTHOR if has_posts else READER
    name = str(row["username"] or "")
    return Person(str(row["id"]), name, name, role=role, address=f"/blog/user/{name}")


def entry_of(row: Row, tags: Iterable[str], comments: Iterable[Row], zone: tzinfo, site: str) -> Entry:
    """Return a post.

    Args:
        row: of the post.
        tags: their names.
        comments: their rows.
        zone: of its dates.
        site: the address of the blog, for pictures with relative addresses; may be empty.
    """
    number, title, text = str(row["id"]), str(row["title"] or ""), str(row["text"] or "")
    date, tags = moment_of(row["publish_date"], zone), sorted(tags)

    def body() -> Body:
        found = converted(with_site(text, site))
        return Body(found.text, doubts=found.doubts)

    return Entry(
        number, title, digest_of(title, text, date, tags, row["user_id"]), body,
        author=str(row["user_id"] or ""), tags=tags, created_at=date, date=date, updated_at=date,
        withheld=[] if date else ["it has no date"], addresses=[f"/blog/post/{number}"],
        remarks=[_remark(each, zone, date) for each in comments],
    )  # fmt: skip


def _remark(row: Row, zone: tzinfo, date: datetime | None) -> Remark:
    moment = moment_of(row["date"], zone) or date or datetime.now(UTC)
    return Remark(str(row["id"]), "", markdown_of_plain(str(row["text"] or "")), moment, name=str(row["name"] or ""))


def markdown_of_plain(text: str) -> str:
    """Return plain text with line breaks as Markdown that shows the same."""
    lines = escape(text.replace("\r\n", "\n"), quote=False).split("\n\n")
    try:
        return markdown_of("".join(f"<p>{line.replace(chr(10), '<br>')}</p>" for line in lines))
    except TooMuch:
        return text


def moment_of(value: Any, zone: tzinfo) -> datetime | None:
    """Return a date of the database, which has no zone, in UTC; SQLite gives text."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime) or not 1000 <= value.year <= 9997:
        return None
    return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(UTC)
