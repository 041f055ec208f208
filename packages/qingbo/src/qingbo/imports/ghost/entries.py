"""What becomes of a post of Ghost. Pure functions."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from qingbo.imports.embedded import set_aside
from qingbo.imports.ghost import lexical, mobiledoc
from qingbo.imports.ghost.cards import Piece
from qingbo.imports.ghost.export_file import Row
from qingbo.imports.ghost.overview import Overview
from qingbo.imports.html.cleaning import with_site
from qingbo.imports.html.conversion import converted
from qingbo.imports.systems.items import EMBEDDED, Body, Entry
from qingbo.imports.systems.origins import digest_of
from qingbo.posts.kinds import ALT_LENGTH, ARTICLE, PAGE, Parts

GHOST_URL = "__GHOST_URL__"
"""Stands for the address of the blog in newer exports."""
UNKNOWN_SITE = "https://ghost.invalid"
"""Stands for the address of the blog while a text is converted, if nobody said it."""

_CONTENTS = ("lexical", "mobiledoc", "html", "markdown")

_READERS: dict[str, Callable[[str], tuple[list[Piece], list[str]]]] = {
    "lexical": lexical.pieces_of,
    "mobiledoc": mobiledoc.pieces_of,
}


def entry_of(row: Row, overview: Overview, site: str) -> Entry:
    """Return the entry of a row of posts.

    Args:
        row: of the table, or of a file of Ghost's migration tools.
        overview: of the file.
        site: the address of the blog, or `UNKNOWN_SITE`.
    """
    url = str(row.get("url") or "")
    row = row.get("data") or row
    number, slug = str(row.get("id") or row.get("slug")), str(row.get("slug") or "")
    key = str(row.get("uuid") or number) if number.isdecimal() else number
    is_page = row.get("type") == "page" or row.get("page") == 1
    date, tags, author = _date(row), _tags(row, number, overview), _author(row, number, overview)
    withheld, others = list(_withheld(row)), _other_authors(number, author, overview)
    cover = _cover(row, overview.meta_of.get(number, {}), site)
    embedded: dict[str, str] = {}
    for name in _CONTENTS:
        text, found = set_aside(str(row.get(name) or ""), EMBEDDED)
        row, embedded = {**row, name: text}, embedded | found
    contents = [row[name] for name in _CONTENTS]
    facts = (row.get("title"), contents, slug, is_page, tags, author, date, withheld, cover, row.get("custom_excerpt"))
    return Entry(
        key, str(row.get("title") or ""), digest_of(facts), lambda: _body(row, site, cover, others, is_page=is_page),
        author=author, is_page=is_page, slug=slug, tags=tags, summary=str(row.get("custom_excerpt") or ""),
        created_at=moment_of(row.get("created_at")), date=None if withheld else date,
        updated_at=moment_of(row.get("updated_at")), withheld=withheld,
        addresses=list(_addresses(row, overview, url, slug, date, is_page=is_page)),
        embedded=embedded,
    )  # fmt: skip


def moment_of(value: Any) -> datetime | None:
    """Return a time in UTC; Ghost writes ISO 8601, or milliseconds in old exports."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1000, UTC)
        moment = datetime.fromisoformat(str(value or ""))
    except (ValueError, OverflowError, OSError):
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _date(row: Row) -> datetime | None:
    return moment_of(row.get("published_at")) or moment_of(row.get("created_at"))


def _withheld(row: Row) -> Iterator[str]:
    status, visibility = str(row.get("status") or "draft"), str(row.get("visibility") or "public")
    if status == "draft":
        yield "it is a draft there"
    elif status == "sent":
        yield "it was only sent by mail"
    elif status not in {"published", "scheduled"}:
        yield f"its status is “{status}”"
    if visibility != "public":
        yield f"not everybody may read it there (visibility {visibility})"
    if status in {"published", "scheduled"} and _date(row) is None:
        yield "it has no date"


def _tags(row: Row, number: str, overview: Overview) -> list[str]:
    nested = [each.get("data") or each for each in row.get("tags") or [] if isinstance(each, dict)]
    linked = [overview.tags.get(tag, {}) for _, tag in sorted(overview.tags_of.get(number, []))]
    names = [str(tag.get("name") or "") for tag in [*linked, *nested]]
    return [name for name in dict.fromkeys(names) if name and not is_internal(name)]


def is_internal(name: str) -> bool:
    """Return whether a tag is one that only authors see."""
    return name.startswith("#")


def _author(row: Row, number: str, overview: Overview) -> str:
    nested = row.get("author")
    if isinstance(nested, dict):
        return str((nested.get("data") or nested).get("id"))
    linked = sorted(overview.authors_of.get(number, []))
    return linked[0][1] if linked else str(row.get("author_id") or next(iter(overview.people), ""))


def _other_authors(number: str, author: str, overview: Overview) -> list[str]:
    keys = [key for _, key in sorted(overview.authors_of.get(number, [])) if key != author]
    people = (overview.people.get(key) for key in keys)
    return [person.display_name or person.name for person in people if person]


def _cover(row: Row, meta: Row, site: str) -> Parts:
    address = str(row.get("feature_image") or row.get("image") or "")
    alt = str(meta.get("feature_image_alt") or row.get("feature_image_alt") or "")[:ALT_LENGTH]
    return Parts(cover=_placed(address, site), cover_alt=alt) if address else Parts()


def _placed(address: str, site: str) -> str:
    address = address.replace(GHOST_URL, site)
    return f"{site.rstrip('/')}{address}" if address.startswith("/") and not address.startswith("//") else address


def _addresses(
    row: Row, overview: Overview, url: str, slug: str, date: datetime | None, *, is_page: bool
) -> Iterator[str]:
    if url:
        yield url
        return
    if not slug:
        return
    if is_page:
        yield f"/{slug}/"
        return
    day = date.astimezone(overview.zone) if date else None
    tag = next((overview.tags.get(tag, {}) for _, tag in sorted(overview.tags_of.get(str(row.get("id")), []))), {})
    author = _author(row, str(row.get("id")), overview)
    name = overview.people[author].name if author in overview.people else ""
    yield from overview.routes.of_post({
        "slug": slug, "id": str(row.get("id")), "uuid": str(row.get("uuid")),
        "primary_tag": str(tag.get("slug") or "all"), "author": name, "primary_author": name,
        **({"year": f"{day:%Y}", "month": f"{day:%m}", "day": f"{day:%d}"} if day else {}),
    })  # fmt: skip


def _body(row: Row, site: str, cover: Parts, others: Sequence[str], *, is_page: bool) -> Body:
    pieces, doubts = _pieces(row)
    if others:
        doubts.append(f"it has one author here; these were left out: {', '.join(others)}")
    texts = []
    for text, is_markdown in _joined(pieces):
        text = text.replace(GHOST_URL, site)
        if is_markdown:
            texts.append(text.strip("\n"))
            continue
        found = converted(with_site(text, site))
        texts.append(found.text)
        doubts += found.doubts
    for name in ("codeinjection_head", "codeinjection_foot"):
        if row.get(name):
            doubts.append("its injected code was left out")
    text = "\n\n".join(filter(None, texts))
    return Body(text, PAGE if is_page else ARTICLE, cover, list(dict.fromkeys(doubts)))


def _pieces(row: Row) -> tuple[list[Piece], list[str]]:
    """Return the pieces of a text from its source, or from its HTML if the source has something unknown."""
    html = str(row.get("html") or "")
    for name, reader in _READERS.items():
        if not row.get(name):
            continue
        try:
            pieces, unknown = reader(str(row[name]))
        except (ValueError, RecursionError):
            if html:
                break
            return [], [f"its text ({name}) cannot be read"]
        if unknown and html:
            break
        return pieces, [f"cards were left out: {', '.join(unknown)}"] if unknown else []
    if not html and row.get("markdown"):
        return [Piece(str(row["markdown"]), is_markdown=True)], []
    return [Piece(html)], []


def _joined(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Yield the pieces, with adjacent HTML as one."""
    html: list[str] = []
    for piece in pieces:
        if not piece.is_markdown:
            html.append(piece.text)
            continue
        if html:
            yield Piece("\n".join(html))
            html = []
        yield piece
    if html:
        yield Piece("\n".join(html))
