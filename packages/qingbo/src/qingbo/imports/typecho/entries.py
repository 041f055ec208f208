"""What becomes of the rows of Typecho. Pure functions."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urljoin

from qingbo.accounts.roles import AUTHOR, EDITOR, READER
from qingbo.comments.models import State
from qingbo.imports.embedded import set_aside
from qingbo.imports.html.cleaning import with_site
from qingbo.imports.html.conversion import converted
from qingbo.imports.html.paragraphs import with_paragraphs
from qingbo.imports.line_breaks import with_hard_breaks
from qingbo.imports.picture_references import with_addresses
from qingbo.imports.systems.databases import Row
from qingbo.imports.systems.items import EMBEDDED, Body, Entry, File, Person, Remark
from qingbo.imports.systems.origins import digest_of
from qingbo.imports.typecho.options import Options, file_path
from qingbo.posts.kinds import ARTICLE, PAGE
from qingbo.posts.models import PRIVATE, PUBLIC, UNLISTED
from qingbo.rendering.pasting import TooMuch, markdown_of

MARKDOWN = "<!--markdown-->"
POSTS, PAGES = {"post", "post_draft"}, {"page", "page_draft"}
_ROLES = {"administrator": EDITOR, "editor": EDITOR, "contributor": AUTHOR}
_STATES = {"approved": State.SHOWN, "waiting": State.HELD, "spam": State.SPAM}
_WAITING = {"waiting": "it waits for review there"}
_OPEN = {"publish", "hidden", "private"}


def person_of(row: Row, options: Options, *, has_posts: bool) -> Person:
    """Return a user; somebody with posts is an author at least."""
    role = _ROLES.get(str(row["group"]), AUTHOR if has_posts else READER)
    key, url = str(row["uid"]), str(row["url"] or "")
    paths = options.paths("author", {"uid": key})
    return Person(
        key, str(row["name"] or ""), str(row["screenName"] or ""), str(row["mail"] or ""), links=[url] if url else [],
        role=role, address=paths[0] if paths else "",
    )  # fmt: skip


def file_of(row: Row, options: Options) -> File | None:
    """Return an attachment, or None if its address is unknown."""
    path = file_path(str(row["text"] or ""))
    if not path or not options.site:
        return None
    pages = options.paths("attachment", {"cid": row["cid"], "slug": row["slug"]})
    address = path if path.startswith("http") else f"{options.site}/{path.lstrip('/')}"
    return File(address, str(row["title"] or ""), page=pages[0] if pages else "")


def filled(fields: Iterable[Row]) -> list[str]:
    """Return the names of the custom fields that have a value; themes make empty ones for each post."""
    return [str(row["name"]) for row in fields if row[f"{row['type']}_value"] not in {None, "", 0}]


def entry_of(
    row: Row, metas: Sequence[Row], comments: Iterable[Row], options: Options, fields: Sequence[str] = ()
) -> Entry:
    """Return a post or a page.

    Args:
        row: of the table of contents.
        metas: its categories and tags.
        comments: on it.
        options: of the blog.
        fields: the names of its custom fields.
    """
    key, slug = str(row["cid"]), str(row["slug"] or "")
    text, embedded = set_aside(str(row["text"] or ""), EMBEDDED)
    is_page, status = row["type"] in PAGES, str(row["status"])
    date, changed = moment_of(row["created"]), moment_of(row["modified"])
    withheld = list(_withheld(row))
    tags = list(dict.fromkeys(str(meta["name"]) for meta in metas))
    visibility = PRIVATE if status == "private" else UNLISTED if status == "hidden" and not is_page else PUBLIC
    facts = (row["title"], text, slug, is_page, tags, date, withheld, visibility, row["authorId"])
    return Entry(
        key, str(row["title"] or ""), digest_of(facts), lambda: _body(text, options, fields, is_page=is_page),
        author=str(row["authorId"]), is_page=is_page, slug="" if slug.startswith("@") else slug, tags=tags,
        created_at=date, date=None if withheld else date, updated_at=changed, visibility=visibility,
        withheld=withheld, addresses=_addresses(row, metas, date, options, is_page=is_page),
        remarks=list(_remarks(comments, options)), embedded=embedded,
    )  # fmt: skip


def moment_of(seconds: Any) -> datetime | None:
    """Return a time that Typecho stored, in seconds since 1970."""
    try:
        return datetime.fromtimestamp(int(seconds), UTC) if seconds else None
    except (ValueError, TypeError, OverflowError, OSError):
        return None


def _withheld(row: Row) -> Iterator[str]:
    status = str(row["status"])
    if str(row["type"]).endswith("_draft"):
        yield "it is a draft there"
    elif status not in _OPEN:
        yield _WAITING.get(status, f"its status is “{status}”")
    if row["password"]:
        yield "it has a password there, which posts cannot have here"
    if not row["created"]:
        yield "it has no date"


def _addresses(
    row: Row, metas: Sequence[Row], date: datetime | None, options: Options, *, is_page: bool
) -> Sequence[str]:
    if str(row["type"]).endswith("_draft"):
        return []
    category = next((str(meta["slug"]) for meta in metas if meta["type"] == "category"), "")
    values = {"cid": row["cid"], "slug": row["slug"], "category": category, "directory": category, **options.day(date)}
    return options.paths("page" if is_page else "post", values)


def _body(text: str, options: Options, fields: Sequence[str], *, is_page: bool) -> Body:
    kind = PAGE if is_page else ARTICLE
    doubts = [f"its custom fields were left out: {', '.join(fields)}"] if fields else []
    if text.startswith(MARKDOWN):
        written = with_site(text.removeprefix(MARKDOWN).replace("\r\n", "\n"), options.site)
        if options.site:
            written = with_addresses(written, lambda found: urljoin(f"{options.site}/", quote(found.path)))
        return Body(with_hard_breaks(written).strip("\n"), kind, doubts=doubts)
    found = converted(with_site(with_paragraphs(text), options.site))
    return Body(found.text, kind, doubts=[*doubts, *found.doubts])


def _remarks(rows: Iterable[Row], options: Options) -> Iterator[Remark]:
    for row in rows:
        if row["type"] != "comment" or str(row["status"]) not in _STATES:
            continue
        parent, author = str(row["parent"] or ""), str(row["authorId"] or "")
        text = str(row["text"] or "")
        yield Remark(
            str(row["coid"]), "" if parent == "0" else parent,
            text if options.comments_are_markdown else _markdown(text), moment_of(row["created"]) or datetime.now(UTC),
            _STATES[str(row["status"])], "" if author == "0" else author, str(row["author"] or ""),
            str(row["mail"] or ""),
        )  # fmt: skip


def _markdown(html: str) -> str:
    try:
        return markdown_of(with_paragraphs(html))
    except TooMuch:
        return html
